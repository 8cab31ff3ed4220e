import { type Parts, type PurlParts, typeRuleOf } from './purl.types.ts';

/** A package URL (ECMA-427), taken apart and normalised as its type asks. */
export interface Purl {
  readonly type: string;
  /** Segments with `/` between, decoded; null where there is none. */
  readonly namespace: string | null;
  readonly name: string;
  readonly version: string | null;
  /** By key, in the order of the keys. */
  readonly qualifiers: Readonly<Record<string, string>> | null;
  readonly subpath: string | null;
}

/** Why a text is no package URL, or parts make none. */
export class PurlFault extends Error {
  override readonly name = 'PurlFault';
}

/**
 * Reads a package URL as written (ECMA-427, "How to parse a PURL string").
 *
 * @throws PurlFault naming what is wrong: also where a key of a qualifier begins with a capital, which
 *   `canonicalPurl` forgives
 */
export function parsePurl(text: string): Purl {
  return read(text, false);
}

/**
 * The one way to write a package URL, from any that means the same: forgives capitals in the type
 * and in keys, slashes behind the scheme, and what should have been encoded.
 *
 * @throws PurlFault
 */
export function canonicalPurl(text: string): string {
  return formatPurl(read(text, true));
}

/**
 * Writes a package URL from its parts, normalised (ECMA-427, "How to build a PURL string").
 *
 * @throws PurlFault where parts are missing or not allowed for the type
 */
export function formatPurl(parts: PurlParts): string {
  const { type, namespace, name, version, qualifiers, subpath } = normalised(parts);
  const rule = typeRuleOf(type);
  const path = [
    ...(namespace?.split('/').map(encode) ?? []),
    ...(rule.nameHasPath ? name.split('/').map(encode) : [encode(name)]),
  ].join('/');
  const query = Object.entries(qualifiers ?? {})
    .map(([key, value]) => `${key}=${encode(value)}`)
    .join('&');
  return [
    `pkg:${type}/${path}`,
    version === null ? '' : `@${encode(version)}`,
    query === '' ? '' : `?${query}`,
    subpath === null ? '' : `#${subpath.split('/').map(encode).join('/')}`,
  ].join('');
}

function read(text: string, forgiving: boolean): Purl {
  const scheme = /^pkg:/i.exec(text);
  if (!scheme) throw new PurlFault('a package URL begins with "pkg:"');
  const [beforeFragment, fragment] = cutLast(text.slice(4), '#');
  const [beforeQuery, query] = cutLast(beforeFragment, '?');
  const path = trimSlashes(beforeQuery);
  const slash = path.indexOf('/');
  if (slash < 0) throw new PurlFault('a package URL has a type, a slash and a name');
  const type = path.slice(0, slash);
  const { name, namespace, version } = readPath(path.slice(slash + 1), type.toLowerCase());
  return normalised({
    type,
    namespace,
    name,
    version,
    qualifiers: query === undefined ? null : readQualifiers(query, forgiving),
    subpath: fragment === undefined ? null : readSubpath(fragment),
  });
}

/** The version begins at the last `@` behind the last slash; the first one of a segment belongs to the name. */
function readPath(rest: string, type: string): Pick<PurlParts, 'namespace' | 'name' | 'version'> {
  const at = rest.lastIndexOf('@');
  const lastSlash = rest.lastIndexOf('/');
  const isVersion = at > 0 && (at > lastSlash + 1 || lastSlash < 0);
  const bare = at === lastSlash + 1 && at >= 0 && !rest.slice(at + 1).includes('/');
  if (bare) throw new PurlFault('a package URL has a name before its version');
  const version = isVersion ? decode(rest.slice(at + 1)) : null;
  const path = trimSlashes(isVersion ? rest.slice(0, at) : rest);
  const segments = path.split('/').filter((segment) => segment !== '');
  const keep = typeRuleOf(type).nameHasPath ? 1 : segments.length - 1;
  return {
    namespace: segments.slice(0, keep).map(decode).join('/') || null,
    name: segments.slice(keep).map(decode).join('/') || null,
    version: version === '' ? null : version,
  };
}

function readQualifiers(query: string, forgiving: boolean): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const written = equals < 0 ? pair : pair.slice(0, equals);
    const key = written.toLowerCase();
    // The suite of the specification refuses `Platform=` and reads `repositorY_url=`.
    if (!forgiving && /^[A-Z]/.test(written)) {
      throw new PurlFault(`the key "${written}" of a qualifier begins in lower case`);
    }
    if (key in found) throw new PurlFault(`the key "${key}" of a qualifier stands there twice`);
    found[key] = equals < 0 ? '' : decode(pair.slice(equals + 1));
  }
  return found;
}

function readSubpath(fragment: string): string | null {
  return (
    fragment
      .split('/')
      .map(decode)
      .filter((segment) => segment !== '' && segment !== '.' && segment !== '..')
      .join('/') || null
  );
}

function normalised(parts: PurlParts): Purl {
  const type = (parts.type ?? '').toLowerCase();
  if (!/^[a-z][a-z0-9.-]*$/.test(type)) {
    throw new PurlFault(
      type === ''
        ? 'a package URL has a type'
        : `"${type}" is no type: letters, digits, points and hyphens, a letter first`,
    );
  }
  const rule = typeRuleOf(type);
  const given: Parts = {
    type,
    namespace: trimSlashes(parts.namespace ?? '') || null,
    name: parts.name || null,
    version: parts.version || null,
    qualifiers: orderedQualifiers(parts.qualifiers),
    subpath: parts.subpath ? readSubpathParts(parts.subpath) : null,
  };
  const fitted = rule.fit?.(given) ?? given;
  if (!fitted.name) throw new PurlFault('a package URL has a name');
  const objection = objectionTo(fitted, rule) ?? rule.objection?.(fitted);
  if (objection) throw new PurlFault(`pkg:${type}: ${objection}`);
  return { ...fitted, type, name: fitted.name };
}

function readSubpathParts(subpath: string): string | null {
  return (
    subpath
      .split('/')
      .filter((segment) => segment !== '' && segment !== '.' && segment !== '..')
      .join('/') || null
  );
}

function objectionTo(parts: Parts, rule: ReturnType<typeof typeRuleOf>): string | undefined {
  if (rule.namespace === 'required' && !parts.namespace) return 'a namespace is required';
  if (rule.namespace === 'prohibited' && parts.namespace) {
    return `there is no namespace, so not "${parts.namespace}"`;
  }
  return undefined;
}

function orderedQualifiers(given: PurlParts['qualifiers']): Record<string, string> | null {
  const kept: [string, string][] = [];
  for (const [written, value] of Object.entries(given ?? {})) {
    const key = written.toLowerCase();
    if (!/^[a-z][a-z0-9._-]*$/.test(key)) {
      throw new PurlFault(`"${written}" is no key of a qualifier`);
    }
    if (value !== '') kept.push([key, value]);
  }
  if (kept.length === 0) return null;
  return Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function cutLast(text: string, mark: string): [string, string | undefined] {
  const at = text.lastIndexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function trimSlashes(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && text.charAt(start) === '/') start += 1;
  while (end > start && text.charAt(end - 1) === '/') end -= 1;
  return text.slice(start, end);
}

/** Letters, digits and `.-_~` stay; so does the colon (ECMA-427, "Character encoding"). */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':');
}

function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new PurlFault(`"${text}" is not percent-encoded UTF-8`, { cause });
  }
}
