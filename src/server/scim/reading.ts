import { bad } from './fault.ts';
import {
  type Attribute,
  findAttribute,
  isComplex,
  isUnassigned,
  type JsonValue,
  type Resource,
  type ResourceType,
  topAttributes,
} from './schema.ts';

/**
 * Reads a resource that a client sends (POST, PUT): names as the schema spells them, values of their
 * types, without what only Kept may say and what no schema knows (RFC 7643, sections 2.2 and 2.3).
 *
 * @throws ScimFault invalidSyntax, invalidValue
 */
export function readResource(type: ResourceType, body: unknown): Resource {
  if (!isComplex(body as JsonValue)) throw bad('invalidSyntax', 'the body is no JSON object');
  const given = body as Resource;
  checkSchemas(type, fieldOf(given, 'schemas'));
  const resource: Resource = {};
  const top = topAttributes(type);
  for (const [name, value] of Object.entries(given)) {
    const extension = type.extensions.find(({ id }) => id.toLowerCase() === name.toLowerCase());
    if (extension) {
      if (isUnassigned(value)) continue;
      if (!isComplex(value)) throw bad('invalidValue', `"${name}" is no JSON object`);
      const parts = readParts(extension.attributes, value);
      if (Object.keys(parts).length > 0) resource[extension.id] = parts;
      continue;
    }
    const attribute = findAttribute(top, name);
    if (!attribute || attribute.name === 'schemas') continue;
    const read = readAttribute(attribute, value);
    if (read !== undefined) resource[attribute.name] = read;
  }
  requireAll(type, resource);
  return resource;
}

/** `schemas` names at least the schema of the resource itself (RFC 7643, section 3). */
function checkSchemas(type: ResourceType, schemas: JsonValue | undefined): void {
  if (!Array.isArray(schemas) || schemas.some((urn) => typeof urn !== 'string'))
    throw bad('invalidSyntax', '"schemas" is a list of URNs, and required');
  const wanted = type.schema.id.toLowerCase();
  if (!schemas.some((urn) => String(urn).toLowerCase() === wanted))
    throw bad('invalidSyntax', `"schemas" does not name ${type.schema.id}`);
}

/** A field of a message, whatever the case of its name. */
export function fieldOf(message: Resource, name: string): JsonValue | undefined {
  const wanted = name.toLowerCase();
  const key = Object.keys(message).find((each) => each.toLowerCase() === wanted);
  return key === undefined ? undefined : message[key];
}

/** @throws ScimFault invalidValue where a required attribute has no value */
export function requireAll(type: ResourceType, resource: Resource): void {
  for (const attribute of type.schema.attributes) {
    if (!attribute.required) continue;
    const value = resource[attribute.name];
    if (isUnassigned(value) || (typeof value === 'string' && value.trim() === ''))
      throw bad('invalidValue', `"${attribute.name}" is required`);
  }
}

/**
 * Reads the value of an attribute; undefined where it is unassigned or not the client's to say.
 *
 * @throws ScimFault invalidValue
 */
export function readAttribute(
  attribute: Attribute,
  value: JsonValue | undefined,
): JsonValue | undefined {
  if (attribute.mutability === 'readOnly' || isUnassigned(value)) return undefined;
  if (!attribute.multiValued) {
    const read = readValue(attribute, value as JsonValue);
    return isUnassigned(read) ? undefined : read;
  }
  if (!Array.isArray(value)) throw bad('invalidValue', `"${attribute.name}" is a list`);
  const read = value
    .filter((each) => !isUnassigned(each))
    .map((each) => readValue(attribute, each))
    .filter((each) => !isUnassigned(each));
  onePrimary(attribute, read);
  return read.length === 0 ? undefined : read;
}

/** At most one value is primary (RFC 7643, section 2.4). */
function onePrimary({ name }: Attribute, values: readonly JsonValue[]): void {
  const primaries = values.filter((each) => isComplex(each) && each['primary'] === true);
  if (primaries.length > 1)
    throw bad('invalidValue', `more than one value of "${name}" is primary`);
}

/** Reads one value: of a list, or the only one. */
export function readValue(attribute: Attribute, value: JsonValue): JsonValue {
  const { name, type, subAttributes = [] } = attribute;
  const unfit = () => bad('invalidValue', `"${name}" is not ${type}`);
  switch (type) {
    case 'complex': {
      if (isComplex(value)) return readParts(subAttributes, value);
      // A bare value of what has a `value`: a manager's id, a member's.
      const only = findAttribute(subAttributes, 'value');
      if (only && typeof value === 'string') return { value: readValue(only, value) };
      throw unfit();
    }
    case 'boolean': {
      // Entra writes "True" and "False".
      const text = typeof value === 'string' ? value.toLowerCase() : value;
      if (text === true || text === 'true') return true;
      if (text === false || text === 'false') return false;
      throw unfit();
    }
    case 'integer':
    case 'decimal':
      if (typeof value !== 'number' || (type === 'integer' && !Number.isInteger(value)))
        throw unfit();
      return value;
    case 'binary':
      if (typeof value !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}\s*$/.test(value)) throw unfit();
      return value;
    default:
      if (typeof value !== 'string') throw unfit();
      // PostgreSQL keeps no NUL in text, and nobody means one.
      if (value.includes('\u0000'))
        throw bad('invalidValue', `"${name}" has a character of code 0`);
      return value;
  }
}

function readParts(attributes: readonly Attribute[], value: Resource): Resource {
  const parts: Resource = {};
  for (const [name, each] of Object.entries(value)) {
    const attribute = findAttribute(attributes, name);
    const read = attribute && readAttribute(attribute, each);
    if (attribute && read !== undefined) parts[attribute.name] = read;
  }
  return parts;
}
