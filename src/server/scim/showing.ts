import {
  isComplex,
  isUnassigned,
  type JsonValue,
  placeOf,
  type Resource,
  type ResourceType,
  topAttributes,
} from './schema.ts';

/** Which attributes an answer holds (RFC 7644, section 3.9). */
export interface Selection {
  readonly attributes: readonly string[] | null;
  readonly excluded: readonly string[];
}

export const everything: Selection = { attributes: null, excluded: [] };

/** Whether an answer will hold an attribute at the top: what is costly is read only then. */
export function shows(type: ResourceType, { attributes, excluded }: Selection, name: string) {
  const names = (path: string, exactly: boolean): boolean => {
    const place = placeOf(type, path);
    if (!place || 'extension' in place || place.urn !== null) return false;
    return place.attribute.name === name && !(exactly && place.sub);
  };
  if (attributes) return attributes.some((path) => names(path, false));
  return !excluded.some((path) => names(path, true));
}

/**
 * A resource as an answer holds it: `schemas` and `id` always, what is never returned never, the
 * rest as asked for. `schemas` names what is really there.
 */
export function show(type: ResourceType, resource: Resource, selection: Selection): Resource {
  const chosen = selection.attributes
    ? onlyThese(type, resource, selection.attributes)
    : without(type, resource, selection.excluded);
  const extensions = type.extensions.filter(({ id }) => !isUnassigned(resource[id]));
  return {
    schemas: [type.schema.id, ...extensions.map(({ id }) => id)],
    id: resource['id'] ?? null,
    ...chosen,
  };
}

function onlyThese(type: ResourceType, resource: Resource, paths: readonly string[]): Resource {
  const kept: Resource = {};
  for (const path of paths) {
    const place = placeOf(type, path);
    if (!place) continue;
    if ('extension' in place) {
      copy(kept, resource, place.extension.id);
      continue;
    }
    const { urn, attribute, sub } = place;
    if (attribute.returned === 'never' || attribute.name === 'schemas') continue;
    const from = urn === null ? resource : resource[urn];
    if (!isComplex(from) || isUnassigned(from[attribute.name])) continue;
    const to = urn === null ? kept : inner(kept, urn);
    const value = from[attribute.name] as JsonValue;
    if (!sub) to[attribute.name] = value;
    else to[attribute.name] = merged(to[attribute.name], partOf(value, sub.name));
  }
  return kept;
}

function inner(resource: Resource, name: string): Resource {
  const there = resource[name];
  if (isComplex(there)) return there;
  const made: Resource = {};
  resource[name] = made;
  return made;
}

function copy(to: Resource, from: Resource, name: string): void {
  const value = from[name];
  if (!isUnassigned(value)) to[name] = value;
}

/** One part of a value, or of each value of a list. */
function partOf(value: JsonValue, name: string): JsonValue {
  if (Array.isArray(value)) return value.map((each) => partOf(each, name));
  return isComplex(value) && !isUnassigned(value[name]) ? { [name]: value[name] } : {};
}

/** Two parts of the same values, laid together. */
function merged(one: JsonValue | undefined, other: JsonValue): JsonValue {
  if (Array.isArray(one) && Array.isArray(other))
    return one.map((each, at) => merged(each, other[at] ?? {}));
  return isComplex(one) && isComplex(other) ? { ...one, ...other } : other;
}

function without(type: ResourceType, resource: Resource, paths: readonly string[]): Resource {
  const kept: Resource = {};
  for (const { name, returned, subAttributes } of topAttributes(type)) {
    if (name === 'schemas' || returned === 'never' || returned === 'request') continue;
    const hidden = subAttributes?.filter((each) => each.returned === 'request') ?? [];
    copy(kept, resource, name);
    for (const { name: part } of hidden) kept[name] = omitted(kept[name], part);
    if (kept[name] === undefined) delete kept[name];
  }
  for (const { id } of type.extensions) copy(kept, resource, id);
  for (const path of paths) exclude(type, kept, path);
  return kept;
}

function exclude(type: ResourceType, kept: Resource, path: string): void {
  const place = placeOf(type, path);
  if (!place) return;
  if ('extension' in place) {
    delete kept[place.extension.id];
    return;
  }
  const { urn, attribute, sub } = place;
  // What is always returned cannot be left out.
  if ((sub ?? attribute).returned === 'always' || attribute.returned === 'always') return;
  const holder = urn === null ? kept : kept[urn];
  if (!isComplex(holder)) return;
  const rest: Resource = { ...holder };
  if (sub) rest[attribute.name] = omitted(rest[attribute.name], sub.name);
  if (!sub || isUnassigned(rest[attribute.name])) delete rest[attribute.name];
  if (urn !== null) kept[urn] = rest;
  else {
    delete kept[attribute.name];
    Object.assign(kept, rest);
  }
}

function omitted(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((each) => omitted(each, name) ?? {});
  if (!isComplex(value)) return value;
  const { [name]: _, ...rest } = value;
  return rest;
}
