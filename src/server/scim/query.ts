import { bad } from './fault.ts';
import { type Filter, parseFilter } from './filter.ts';
import { type Fits, resourceFits, valuesAt } from './matching.ts';
import { fieldOf } from './reading.ts';
import {
  findAttribute,
  isComplex,
  type JsonValue,
  placeOf,
  type Resource,
  type ResourceType,
} from './schema.ts';
import type { Selection } from './showing.ts';

export const listUrn = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
export const searchUrn = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

/** Resources in one answer at most, and where a client asks for no number. */
export const maxResults = 1_000;
export const defaultCount = 100;

/** What a query asks for (RFC 7644, section 3.4.2). */
export interface Query {
  readonly filter: Filter | null;
  readonly sortBy: string | null;
  readonly descending: boolean;
  /** From 1 on. */
  readonly startIndex: number;
  readonly count: number;
  readonly selection: Selection;
}

/** @throws ScimFault where a parameter is wrong */
export function queryOfUrl(params: URLSearchParams): Query {
  const named = new Map([...params].map(([name, value]) => [name.toLowerCase(), value]));
  const list = (name: string): readonly string[] | null => {
    const text = named.get(name.toLowerCase());
    return text === undefined ? null : listOf(text.split(','));
  };
  return {
    filter: filterOf(named.get('filter')),
    sortBy: named.get('sortby') || null,
    descending: isDescending(named.get('sortorder')),
    startIndex: Math.max(1, integerOf('startIndex', named.get('startindex')) ?? 1),
    count: countOf(integerOf('count', named.get('count'))),
    selection: selectionOf(list('attributes'), list('excludedAttributes')),
  };
}

/** Reads the message of `POST …/.search` (RFC 7644, section 3.4.3). */
export function queryOfMessage(body: unknown): Query {
  const message = body as JsonValue;
  if (!isComplex(message)) throw bad('invalidSyntax', 'the body is no JSON object');
  const schemas = fieldOf(message, 'schemas');
  const named =
    Array.isArray(schemas) &&
    schemas.some((urn) => String(urn).toLowerCase() === searchUrn.toLowerCase());
  if (!named) throw bad('invalidSyntax', `"schemas" does not name ${searchUrn}`);
  const textOf = (name: string): string | undefined => {
    const value = fieldOf(message, name);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw bad('invalidValue', `"${name}" is text`);
    return value;
  };
  const list = (name: string): readonly string[] | null => {
    const value = fieldOf(message, name);
    if (value === undefined || value === null) return null;
    if (!Array.isArray(value)) throw bad('invalidValue', `"${name}" is a list of names`);
    return listOf(value.map(String));
  };
  return {
    filter: filterOf(textOf('filter')),
    sortBy: textOf('sortBy') || null,
    descending: isDescending(textOf('sortOrder')),
    startIndex: Math.max(1, integerOf('startIndex', fieldOf(message, 'startIndex')) ?? 1),
    count: countOf(integerOf('count', fieldOf(message, 'count'))),
    selection: selectionOf(list('attributes'), list('excludedAttributes')),
  };
}

function listOf(names: readonly string[]): readonly string[] | null {
  const all = names.map((name) => name.trim()).filter(Boolean);
  return all.length > 0 ? all : null;
}

function selectionOf(
  attributes: readonly string[] | null,
  excluded: readonly string[] | null,
): Selection {
  if (attributes && excluded)
    throw bad('invalidValue', '"attributes" and "excludedAttributes" exclude each other');
  return { attributes, excluded: excluded ?? [] };
}

function filterOf(text: string | undefined): Filter | null {
  return text === undefined || text.trim() === '' ? null : parseFilter(text);
}

function isDescending(order: string | undefined): boolean {
  const said = (order ?? 'ascending').toLowerCase();
  if (said !== 'ascending' && said !== 'descending')
    throw bad('invalidValue', '"sortOrder" is ascending or descending');
  return said === 'descending';
}

function integerOf(name: string, value: JsonValue | undefined): number | null {
  if (value === undefined || value === null) return null;
  const number =
    typeof value === 'string' && /^-?\d{1,9}$/.test(value.trim()) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number))
    throw bad('invalidValue', `"${name}" is a whole number`);
  return number;
}

/** Below 0 is 0: the client wants the total alone. */
function countOf(count: number | null): number {
  return count === null ? defaultCount : Math.min(maxResults, Math.max(0, count));
}

/** What a filter asks of every resource it fits; by it PostgreSQL finds the few that may. */
export type Needs = Readonly<Record<string, string>>;

/** `and` needs what either side needs; what stands in `or` and `not` is needed by nothing. */
export function needsOf(type: ResourceType, filter: Filter | null): Needs {
  if (!filter) return {};
  if (filter.is === 'and') return { ...needsOf(type, filter.left), ...needsOf(type, filter.right) };
  if (filter.is === 'some') {
    const inner = needsWithin(filter.fits);
    const place = placeOf(type, filter.path);
    return inner !== null && place && 'attribute' in place && !place.sub
      ? { [`${place.attribute.name}.value`]: inner }
      : {};
  }
  if (filter.is !== 'compared' || filter.by !== 'eq' || typeof filter.to !== 'string') return {};
  const place = placeOf(type, filter.path);
  if (!place || 'extension' in place || place.urn !== null) return {};
  const { attribute, sub } = place;
  if (attribute.type !== 'complex') return { [attribute.name]: filter.to };
  const part = sub ?? findAttribute(attribute.subAttributes, 'value');
  return part ? { [`${attribute.name}.${part.name}`]: filter.to } : {};
}

function needsWithin(filter: Filter): string | null {
  if (filter.is === 'and') return needsWithin(filter.left) ?? needsWithin(filter.right);
  const value =
    filter.is === 'compared' && filter.by === 'eq' && filter.path.toLowerCase() === 'value';
  return value && typeof filter.to === 'string' ? filter.to : null;
}

/** A filter made ready; everything fits where there is none. */
export function fitsQuery(type: ResourceType, { filter }: Query, lenient = false): Fits<Resource> {
  return filter ? resourceFits(type, filter, lenient) : () => true;
}

/**
 * Sorts by an attribute (RFC 7644, section 3.4.2.3): by its primary or first value. Without one a
 * resource is last in ascending order, and first in descending order.
 */
export function sorted(
  type: ResourceType,
  { sortBy, descending }: Query,
  resources: readonly Resource[],
): readonly Resource[] {
  if (sortBy === null) return resources;
  const place = placeOf(type, sortBy);
  if (!place || 'extension' in place) return resources;
  const { urn, attribute, sub } = place;
  const part = sub ?? findAttribute(attribute.subAttributes, 'value') ?? null;
  const { caseExact } = part ?? attribute;
  const keyOf = (resource: Resource): string | number | boolean | null => {
    const from = urn === null ? resource : resource[urn];
    if (!isComplex(from)) return null;
    const all = valuesAt(from[attribute.name], null);
    const chosen = all.find((each) => isComplex(each) && each['primary'] === true) ?? all[0];
    const value = isComplex(chosen) ? (part ? chosen[part.name] : null) : chosen;
    if (value === undefined || value === null || typeof value === 'object') return null;
    return typeof value === 'string' && !caseExact ? value.toLowerCase() : value;
  };
  const keyed = resources.map((resource) => ({ resource, key: keyOf(resource) }));
  keyed.sort((one, other) => {
    const order =
      one.key === null || other.key === null
        ? Number(one.key === null) - Number(other.key === null)
        : Number(one.key > other.key) - Number(one.key < other.key);
    return descending ? -order : order;
  });
  return keyed.map(({ resource }) => resource);
}

/** A page of a list, as the answer has it. */
export function listBody(
  resources: readonly Resource[],
  total: number,
  startIndex: number,
): Record<string, unknown> {
  return {
    schemas: [listUrn],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}
