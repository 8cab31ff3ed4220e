import type { Filter } from './filter.ts';
import { readAttribute } from './reading.ts';
import {
  type Attribute,
  findAttribute,
  isComplex,
  type JsonValue,
  type Resource,
} from './schema.ts';

/**
 * Whether two values of a list are one: those that point somewhere where they point to the same,
 * others where all that both say is the same.
 */
export function sameValue(attribute: Attribute, one: JsonValue, other: JsonValue): boolean {
  if (!isComplex(one) || !isComplex(other)) return one === other;
  const points = findAttribute(attribute.subAttributes, '$ref') !== undefined;
  if (points) return one['value'] === other['value'];
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name]);
}

/** Where a value is made primary, no other is (RFC 7644, section 3.5.2). */
export function markPrimary(values: readonly JsonValue[], chosen: Resource): void {
  if (chosen['primary'] !== true) return;
  for (const each of values) {
    if (each !== chosen && isComplex(each) && each['primary'] === true) each['primary'] = false;
  }
}

/**
 * A value that fits `type eq "work" and primary eq true`: what Entra adds to where no such value is
 * yet. Null where the filter leaves open what it would be.
 */
export function impliedBy(attribute: Attribute, filter: Filter): Resource | null {
  if (filter.is === 'and') {
    const [left, right] = [impliedBy(attribute, filter.left), impliedBy(attribute, filter.right)];
    return left && right ? { ...left, ...right } : null;
  }
  if (filter.is !== 'compared' || filter.by !== 'eq' || filter.to === null) return null;
  const sub = findAttribute(attribute.subAttributes, filter.path);
  const read = sub && readAttribute(sub, filter.to);
  return sub && read !== undefined ? { [sub.name]: read } : null;
}
