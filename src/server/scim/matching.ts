import { bad } from './fault.ts';
import type { Comparison, Filter, Literal } from './filter.ts';
import {
  type Attribute,
  findAttribute,
  isComplex,
  isUnassigned,
  type JsonValue,
  placeOf,
  type Resource,
  type ResourceType,
} from './schema.ts';

/** Whether something fits a filter. */
export type Fits<T> = (it: T) => boolean;

/**
 * A filter made ready for a type of resource (RFC 7644, section 3.4.2.2). Attributes are looked up
 * once.
 *
 * @param lenient where several types are searched at once, an attribute that a type has not is one
 *   without a value (section 3.4.2.1)
 * @throws ScimFault invalidFilter
 */
export function resourceFits(type: ResourceType, filter: Filter, lenient = false): Fits<Resource> {
  return compile(filter, (path) => {
    const place = placeOf(type, path);
    if (!place || 'extension' in place) {
      if (lenient) return null;
      throw bad('invalidFilter', `${type.name} has no attribute "${path}"`);
    }
    const { urn, attribute, sub } = place;
    const from = (resource: Resource): Resource => {
      const inner = urn === null ? resource : resource[urn];
      return isComplex(inner) ? inner : {};
    };
    return {
      attribute: sub ?? attribute,
      valuesOf: (resource) => valuesAt(from(resource)[attribute.name], sub?.name ?? null),
      whole: attribute,
      elementsOf: (resource) => listOf(from(resource)[attribute.name]),
    };
  });
}

/** A filter in brackets, made ready for the values of one attribute. */
export function valueFits(attribute: Attribute, filter: Filter): Fits<JsonValue> {
  const fits = compile(filter, (path) => {
    const sub = attribute.subAttributes
      ? findAttribute(attribute.subAttributes, path)
      : path.toLowerCase() === 'value'
        ? attribute
        : undefined;
    if (!sub) throw bad('invalidFilter', `"${attribute.name}" has no part "${path}"`);
    return {
      attribute: sub,
      valuesOf: (value) => listOf(value[sub.name]),
      whole: sub,
      elementsOf: (value) => listOf(value[sub.name]),
    };
  });
  return (value) => fits(isComplex(value) ? value : { value, [attribute.name]: value });
}

interface Found {
  /** What comparisons are made with. */
  readonly attribute: Attribute;
  readonly valuesOf: (resource: Resource) => readonly JsonValue[];
  /** What brackets choose from. */
  readonly whole: Attribute;
  readonly elementsOf: (resource: Resource) => readonly JsonValue[];
}

type Find = (path: string) => Found | null;

function compile(filter: Filter, find: Find): Fits<Resource> {
  switch (filter.is) {
    case 'and': {
      const [left, right] = [compile(filter.left, find), compile(filter.right, find)];
      return (it) => left(it) && right(it);
    }
    case 'or': {
      const [left, right] = [compile(filter.left, find), compile(filter.right, find)];
      return (it) => left(it) || right(it);
    }
    case 'not': {
      const inner = compile(filter.of, find);
      return (it) => !inner(it);
    }
    case 'present': {
      const found = find(filter.path);
      return (it) => (found?.valuesOf(it) ?? []).some((value) => !isUnassigned(value));
    }
    case 'some': {
      const found = find(filter.path);
      if (!found) return () => false;
      const fits = valueFits(found.whole, filter.fits);
      return (it) => found.elementsOf(it).some(fits);
    }
    case 'compared':
      return compileComparison(filter.path, filter.by, filter.to, find(filter.path));
  }
}

function compileComparison(
  path: string,
  by: Comparison,
  to: Literal,
  found: Found | null,
): Fits<Resource> {
  if (!found) return () => by === 'ne' && to !== null;
  const attribute = comparable(path, found.attribute);
  if (attribute.returned === 'never') throw bad('invalidFilter', `"${path}" is not for filters`);
  const values = (it: Resource): readonly JsonValue[] =>
    found.valuesOf(it).flatMap((value) => (isComplex(value) ? listOf(value['value']) : [value]));
  const assigned = (it: Resource) => values(it).filter((value) => !isUnassigned(value));
  if (to === null) {
    if (by !== 'eq' && by !== 'ne')
      throw bad('invalidFilter', `"${by}" compares nothing with null`);
    return (it) => (assigned(it).length === 0) === (by === 'eq');
  }
  const fits = comparison(attribute, by === 'ne' ? 'eq' : by, to);
  return by === 'ne' ? (it) => !assigned(it).some(fits) : (it) => assigned(it).some(fits);
}

/** `emails eq "…"` means its `value`; a complex attribute without one compares with nothing. */
function comparable(path: string, attribute: Attribute): Attribute {
  if (attribute.type !== 'complex') return attribute;
  const value = findAttribute(attribute.subAttributes, 'value');
  if (!value) throw bad('invalidFilter', `"${path}" has parts; name one of them`);
  return value;
}

const ordered: readonly Comparison[] = ['gt', 'ge', 'lt', 'le'];

function comparison(
  attribute: Attribute,
  by: Comparison,
  to: Exclude<Literal, null>,
): Fits<JsonValue> {
  const { name, type } = attribute;
  const unfit = () => bad('invalidFilter', `"${name}" is ${type}: "${by}" does not apply`);
  switch (type) {
    case 'boolean': {
      if (by !== 'eq') throw unfit();
      const wanted = typeof to === 'string' ? to.toLowerCase() === 'true' : to;
      return (value) => value === wanted;
    }
    case 'integer':
    case 'decimal': {
      if (!ordered.includes(by) && by !== 'eq') throw unfit();
      return (value) => typeof value === 'number' && holds(by, value - Number(to));
    }
    case 'dateTime':
      if (by === 'co' || by === 'sw' || by === 'ew') return textComparison(attribute, by, to);
      return timeComparison(name, by, to);
    case 'binary':
      if (ordered.includes(by)) throw unfit();
      return textComparison(attribute, by, to);
    default:
      return textComparison(attribute, by, to);
  }
}

function timeComparison(name: string, by: Comparison, to: Literal): Fits<JsonValue> {
  const wanted = timeOf(to);
  if (wanted === null) throw bad('invalidFilter', `"${name}" is a time: "${to}" is none`);
  return (value) => {
    const at = timeOf(value);
    return at !== null && holds(by, at - wanted);
  };
}

function timeOf(value: JsonValue): number | null {
  if (typeof value !== 'string') return null;
  try {
    return Temporal.Instant.from(value).epochMilliseconds;
  } catch {
    return null;
  }
}

function textComparison({ caseExact }: Attribute, by: Comparison, to: Literal): Fits<JsonValue> {
  if (typeof to !== 'string') return () => false;
  const plain = (text: string): string => (caseExact ? text : text.toLowerCase());
  const wanted = plain(to);
  return (value) => {
    if (typeof value !== 'string') return false;
    const text = plain(value);
    switch (by) {
      case 'co':
        return text.includes(wanted);
      case 'sw':
        return text.startsWith(wanted);
      case 'ew':
        return text.endsWith(wanted);
      default:
        return holds(by, text < wanted ? -1 : text > wanted ? 1 : 0);
    }
  };
}

/** Whether a difference is the one an operator asks for. */
function holds(by: Comparison, difference: number): boolean {
  switch (by) {
    case 'gt':
      return difference > 0;
    case 'ge':
      return difference >= 0;
    case 'lt':
      return difference < 0;
    case 'le':
      return difference <= 0;
    default:
      return difference === 0;
  }
}

/** What stands at an attribute, or at a part of each of its values. */
export function valuesAt(value: JsonValue | undefined, sub: string | null): readonly JsonValue[] {
  const all = listOf(value);
  if (sub === null) return all;
  return all.flatMap((each) => (isComplex(each) ? listOf(each[sub]) : []));
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
