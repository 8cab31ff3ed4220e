import { askedHeader, type Heard } from '../../platform/http/caller.ts';
import type { Precondition } from '../../registers/vault/facts.ts';
import type { Idempotency } from './answered.ts';
import type { PlainRange } from './door.ts';
import { ProtocolFault } from './problems.ts';

/** A strong entity tag: of which thing, and which of its revisions (RFC 9110, section 8.8.3). */
export function entityTag({
  id,
  revision,
}: {
  readonly id: string;
  readonly revision: number;
}): string {
  return `"${id}.${revision}"`;
}

/**
 * If-Match and If-None-Match of a write, as what must hold when it commits. An entity tag names the
 * thing as well as its revision: one of another thing never matches.
 */
export function preconditionOf(c: Heard): Precondition | undefined {
  const match = askedHeader(c, 'if-match')?.trim();
  const noneMatch = askedHeader(c, 'if-none-match')?.trim();
  if (match !== undefined && noneMatch !== undefined) throw new ProtocolFault('conditionUnfit');
  if (noneMatch !== undefined) {
    // Of a write there is one use: only where there is none yet.
    if (noneMatch !== '*') throw new ProtocolFault('conditionUnfit');
    return { kind: 'absent' };
  }
  if (match === undefined) return undefined;
  if (match === '*') return { kind: 'present' };
  const parsed = /^"([0-9a-f-]{36})\.(\d{1,9})"$/.exec(match);
  if (!parsed) throw new ProtocolFault('conditionUnfit');
  const [, id = '', revision] = parsed;
  return { kind: 'revision', id, revision: Number(revision) };
}

/** Whether a reader has this already (RFC 9110, sections 13.1.1 and 13.1.2). */
export function readCondition(c: Heard, tag: string): 'send' | 'unchanged' | 'failed' {
  const match = askedHeader(c, 'if-match');
  if (match !== undefined && !names(match, tag)) return 'failed';
  const noneMatch = askedHeader(c, 'if-none-match');
  return noneMatch !== undefined && names(noneMatch, tag, true) ? 'unchanged' : 'send';
}

function names(header: string, tag: string, weakly = false): boolean {
  const listed = header.split(',').map((each) => each.trim());
  const same = (each: string) => (weakly ? each.replace(/^W\//, '') : each) === tag;
  return listed.includes('*') || listed.some(same);
}

/**
 * The range of a GET (RFC 9110, section 14): one range of bytes, or none. Several at once are not
 * answered; what lies outside is 416. `If-Range` with another tag asks for the whole.
 *
 * @param size bytes there are
 */
export function rangeOf(c: Heard, size: number, tag: string): PlainRange | null {
  const header = askedHeader(c, 'range');
  if (header === undefined) return null;
  const ifRange = askedHeader(c, 'if-range');
  if (ifRange !== undefined && ifRange.trim() !== tag) return null;
  const range = parseRange(header, size);
  if (range === 'unfit') {
    throw new ProtocolFault('rangeUnfit', { size }, undefined, {
      'content-range': `bytes */${size}`,
    });
  }
  return range;
}

/** Null where the header is of another unit or malformed, which is ignored (section 14.2). */
export function parseRange(header: string, size: number): PlainRange | 'unfit' | null {
  const unit = /^bytes=(.*)$/i.exec(header.trim())?.[1];
  if (unit === undefined) return null;
  if (unit.includes(',')) return 'unfit';
  const [, first = '', last = ''] = /^\s*(\d*)\s*-\s*(\d*)\s*$/.exec(unit) ?? [];
  if (first === '' && last === '') return null;
  if (first === '') {
    const suffix = Math.min(Number(last), size);
    return suffix === 0 ? 'unfit' : { from: size - suffix, to: size };
  }
  const from = Number(first);
  const to = last === '' ? size : Math.min(Number(last) + 1, size);
  if (last !== '' && Number(last) < from) return null;
  return from >= size ? 'unfit' : { from, to };
}

/** SHA-256 of `Repr-Digest` or `Content-Digest` (RFC 9530); null where neither is there. */
export function digestOf(c: Heard): Uint8Array | null {
  const header = askedHeader(c, 'repr-digest') ?? askedHeader(c, 'content-digest');
  return header === undefined ? null : parseDigest(header);
}

/** @throws ProtocolFault `digestUnfit` where there is no SHA-256 in it */
export function parseDigest(header: string): Uint8Array {
  const text = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/i.exec(header)?.[1];
  if (text === undefined) throw new ProtocolFault('digestUnfit');
  return Buffer.from(text, 'base64');
}

export function digestText(sha256: Uint8Array): string {
  return `sha-256=:${Buffer.from(sha256).toString('base64')}:`;
}

/** `Idempotency-Key` with what it is used for; undefined where the caller gives none. */
export function idempotencyOf(c: Heard, request: readonly string[]): Idempotency | undefined {
  const key = askedHeader(c, 'idempotency-key');
  if (key === undefined) return undefined;
  if (key.trim() === '' || key.length > 255) throw new ProtocolFault('idempotencyKeyUnfit');
  const conditions = [askedHeader(c, 'if-match') ?? '', askedHeader(c, 'if-none-match') ?? ''];
  return { key, request: JSON.stringify([c.req.method, ...request, ...conditions]) };
}

/** Bytes that a request announces; null where it does not say. */
export function announcedSize(c: Heard): number | null {
  const text = askedHeader(c, 'content-length');
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
