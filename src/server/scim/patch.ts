import { bad } from './fault.ts';
import { type PatchPath, parsePath } from './filter.ts';
import { valueFits } from './matching.ts';
import { impliedBy, markPrimary, sameValue } from './patch.values.ts';
import { fieldOf, readAttribute, readValue, requireAll } from './reading.ts';
import {
  type Attribute,
  findAttribute,
  isComplex,
  isUnassigned,
  type JsonValue,
  type Place,
  placeOf,
  type Resource,
  type ResourceType,
  type Schema,
} from './schema.ts';

export const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

export interface Operation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string | null;
  readonly value: JsonValue | undefined;
}

const operationLimit = 1_000;

/**
 * Reads the message of a PATCH (RFC 7644, section 3.5.2). `Add` and `add` are one; so are `Path`
 * and `path`.
 *
 * @throws ScimFault invalidSyntax, invalidValue
 */
export function readPatch(body: unknown): readonly Operation[] {
  const message = body as JsonValue;
  if (!isComplex(message)) throw bad('invalidSyntax', 'the body is no JSON object');
  const schemas = fieldOf(message, 'schemas');
  const named = Array.isArray(schemas) && schemas.some((urn) => same(urn, patchUrn));
  if (!named) throw bad('invalidSyntax', `"schemas" does not name ${patchUrn}`);
  const operations = fieldOf(message, 'Operations');
  if (!Array.isArray(operations) || operations.length === 0)
    throw bad('invalidSyntax', '"Operations" is a list of at least one operation');
  if (operations.length > operationLimit)
    throw bad('invalidValue', `more than ${operationLimit} operations`);
  return operations.map(readOperation);
}

function readOperation(operation: JsonValue): Operation {
  if (!isComplex(operation)) throw bad('invalidSyntax', 'an operation is no JSON object');
  const op = String(fieldOf(operation, 'op') ?? '').toLowerCase();
  if (op !== 'add' && op !== 'replace' && op !== 'remove')
    throw bad('invalidSyntax', `"${op}" is no operation: add, replace and remove are`);
  const path = fieldOf(operation, 'path') ?? null;
  if (path !== null && typeof path !== 'string') throw bad('invalidPath', 'a path is text');
  const value = fieldOf(operation, 'value');
  if (op !== 'remove' && value === undefined) throw bad('invalidValue', `"${op}" has no value`);
  return { op, path: path === '' ? null : path, value };
}

/**
 * A resource as it is after all operations; the one given stays as it was, and where an operation
 * fails none was done.
 *
 * @throws ScimFault
 */
export function patched(
  type: ResourceType,
  resource: Resource,
  operations: readonly Operation[],
): Resource {
  const next = structuredClone(resource);
  for (const operation of operations) apply(type, next, operation);
  requireAll(type, next);
  return next;
}

function apply(type: ResourceType, resource: Resource, operation: Operation): void {
  const { op, path, value } = operation;
  if (path !== null) {
    applyAt(type, resource, op, parsePath(path), value);
    return;
  }
  if (op === 'remove') throw bad('noTarget', '"remove" has no path');
  if (!isComplex(value)) throw bad('invalidValue', `"${op}" without a path takes a JSON object`);
  for (const [name, each] of Object.entries(value)) applyMember(type, resource, op, name, each);
}

/**
 * One member of the value of an operation without a path. Entra writes paths for names here:
 * `name.givenName`, `emails[type eq "work"].value`, `urn:…:User:department`.
 */
function applyMember(
  type: ResourceType,
  resource: Resource,
  op: 'add' | 'replace',
  name: string,
  value: JsonValue | undefined,
): void {
  const parsed = parsePath(name);
  const place = placeOf(type, parsed.path);
  // What no schema knows, and what is Kept's to say, comes along with the rest and is passed over.
  if (!place) return;
  if (!('extension' in place)) {
    if (place.attribute.name === 'schemas') return;
    if (place.attribute.mutability === 'readOnly') return;
  }
  applyAt(type, resource, op, parsed, value);
}

function applyAt(
  type: ResourceType,
  resource: Resource,
  op: Operation['op'],
  parsed: PatchPath,
  value: JsonValue | undefined,
): void {
  const place = placeOf(type, parsed.path);
  if (!place) throw bad('invalidPath', `${type.name} has no attribute "${parsed.path}"`);
  if ('extension' in place) {
    applyExtension(resource, op, place.extension, value);
    return;
  }
  if (place.attribute.name === 'schemas') return;
  const target = targetOf(place, parsed);
  const holder = holderOf(resource, place.urn);
  if (op === 'remove') removeAt(target, holder, value);
  else if (!isUnassigned(value)) assignAt(target, holder, op, value as JsonValue);
  // To replace by nothing is to remove; to add nothing is nothing.
  else if (op === 'replace') removeAt(target, holder, undefined);
  if (place.urn !== null && isUnassigned(holder)) delete resource[place.urn];
}

interface Target {
  readonly attribute: Attribute;
  readonly fits: ((value: JsonValue) => boolean) | null;
  readonly parsed: PatchPath;
  readonly sub: Attribute | null;
}

function targetOf(place: Place, parsed: PatchPath): Target {
  const { attribute } = place;
  let { sub } = place;
  if (parsed.fits) {
    if (!attribute.multiValued || sub)
      throw bad('invalidPath', `"${parsed.path}" has one value: there is nothing to choose`);
    if (parsed.sub !== null) {
      sub = findAttribute(attribute.subAttributes, parsed.sub) ?? null;
      if (!sub) throw bad('invalidPath', `"${attribute.name}" has no part "${parsed.sub}"`);
    }
  }
  for (const each of [attribute, sub]) {
    if (each?.mutability === 'readOnly')
      throw bad('mutability', `"${each.name}" is not the client's to change`);
  }
  const fits = parsed.fits && valueFits(attribute, parsed.fits);
  return { attribute, fits, parsed, sub };
}

function holderOf(resource: Resource, urn: string | null): Resource {
  if (urn === null) return resource;
  const there = resource[urn];
  if (isComplex(there)) return there;
  const made: Resource = {};
  resource[urn] = made;
  return made;
}

function applyExtension(
  resource: Resource,
  op: Operation['op'],
  extension: Schema,
  value: JsonValue | undefined,
): void {
  if (op === 'remove' || (op === 'replace' && isUnassigned(value))) {
    delete resource[extension.id];
    return;
  }
  if (!isComplex(value)) throw bad('invalidValue', `"${extension.id}" takes a JSON object`);
  const holder = holderOf(resource, extension.id);
  for (const [name, each] of Object.entries(value)) {
    const attribute = findAttribute(extension.attributes, name);
    if (!attribute) continue;
    const parsed = { path: name, fits: null, sub: null };
    const target: Target = { attribute, fits: null, parsed, sub: null };
    if (isUnassigned(each)) delete holder[attribute.name];
    else assignAt(target, holder, op, each as JsonValue);
  }
}

function assignAt(target: Target, holder: Resource, op: 'add' | 'replace', value: JsonValue): void {
  const { attribute, fits, sub } = target;
  if (fits) {
    assignChosen(target, holder, op, value);
    return;
  }
  if (!attribute.multiValued) {
    assignSingle(target, holder, op, value);
    return;
  }
  if (sub) {
    // A part of every value there is; where there is none, of a first one.
    const values = listAt(holder, attribute);
    const read = readAttribute(sub, value);
    if (values.length === 0) values.push({});
    for (const each of values) if (isComplex(each) && read !== undefined) each[sub.name] = read;
    holder[attribute.name] = values;
    return;
  }
  const given = Array.isArray(value) ? value : [value];
  const read = readAttribute(attribute, given);
  const news = Array.isArray(read) ? read : [];
  if (op === 'replace') {
    holder[attribute.name] = news;
    return;
  }
  const values = listAt(holder, attribute);
  const added = news.filter((each) => !values.some((there) => sameValue(attribute, there, each)));
  for (const each of added) if (isComplex(each)) markPrimary(values, each);
  holder[attribute.name] = [...values, ...added];
}

function assignSingle(
  { attribute, sub }: Target,
  holder: Resource,
  op: 'add' | 'replace',
  value: JsonValue,
): void {
  // Entra has sent a manager as a list of one.
  const only = Array.isArray(value) && value.length === 1 ? (value[0] as JsonValue) : value;
  const there = holder[attribute.name];
  if (sub) {
    const read = readAttribute(sub, only);
    const parts: Resource = isComplex(there) ? there : {};
    if (read === undefined) delete parts[sub.name];
    else parts[sub.name] = read;
    holder[attribute.name] = parts;
    return;
  }
  const read = readValue(attribute, only);
  // A complex value is added to and replaced by its parts: those not named stay as they were
  // (RFC 7644, section 3.5.2.3).
  const parts = isComplex(read) && isComplex(there) && namesSome(attribute, op, read, there);
  holder[attribute.name] = parts ? { ...there, ...(read as Resource) } : read;
}

/** What points elsewhere is replaced as a whole: another manager's id with the old one's address would lie. */
function namesSome(attribute: Attribute, op: string, read: Resource, there: Resource): boolean {
  const points = findAttribute(attribute.subAttributes, '$ref') !== undefined;
  return !(points && (op === 'replace' || read['value'] !== there['value']));
}

function assignChosen(
  { attribute, fits, parsed, sub }: Target,
  holder: Resource,
  op: 'add' | 'replace',
  value: JsonValue,
): void {
  const values = listAt(holder, attribute);
  let chosen = values.filter((each) => fits?.(each));
  if (chosen.length === 0) {
    const made = op === 'add' && parsed.fits ? impliedBy(attribute, parsed.fits) : null;
    if (!made) throw bad('noTarget', `no value of "${attribute.name}" fits the path`);
    values.push(made);
    chosen = [made];
  }
  for (const each of chosen) {
    if (!isComplex(each)) continue;
    const read = sub ? { [sub.name]: readAttribute(sub, value) } : readValue(attribute, value);
    if (!isComplex(read)) throw bad('invalidValue', `"${attribute.name}" takes a JSON object`);
    Object.assign(each, read);
    markPrimary(values, each);
  }
  holder[attribute.name] = values;
}

function removeAt(
  { attribute, fits, parsed, sub }: Target,
  holder: Resource,
  value: JsonValue | undefined,
): void {
  if (attribute.required && !fits && !sub)
    throw bad('mutability', `"${attribute.name}" is required`);
  if (!attribute.multiValued) {
    const there = holder[attribute.name];
    if (!sub) delete holder[attribute.name];
    else if (isComplex(there)) delete there[sub.name];
    if (isUnassigned(holder[attribute.name])) delete holder[attribute.name];
    return;
  }
  const values = listAt(holder, attribute);
  const named = sub ? null : valuesNamed(attribute, value);
  const goes = (each: JsonValue): boolean =>
    (!fits || fits(each)) && (!named || named.some((one) => sameValue(attribute, each, one)));
  if (fits && !values.some(goes))
    throw bad('noTarget', `no value of "${parsed.path}" fits the path`);
  if (sub) for (const each of values) if (goes(each) && isComplex(each)) delete each[sub.name];
  const left = values.filter((each) => !isUnassigned(each) && (sub || !goes(each)));
  if (left.length === 0) delete holder[attribute.name];
  else holder[attribute.name] = left;
}

/** `remove` of `members` with a list of values takes those: how Entra and others write it. */
function valuesNamed(
  attribute: Attribute,
  value: JsonValue | undefined,
): readonly JsonValue[] | null {
  if (isUnassigned(value)) return null;
  const given = Array.isArray(value) ? value : [value as JsonValue];
  return given.map((each) => readValue(attribute, each));
}

function listAt(holder: Resource, { name }: Attribute): JsonValue[] {
  const there = holder[name];
  if (isUnassigned(there)) return [];
  return Array.isArray(there) ? there : [there as JsonValue];
}

function same(urn: JsonValue, wanted: string): boolean {
  return typeof urn === 'string' && urn.toLowerCase() === wanted.toLowerCase();
}
