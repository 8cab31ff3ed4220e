import type { Json } from '../kernel/json.ts';
import { LedgerRefusal } from './verdict.ts';

/**
 * How deep arrays and objects may nest in an entry. RFC 8785 sets no limit; the ledger does, so
 * that no reader in any language runs out of stack on a hostile entry.
 */
export const maxDepth = 64;

/** Characters that JSON must escape, or that may be half of a surrogate pair: rare in what we write. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const needsCare = /[\u0000-\u001f"\\\ud800-\udfff]/;

/** Quoted keys recur in every entry; the cache is bounded because keys can come from outside. */
const quotedKeys = new Map<string, string>();
const quotedKeysLimit = 4096;

/**
 * The canonical JSON text of a value by RFC 8785 (JSON Canonicalization Scheme): members sorted by
 * UTF-16 code units, no white space, ECMAScript number and string serialisation.
 *
 * Throws `LedgerRefusal` with the path of the offender for NaN, infinities, undefined, functions,
 * symbols, bigints, lone surrogates, objects that are not plain, and nesting deeper than
 * `maxDepth`. `toJSON` is not called: what is signed is exactly what was given.
 */
export function canonicalJson(value: Json): string {
  return write(value, '$', 0);
}

function write(value: unknown, path: string, depth: number): string {
  switch (typeof value) {
    case 'string':
      return quote(value, path);
    case 'number':
      if (!Number.isFinite(value))
        throw new LedgerRefusal(`${path} is ${value}, which JSON cannot carry`);
      return String(value === 0 ? 0 : value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth >= maxDepth)
        throw new LedgerRefusal(`${path} nests deeper than ${maxDepth} levels`);
      return Array.isArray(value)
        ? writeArray(value, path, depth)
        : writeObject(value, path, depth);
    default:
      throw new LedgerRefusal(`${path} is of type ${typeof value}, which JSON cannot carry`);
  }
}

function writeArray(items: readonly unknown[], path: string, depth: number): string {
  let text = '[';
  for (let i = 0; i < items.length; i++) {
    if (i > 0) text += ',';
    text += write(items[i], `${path}[${i}]`, depth + 1);
  }
  return `${text}]`;
}

function writeObject(value: object, path: string, depth: number): string {
  const prototype = Object.getPrototypeOf(value) as unknown;
  if (prototype !== Object.prototype && prototype !== null) {
    throw new LedgerRefusal(`${path} is not a plain object`);
  }
  if (Object.getOwnPropertySymbols(value).length > 0)
    throw new LedgerRefusal(`${path} has a symbol as key`);
  const members = value as Readonly<Record<string, unknown>>;
  // The default order of sort() compares UTF-16 code units, as RFC 8785 section 3.2.3 asks.
  const keys = Object.keys(members).sort();
  let text = '{';
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    const here = `${path}.${key}`;
    text += `${i > 0 ? ',' : ''}${quoteKey(key, here)}:${write(members[key], here, depth + 1)}`;
  }
  return `${text}}`;
}

function quoteKey(key: string, path: string): string {
  const known = quotedKeys.get(key);
  if (known !== undefined) return known;
  const quoted = quote(key, path);
  if (quotedKeys.size < quotedKeysLimit && key.length <= 64) quotedKeys.set(key, quoted);
  return quoted;
}

function quote(text: string, path: string): string {
  if (!needsCare.test(text)) return `"${text}"`;
  if (!text.isWellFormed())
    throw new LedgerRefusal(`${path} holds a lone surrogate, which UTF-8 cannot carry`);
  // For well-formed text, JSON.stringify escapes exactly what RFC 8785 section 3.2.2.2 says.
  return JSON.stringify(text);
}
