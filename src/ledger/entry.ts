import type { Json, JsonObject } from '../kernel/json.ts';
import { canonicalJson } from './canonical.ts';
import { sha256Hex } from './hash.ts';
import { entryLimitBytes } from './tile.ts';
import { fails, LedgerRefusal, type Parsed, read } from './verdict.ts';

/**
 * One thing that happened, as the ledger keeps it for ever. No personal data: who somebody is
 * stands in `private` as a commitment only; `actor` and `subject` are opaque ids.
 */
export interface Entry {
  readonly v: 1;
  /** UUIDv7 whose time is `at`. */
  readonly id: string;
  /** RFC 3339 in UTC with milliseconds: `2026-03-04T05:06:07.089Z`. */
  readonly at: string;
  readonly actor: string;
  readonly clause: string;
  readonly type: string;
  /** What it happened to, `kind/id`; empty where it is about the ledger itself. */
  readonly subject: string;
  /** Members named `…Blob`, at any depth, are the SHA-256 (lower-case hex) of a blob, or null. */
  readonly body: JsonObject;
  /** Field → `commitment` of its value. */
  readonly private: Readonly<Record<string, string>>;
}

const members = ['actor', 'at', 'body', 'clause', 'id', 'private', 'subject', 'type', 'v'];
const sha256Pattern = /^[0-9a-f]{64}$/;
const uuidv7Pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const atPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/**
 * The bytes of an entry: canonical JSON in UTF-8. Throws `LedgerRefusal` for an entry that the
 * verifier would refuse, or that is larger than 65,535 bytes (put what is large into a blob).
 */
export function encodeEntry(entry: Entry): Uint8Array {
  const fault = entryFault(entry as unknown as JsonObject);
  if (fault !== null) throw new LedgerRefusal(`entry ${entry.type}: ${fault}`);
  const bytes = Buffer.from(canonicalJson(entry as unknown as Json), 'utf8');
  if (bytes.length > entryLimitBytes) {
    throw new LedgerRefusal(
      `entry ${entry.type} has ${bytes.length} bytes; ${entryLimitBytes} is the most`,
    );
  }
  return bytes;
}

/** Reads an entry; only the canonical bytes of a well-formed entry are one. Never throws. */
export function parseEntry(bytes: Uint8Array): Parsed<Entry> {
  if (bytes.length > entryLimitBytes)
    return fails(`${bytes.length} bytes are too many for an entry`);
  let text: string;
  let value: Json;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text) as Json;
  } catch {
    return fails('the entry is not JSON in UTF-8');
  }
  if (!isObject(value)) return fails('the entry is not a JSON object');
  const fault = entryFault(value);
  if (fault !== null) return fails(fault);
  try {
    if (canonicalJson(value) !== text)
      return fails('the entry is not in canonical form (RFC 8785)');
  } catch (error) {
    return fails(
      error instanceof LedgerRefusal ? error.message : 'the entry is not canonical JSON',
    );
  }
  return read(value as unknown as Entry);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entryFault(entry: JsonObject): string | null {
  const keys = Object.keys(entry);
  if (keys.length !== members.length || !members.every((name) => Object.hasOwn(entry, name)))
    return `its members are ${keys.sort().join(', ')}; expected ${members.join(', ')}`;
  if (entry.v !== 1) return `its version is ${JSON.stringify(entry.v)}, expected 1`;
  for (const name of ['actor', 'clause', 'type'] as const) {
    if (typeof entry[name] !== 'string' || entry[name] === '')
      return `${name} is not a text that says something`;
  }
  if (typeof entry.subject !== 'string') return 'subject is not a text';
  const { id, at, body } = entry;
  return (
    timeFault(id, at) ??
    privateFault(entry.private) ??
    (isObject(body) ? blobFault(body) : 'body is not an object')
  );
}

function timeFault(id: unknown, at: unknown): string | null {
  if (typeof id !== 'string' || !uuidv7Pattern.test(id))
    return `id ${JSON.stringify(id)} is not a UUIDv7`;
  const millisecond = typeof at === 'string' ? millisecondOf(at) : Number.NaN;
  if (Number.isNaN(millisecond)) {
    return `at ${JSON.stringify(at)} is not a time in UTC with milliseconds`;
  }
  const inId = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  return inId === millisecond
    ? null
    : `the id was made at ${new Date(inId).toISOString()}, the entry at ${at}`;
}

/** The time read last: entries come in thousands of the same one. */
let lastAt = '';
let lastMillisecond = Number.NaN;

/** Milliseconds since 1970; NaN where it is no such time. */
function millisecondOf(at: string): number {
  if (at === lastAt) return lastMillisecond;
  const millisecond = atPattern.test(at) ? Date.parse(at) : Number.NaN;
  // Date.parse rolls 30 February over to March: the round trip finds days that do not exist.
  const exists = !Number.isNaN(millisecond) && new Date(millisecond).toISOString() === at;
  lastAt = at;
  lastMillisecond = exists ? millisecond : Number.NaN;
  return lastMillisecond;
}

function privateFault(fields: unknown): string | null {
  if (!isObject(fields)) return 'private is not an object';
  const odd = Object.entries(fields).find(
    ([, held]) => typeof held !== 'string' || !sha256Pattern.test(held),
  );
  return odd === undefined ? null : `private ${JSON.stringify(odd[0])} is not a commitment`;
}

/** The digest that a member named `…Blob` holds must be one, or null: nothing else can be looked up. */
function blobFault(body: JsonObject): string | null {
  let fault: string | null = null;
  eachMember(body, 0, (key, inner) => {
    if (!key.endsWith('Blob')) return;
    const digest = inner === null || (typeof inner === 'string' && sha256Pattern.test(inner));
    if (!digest) fault ??= `${key} is not the SHA-256 of a blob in hex`;
  });
  return fault;
}

/** The digests of the blobs that an entry's body names, each once. */
export function blobsOf(entry: Pick<Entry, 'body'>): readonly string[] {
  const found = new Set<string>();
  eachMember(entry.body, 0, (key, inner) => {
    if (key.endsWith('Blob') && typeof inner === 'string') found.add(inner);
  });
  return [...found];
}

type TellMember = (key: string, value: Json | undefined) => void;

/** Tells of every member of every object, at any depth. */
function eachMember(value: Json | undefined, depth: number, tell: TellMember): void {
  if (typeof value !== 'object' || value === null || depth > 64) return;
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) eachMember(item, depth + 1, tell);
    return;
  }
  const members = value as JsonObject;
  for (const key of Object.keys(members)) {
    tell(key, members[key]);
    eachMember(members[key], depth + 1, tell);
  }
}

/** Keeps a commitment apart from every other use of SHA-256 in the ledger. */
const commitmentDomain = 'kept commitment v1\n';
export const saltBytes = 32;

/**
 * What stands in the ledger for a private value: SHA-256(`kept commitment v1\n` ‖ salt ‖ canonical
 * JSON of the value), in lower-case hex. `salt`: 32 random bytes, fresh for every value and as
 * secret as the value; once both are erased, the commitment tells nothing and still verifies.
 */
export function commitment(salt: Uint8Array, value: Json): string {
  if (salt.length !== saltBytes)
    throw new LedgerRefusal(`a salt has ${saltBytes} bytes, not ${salt.length}`);
  return sha256Hex(
    Buffer.concat([Buffer.from(commitmentDomain), salt, Buffer.from(canonicalJson(value))]),
  );
}
