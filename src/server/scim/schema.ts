/** Attributes as RFC 7643, section 7, describes them; absent means the default of section 2.2. */
export interface Attribute {
  readonly name: string;
  readonly type: AttributeType;
  readonly description: string;
  readonly multiValued?: boolean;
  readonly required?: boolean;
  readonly caseExact?: boolean;
  readonly mutability?: 'readOnly' | 'immutable' | 'writeOnly';
  readonly returned?: 'always' | 'never' | 'request';
  readonly uniqueness?: 'server';
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly Attribute[];
}

export type AttributeType =
  | 'string'
  | 'boolean'
  | 'decimal'
  | 'integer'
  | 'dateTime'
  | 'binary'
  | 'reference'
  | 'complex';

export interface Schema {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
}

/** A kind of resource: its endpoint, its own schema, and those that extend it. */
export interface ResourceType {
  readonly name: 'User' | 'Group';
  readonly endpoint: '/Users' | '/Groups';
  readonly description: string;
  readonly schema: Schema;
  readonly extensions: readonly Schema[];
}

/** What every resource has besides the attributes of its schemas (RFC 7643, section 3.1). */
export const attributesOfAll: readonly Attribute[] = [
  {
    name: 'schemas',
    type: 'reference',
    description: 'Schemas of the resource',
    multiValued: true,
    required: true,
    caseExact: true,
    returned: 'always',
    referenceTypes: ['uri'],
  },
  {
    name: 'id',
    type: 'string',
    description: 'Identifier given by Kept',
    caseExact: true,
    mutability: 'readOnly',
    returned: 'always',
    uniqueness: 'server',
  },
  {
    name: 'externalId',
    type: 'string',
    description: 'Identifier given by the client',
    caseExact: true,
  },
  {
    name: 'meta',
    type: 'complex',
    description: 'About the resource',
    mutability: 'readOnly',
    subAttributes: [
      readOnly('resourceType', 'string', true),
      readOnly('created', 'dateTime', false),
      readOnly('lastModified', 'dateTime', false),
      { ...readOnly('location', 'reference', true), referenceTypes: ['uri'] },
      readOnly('version', 'string', true),
    ],
  },
];

function readOnly(name: string, type: AttributeType, caseExact: boolean): Attribute {
  return { name, type, description: name, caseExact, mutability: 'readOnly' };
}

/** Every attribute of a resource type that stands at its top: common ones and its own. */
export function topAttributes(type: ResourceType): readonly Attribute[] {
  return [...attributesOfAll, ...type.schema.attributes];
}

/** Names of attributes are compared without regard to case (RFC 7643, section 2.1). */
export function findAttribute(
  attributes: readonly Attribute[] | undefined,
  name: string,
): Attribute | undefined {
  const wanted = name.toLowerCase();
  return attributes?.find((attribute) => attribute.name.toLowerCase() === wanted);
}

/** Where in a resource an attribute stands. `urn` is null for what stands at the top. */
export interface Place {
  readonly urn: string | null;
  readonly attribute: Attribute;
  readonly sub: Attribute | null;
}

/** An extension as a whole: the target of `PATCH` with nothing but a schema's URN for its path. */
export interface WholeExtension {
  readonly extension: Schema;
}

/**
 * Finds what a path names: `userName`, `name.givenName`, with or without the URN of its schema.
 *
 * @returns null where the resource type has no such attribute
 */
export function placeOf(type: ResourceType, path: string): Place | WholeExtension | null {
  const lower = path.toLowerCase();
  for (const extension of type.extensions) {
    const urn = extension.id.toLowerCase();
    if (lower === urn) return { extension };
    if (lower.startsWith(`${urn}:`)) {
      return within(extension.id, extension.attributes, path.slice(urn.length + 1));
    }
  }
  const own = `${type.schema.id.toLowerCase()}:`;
  const short = lower.startsWith(own) ? path.slice(own.length) : path;
  return within(null, topAttributes(type), short);
}

function within(urn: string | null, attributes: readonly Attribute[], path: string): Place | null {
  const [name = '', subName, ...more] = path.split('.');
  const attribute = findAttribute(attributes, name);
  if (!attribute || more.length > 0) return null;
  if (subName === undefined) return { urn, attribute, sub: null };
  const sub = findAttribute(attribute.subAttributes, subName);
  return sub ? { urn, attribute, sub } : null;
}

export type JsonValue = string | number | boolean | null | JsonValue[] | Resource;
/** A resource, or a complex value in one: attributes by their names as the schema spells them. */
export interface Resource {
  [name: string]: JsonValue | undefined;
}

export function isComplex(value: JsonValue | undefined): value is Resource {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Null, an empty array and an empty complex value are the same as no value (RFC 7643, section 2.5). */
export function isUnassigned(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isComplex(value) && Object.values(value).every(isUnassigned);
}
