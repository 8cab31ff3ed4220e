import type { Attribute, ResourceType, Schema } from './schema.ts';

/** Users and Groups as RFC 7643, sections 4 and 8.7.1, define them, and what Kept makes of them. */

export const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';

const text = (name: string, description: string, more: Partial<Attribute> = {}): Attribute => ({
  name,
  type: 'string',
  description,
  ...more,
});

const complex = (
  name: string,
  description: string,
  subAttributes: readonly Attribute[],
  more: Partial<Attribute> = {},
): Attribute => ({ name, type: 'complex', description, subAttributes, ...more });

const primary: Attribute = {
  name: 'primary',
  type: 'boolean',
  description: 'Whether this is the preferred value; at most one is.',
};

/** Several values of a kind, each with a type, a display name, and perhaps preferred. */
function many(
  name: string,
  description: string,
  value: Partial<Attribute> = {},
  types: readonly string[] = [],
): Attribute {
  return complex(
    name,
    description,
    [
      text('value', `${description} The value itself.`, value),
      text('display', 'A name of the value for people.'),
      text('type', 'What the value is for.', types.length > 0 ? { canonicalValues: types } : {}),
      primary,
    ],
    { multiValued: true },
  );
}

const reference = (referenceTypes: readonly string[]): Partial<Attribute> => ({
  type: 'reference',
  caseExact: true,
  referenceTypes,
});

const user: Schema = {
  id: userUrn,
  name: 'User',
  description: 'A person in the register of people.',
  attributes: [
    text('userName', 'Name by which the client knows the person; unique, whatever its case.', {
      required: true,
      uniqueness: 'server',
    }),
    complex('name', 'The parts of the person’s name.', [
      text('formatted', 'The whole name.'),
      text('familyName', 'Family name.'),
      text('givenName', 'Given name.'),
      text('middleName', 'Middle names.'),
      text('honorificPrefix', 'Title before the name.'),
      text('honorificSuffix', 'Suffix after the name.'),
    ]),
    text('displayName', 'Name of the person as people see it.'),
    text('nickName', 'How the person is called.'),
    {
      name: 'profileUrl',
      description: 'Page about the person.',
      ...reference(['external']),
    } as Attribute,
    text('title', 'Position in the organisation.'),
    text('userType', 'Relation to the organisation.'),
    text('preferredLanguage', 'Language the person prefers; Japanese is spoken to in Japanese.'),
    text('locale', 'Locale for dates, numbers and currencies.'),
    text('timezone', 'Time zone, as IANA names it.'),
    {
      name: 'active',
      type: 'boolean',
      description: 'Whether the person may enter. False ends their access at once, or suspends it.',
    },
    text('password', 'Never stored: nobody signs in to Kept with it.', {
      mutability: 'writeOnly',
      returned: 'never',
      caseExact: true,
    }),
    many('emails', 'E-mail addresses.', {}, ['work', 'home', 'other']),
    many('phoneNumbers', 'Telephone numbers.', {}, [
      'work',
      'home',
      'mobile',
      'fax',
      'pager',
      'other',
    ]),
    many('ims', 'Addresses for instant messages.'),
    many('photos', 'Pictures of the person.', reference(['external']), ['photo', 'thumbnail']),
    complex(
      'addresses',
      'Postal addresses.',
      [
        text('formatted', 'The whole address.'),
        text('streetAddress', 'Street and number.'),
        text('locality', 'City.'),
        text('region', 'State or region.'),
        text('postalCode', 'Postal code.'),
        text('country', 'Country, by ISO 3166-1 alpha-2.'),
        text('type', 'What the address is for.', { canonicalValues: ['work', 'home', 'other'] }),
        primary,
      ],
      { multiValued: true },
    ),
    complex(
      'groups',
      'Groups the person is a member of; changed through the groups.',
      [
        text('value', 'Identifier of the group.', { mutability: 'readOnly', caseExact: true }),
        {
          name: '$ref',
          description: 'Address of the group.',
          mutability: 'readOnly',
          ...reference(['Group']),
        } as Attribute,
        text('display', 'Name of the group.', { mutability: 'readOnly' }),
        text('type', 'How the person is a member.', {
          mutability: 'readOnly',
          canonicalValues: ['direct'],
        }),
      ],
      { multiValued: true, mutability: 'readOnly' },
    ),
    many('entitlements', 'Entitlements elsewhere; kept, and of no effect in Kept.'),
    many('roles', 'Roles elsewhere; kept, and of no effect in Kept.'),
    many('x509Certificates', 'Certificates.', { type: 'binary', caseExact: true }),
  ],
};

const enterprise: Schema = {
  id: enterpriseUrn,
  name: 'EnterpriseUser',
  description: 'The person’s place in the organisation.',
  attributes: [
    text('employeeNumber', 'Number of the person in the organisation.'),
    text('costCenter', 'Cost centre.'),
    text('organization', 'Organisation.'),
    text('division', 'Division.'),
    text('department', 'Department.'),
    complex('manager', 'The person’s manager.', [
      text('value', 'Identifier of the manager.', { caseExact: true }),
      { name: '$ref', description: 'Address of the manager.', ...reference(['User']) } as Attribute,
      text('displayName', 'Name of the manager.', { mutability: 'readOnly' }),
    ]),
  ],
};

const group: Schema = {
  id: groupUrn,
  name: 'Group',
  description: 'A group of people; a setting in Kept may give its members a role.',
  attributes: [
    text('displayName', 'Name of the group; unique, whatever its case.', {
      required: true,
      uniqueness: 'server',
    }),
    complex(
      'members',
      'People in the group.',
      [
        text('value', 'Identifier of the member.', { mutability: 'immutable', caseExact: true }),
        {
          name: '$ref',
          description: 'Address of the member.',
          mutability: 'immutable',
          ...reference(['User']),
        } as Attribute,
        // Asked for by name only: a group of thousands costs a look at each of them.
        text('display', 'Name of the member.', { mutability: 'readOnly', returned: 'request' }),
        text('type', 'Kind of member.', { mutability: 'immutable', canonicalValues: ['User'] }),
      ],
      { multiValued: true },
    ),
  ],
};

export const userType: ResourceType = {
  name: 'User',
  endpoint: '/Users',
  description: 'People',
  schema: user,
  extensions: [enterprise],
};

export const groupType: ResourceType = {
  name: 'Group',
  endpoint: '/Groups',
  description: 'Groups',
  schema: group,
  extensions: [],
};

export const resourceTypes: readonly ResourceType[] = [userType, groupType];
export const schemas: readonly Schema[] = [user, group, enterprise];
