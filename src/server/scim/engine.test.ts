import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { enterpriseUrn, userType, userUrn } from './definitions.ts';
import { ScimFault } from './fault.ts';
import { comparisons, type Filter, parseFilter, parsePath } from './filter.ts';
import { resourceFits } from './matching.ts';
import { patched, patchUrn, readPatch } from './patch.ts';
import { readResource } from './reading.ts';
import type { Resource } from './schema.ts';
import { everything, show } from './showing.ts';

const hanako: Resource = {
  id: '0190',
  userName: 'Hanako@Example.com',
  externalId: 'Directory-7',
  name: { givenName: 'Hanako', familyName: 'Example' },
  title: 'Clerk',
  active: true,
  emails: [
    { value: 'hanako@example.com', type: 'work', primary: true },
    { value: 'hana@example.org', type: 'home' },
  ],
  [enterpriseUrn]: { department: 'Accounts', manager: { value: '0001', $ref: '/Users/0001' } },
  meta: {
    resourceType: 'User',
    created: '2026-01-05T00:00:00Z',
    lastModified: '2026-03-01T09:00:00Z',
  },
};

const faultOf = (act: () => unknown): string => {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof ScimFault) return `${thrown.status} ${thrown.scimType}`;
    throw thrown;
  }
  return 'none';
};

describe('a filter', () => {
  test.each([
    ['userName eq "hanako@EXAMPLE.com"', true],
    ['USERNAME Eq "hanako@example.com"', true],
    [`${userUrn}:userName sw "hana"`, true],
    ['externalId eq "directory-7"', false],
    ['externalId eq "Directory-7"', true],
    ['userName ne "hanako@example.com"', false],
    ['nickName ne "Hana"', true],
    ['name.familyName co "amp"', true],
    ['name.familyName ew "PLE"', true],
    ['title pr', true],
    ['nickName pr', false],
    ['nickName eq null', true],
    ['name pr and not (nickName pr)', true],
    ['title eq "Boss" or title eq "Clerk" and active eq false', false],
    ['(title eq "Boss" or title eq "Clerk") and active eq true', true],
    ['active eq "True"', true],
    ['emails co "example.org"', true],
    ['emails.type eq "home"', true],
    ['emails[type eq "work" and value ew ".org"]', false],
    ['emails[type eq "home" and value ew ".org"]', true],
    ['emails[type eq "work"].value eq "HANAKO@example.com"', true],
    ['emails[not (type eq "work")] and title gt "Boss"', true],
    ['meta.lastModified gt "2026-03-01T00:00:00Z"', true],
    ['meta.lastModified le "2026-03-01T18:00:00+09:00"', true],
    ['meta.lastModified lt "2026-03-01T18:00:00+09:00"', false],
    [`${enterpriseUrn}:department eq "accounts"`, true],
    [`${enterpriseUrn}:manager.value eq "0001"`, true],
    [`${enterpriseUrn}:manager eq "0001"`, true],
    ['title eq "Cl\\u0065rk"', true],
    ['userName eq 7', false],
  ])('%s is %s', (text, fits) => {
    expect(resourceFits(userType, parseFilter(text))(hanako)).toBe(fits);
  });

  test.each([
    'userName',
    'userName eq',
    'userName is "x"',
    'userName eq x',
    'userName eq "x" and',
    '(userName eq "x"',
    'not userName eq "x"',
    'emails[type eq "work"',
    'userName eq "x" title pr',
    'nothing eq "x"',
    'name eq "x"',
    'password eq "x"',
    'active gt true',
    'emails[nothing eq "x"]',
    'meta.created gt "yesterday"',
    'title gt null',
    `${'('.repeat(200)}title pr${')'.repeat(200)}`,
  ])('%s is refused', (text) => {
    expect(faultOf(() => resourceFits(userType, parseFilter(text)))).toBe('400 invalidFilter');
  });

  test('written down and read again is the same', () => {
    const path = fc.constantFrom('userName', 'name.givenName', `${enterpriseUrn}:department`);
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const leaf = fc.oneof(
      fc.record({ is: fc.constant('present' as const), path }),
      fc.record({
        is: fc.constant('compared' as const),
        path,
        by: fc.constantFrom(...comparisons),
        to: value,
      }),
    );
    const { tree } = fc.letrec<{ tree: Filter }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.record({ is: fc.constantFrom('and', 'or'), left: tie('tree'), right: tie('tree') }),
        fc.record({ is: fc.constant('not'), of: tie('tree') }),
        fc.record({ is: fc.constant('some'), path: fc.constant('emails'), fits: tie('tree') }),
      ) as fc.Arbitrary<Filter>,
    }));
    fc.assert(
      fc.property(tree, (filter) => {
        expect(parseFilter(written(filter))).toEqual(filter);
      }),
    );
  });

  test('whatever it says, ends in a filter or a fault', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(['none', '400 invalidFilter']).toContain(faultOf(() => parseFilter(text)));
        expect(['none', '400 invalidPath', '400 invalidFilter']).toContain(
          faultOf(() => parsePath(text)),
        );
      }),
    );
  });
});

function written(filter: Filter): string {
  switch (filter.is) {
    case 'present':
      return `${filter.path} pr`;
    case 'compared':
      return `${filter.path} ${filter.by} ${JSON.stringify(filter.to)}`;
    case 'not':
      return `not (${written(filter.of)})`;
    case 'some':
      return `${filter.path}[${written(filter.fits)}]`;
    default:
      return `(${written(filter.left)}) ${filter.is} (${written(filter.right)})`;
  }
}

const afterwards = (...operations: object[]): Resource =>
  patched(userType, hanako, readPatch({ schemas: [patchUrn], Operations: operations }));

describe('a PATCH', () => {
  test.each([
    ['a simple value', { op: 'Replace', path: 'title', value: 'Head' }, { title: 'Head' }],
    ['without a path', { op: 'replace', value: { TITLE: 'Head' } }, { title: 'Head' }],
    ['a boolean as text', { op: 'Replace', path: 'active', value: 'False' }, { active: false }],
    [
      'a part',
      { op: 'add', path: 'name.middleName', value: 'M' },
      { name: { givenName: 'Hanako', familyName: 'Example', middleName: 'M' } },
    ],
    [
      'a part of what fits',
      { op: 'replace', path: 'emails[type eq "home"].value', value: 'h@example.com' },
      {
        emails: [
          { value: 'hanako@example.com', type: 'work', primary: true },
          { value: 'h@example.com', type: 'home' },
        ],
      },
    ],
    [
      'a value that is primary from now on',
      { op: 'add', path: 'emails', value: [{ value: 'n@example.com', primary: true }] },
      {
        emails: [
          { value: 'hanako@example.com', type: 'work', primary: false },
          { value: 'hana@example.org', type: 'home' },
          { value: 'n@example.com', primary: true },
        ],
      },
    ],
    [
      'what is there already',
      { op: 'add', path: 'emails', value: { value: 'hana@example.org', type: 'home' } },
      { emails: hanako['emails'] },
    ],
    [
      'what fits nothing yet, as Entra adds it',
      { op: 'Add', path: 'phoneNumbers[type eq "work"].value', value: '+81 3' },
      { phoneNumbers: [{ type: 'work', value: '+81 3' }] },
    ],
    [
      'names that are paths, as Entra writes them',
      {
        op: 'Add',
        value: { 'name.givenName': 'Hana', [`${enterpriseUrn}:department`]: 'Sales' },
      },
      {
        name: { givenName: 'Hana', familyName: 'Example' },
        [enterpriseUrn]: {
          department: 'Sales',
          manager: { value: '0001', $ref: '/Users/0001' },
        },
      },
    ],
    [
      'a manager by the id alone',
      { op: 'Replace', path: `${enterpriseUrn}:manager`, value: '0002' },
      { [enterpriseUrn]: { department: 'Accounts', manager: { value: '0002' } } },
    ],
    [
      'an id that comes along',
      { op: 'replace', value: { id: 'other', title: 'Head' } },
      { id: '0190', title: 'Head' },
    ],
    ['a null', { op: 'replace', path: 'title', value: null }, { title: undefined }],
    ['a removal', { op: 'Remove', path: 'name.givenName' }, { name: { familyName: 'Example' } }],
    [
      'a removal of what fits',
      { op: 'remove', path: 'emails[type eq "work"]' },
      { emails: [{ value: 'hana@example.org', type: 'home' }] },
    ],
    [
      'a removal of values by themselves',
      { op: 'remove', path: 'emails', value: [{ value: 'hana@example.org', type: 'home' }] },
      { emails: [{ value: 'hanako@example.com', type: 'work', primary: true }] },
    ],
    ['an extension whole', { op: 'remove', path: enterpriseUrn }, { [enterpriseUrn]: undefined }],
  ])('changes %s', (_, operation, wanted) => {
    const next = afterwards(operation);
    for (const [name, value] of Object.entries(wanted)) expect(next[name]).toEqual(value);
    expect(hanako['title']).toBe('Clerk');
  });

  test.each([
    ['remove without a path', { op: 'remove' }, '400 noTarget'],
    [
      'nothing fits',
      { op: 'replace', path: 'emails[type eq "x"].value', value: 'a' },
      '400 noTarget',
    ],
    ['nothing to remove', { op: 'remove', path: 'emails[type eq "x"]' }, '400 noTarget'],
    ['unknown', { op: 'add', path: 'shoeSize', value: 40 }, '400 invalidPath'],
    ['unreadable', { op: 'add', path: 'emails[', value: 'a' }, '400 invalidPath'],
    [
      'brackets on one value',
      { op: 'add', path: 'title[value eq "x"]', value: 'a' },
      '400 invalidPath',
    ],
    ['read only', { op: 'replace', path: 'id', value: 'x' }, '400 mutability'],
    ['read only, in part', { op: 'replace', path: 'meta.created', value: 'x' }, '400 mutability'],
    ['groups', { op: 'add', path: 'groups', value: [{ value: 'x' }] }, '400 mutability'],
    ['required', { op: 'remove', path: 'userName' }, '400 mutability'],
    ['of another type', { op: 'replace', path: 'active', value: 'perhaps' }, '400 invalidValue'],
    ['of another shape', { op: 'replace', path: 'title', value: { a: 1 } }, '400 invalidValue'],
    ['no operation', { op: 'move', path: 'title', value: 'x' }, '400 invalidSyntax'],
    ['no value', { op: 'add', path: 'title' }, '400 invalidValue'],
  ])('is refused: %s', (_, operation, fault) => {
    expect(faultOf(() => afterwards(operation))).toBe(fault);
  });

  test('whose last operation fails changes nothing', () => {
    const before = structuredClone(hanako);
    const operations = [
      { op: 'replace', path: 'name.givenName', value: 'X' },
      { op: 'remove', path: 'userName' },
    ];
    expect(faultOf(() => afterwards(...operations))).toBe('400 mutability');
    expect(hanako).toEqual(before);
  });
});

describe('a resource', () => {
  const given = { schemas: [userUrn], userName: 'x' };

  test('is read with names as the schema has them, without what is not the client’s', () => {
    const read = readResource(userType, {
      ...given,
      USERNAME: 'y',
      id: 'mine',
      Active: 'True',
      shoeSize: 40,
      emails: [],
      nickName: null,
      [enterpriseUrn.toUpperCase()]: { Department: 'Sales' },
    });
    expect(read).toEqual({
      userName: 'y',
      active: true,
      [enterpriseUrn]: { department: 'Sales' },
    });
  });

  test.each([
    [{ userName: 'x' }, '400 invalidSyntax'],
    [{ ...given, schemas: ['urn:other'] }, '400 invalidSyntax'],
    [{ schemas: [userUrn] }, '400 invalidValue'],
    [{ ...given, userName: ' ' }, '400 invalidValue'],
    [{ ...given, userName: 7 }, '400 invalidValue'],
    [{ ...given, emails: 'x@example.com' }, '400 invalidValue'],
    [
      {
        ...given,
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: true },
        ],
      },
      '400 invalidValue',
    ],
    [[], '400 invalidSyntax'],
  ])('%j is refused', (body, fault) => {
    expect(faultOf(() => readResource(userType, body))).toBe(fault);
  });

  test('is shown as asked for, and id always', () => {
    const shown = (attributes: string[] | null, excluded: string[] = []) =>
      show(userType, hanako, { attributes, excluded });
    const schemas = [userUrn, enterpriseUrn];
    expect(shown(['NAME.givenname', 'emails.value'])).toEqual({
      schemas,
      id: '0190',
      name: { givenName: 'Hanako' },
      emails: [{ value: 'hanako@example.com' }, { value: 'hana@example.org' }],
    });
    expect(shown([`${enterpriseUrn}:department`])).toEqual({
      schemas,
      id: '0190',
      [enterpriseUrn]: { department: 'Accounts' },
    });
    const rest = shown(null, ['emails', 'id', 'name.familyName', enterpriseUrn]);
    expect(rest).toMatchObject({ id: '0190', name: { givenName: 'Hanako' } });
    expect(rest).not.toHaveProperty('emails');
    expect(rest).not.toHaveProperty([enterpriseUrn]);
    expect(show(userType, { ...hanako, password: 'x' }, everything)).not.toHaveProperty('password');
  });
});
