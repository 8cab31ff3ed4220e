import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';

/** A public key of the ledger: C2SP signed-note, Ed25519 only. */
export interface VerifierKey {
  readonly name: string;
  /** Eight lower-case hex digits. */
  readonly id: string;
  /** The text it was read from. */
  readonly text: string;
  readonly object: KeyObject;
}

export interface SignatureLine {
  readonly name: string;
  readonly id: string;
  readonly signature: Buffer;
}

export interface SignedNote {
  readonly text: string;
  readonly lines: readonly SignatureLine[];
}

/** What reading gives: the thing, or a sentence saying why not. */
export type Read<T> = T | { readonly wrong: string };

export function isWrong<T extends object>(value: Read<T>): value is { readonly wrong: string } {
  return 'wrong' in value;
}

const namePattern = /^[^\s+\p{Cc}]+$/u;
const derHeader = Buffer.from('302a300506032b6570032100', 'hex');

/** The spellings, sign bit cleared, of the points of small order. */
const smallOrderPoints = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  ...['ec', 'ed', 'ee'].map((low) => `${low}${'ff'.repeat(30)}7f`),
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
];

/**
 * No honest key or signature holds a point of small order. Versions of Node disagree on them; they
 * are refused here so that the verdict does not depend on the version.
 */
function isSmallOrder(point: Buffer): boolean {
  const unsigned = Buffer.from(point);
  unsigned[31] = (unsigned[31] as number) & 0x7f;
  return smallOrderPoints.includes(unsigned.toString('hex'));
}

/** Reads `name+keyid+base64(0x01 ‖ key)`. */
export function readKey(text: string): Read<VerifierKey> {
  const parts = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text);
  const name = parts?.[1] ?? '';
  const typed = fromBase64(parts?.[3] ?? '');
  if (parts === null || !namePattern.test(name))
    return { wrong: 'it is not of the form name+keyid+key' };
  if (typed === null || typed.length !== 33 || typed[0] !== 1)
    return { wrong: 'it is not an Ed25519 key in base64' };
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed]), 'hex').slice(0, 8);
  if (isSmallOrder(typed.subarray(1)))
    return { wrong: 'it is a point of small order, which is no honest key' };
  if (id !== parts[2])
    return { wrong: `it says key id ${parts[2]}, but its bytes have key id ${id}` };
  try {
    const der = Buffer.concat([derHeader, typed.subarray(1)]);
    return { name, id, text, object: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
  } catch {
    return { wrong: 'its bytes are no Ed25519 public key' };
  }
}

/** Splits a signed note into text and signature lines; verifies nothing yet. */
export function readNote(bytes: Uint8Array): Read<SignedNote> {
  let whole: string;
  try {
    whole = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { wrong: 'it is not UTF-8' };
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u0009\u000b-\u001f]/.test(whole)) return { wrong: 'it holds a control character' };
  const gap = whole.lastIndexOf('\n\n');
  if (gap < 0 || !whole.endsWith('\n'))
    return { wrong: 'it has no empty line followed by signature lines' };
  const lines: SignatureLine[] = [];
  for (const line of whole.slice(gap + 2, -1).split('\n')) {
    const parts = /^— ([^ ]+) ([^ ]+)$/.exec(line);
    const packed = fromBase64(parts?.[2] ?? '');
    if (
      parts === null ||
      !namePattern.test(parts[1] ?? '') ||
      packed === null ||
      packed.length < 5
    ) {
      return { wrong: `line ${JSON.stringify(line.slice(0, 120))} is no signature line` };
    }
    lines.push({
      name: parts[1] as string,
      id: packed.toString('hex', 0, 4),
      signature: packed.subarray(4),
    });
    if (lines.length > 64) return { wrong: 'it has more than 64 signatures' };
  }
  return { text: whole.slice(0, gap + 1), lines };
}

/** Null when this key signed the note; else the reason why it counts as not signed. */
export function signatureFault(note: SignedNote, key: VerifierKey): string | null {
  const own = note.lines.filter((line) => line.name === key.name && line.id === key.id);
  if (own.length === 0) return `it is not signed by ${key.text}`;
  const message = Buffer.from(note.text);
  const good = own.every(
    ({ signature }) =>
      signature.length === 64 &&
      !isSmallOrder(signature.subarray(0, 32)) &&
      verify(null, message, key.object, signature),
  );
  return good ? null : `its signature by ${key.name}+${key.id} does not match its text`;
}

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** Reads the text of a C2SP tlog-checkpoint. */
export function readCheckpoint(text: string): Read<Checkpoint> {
  const lines = text.slice(0, -1).split('\n');
  const [origin = '', sizeText = '', rootText = ''] = lines;
  if (lines.length < 3 || lines.includes(''))
    return { wrong: 'it has not three lines of origin, size and root' };
  const size = /^(0|[1-9]\d{0,15})$/.test(sizeText) ? Number(sizeText) : Number.NaN;
  if (!Number.isSafeInteger(size))
    return { wrong: `its size ${JSON.stringify(sizeText)} is not a number of entries` };
  const root = fromBase64(rootText);
  if (root?.length !== 32)
    return { wrong: `its root ${JSON.stringify(rootText)} is not a hash in base64` };
  return { origin, size, root };
}

/** Standard base64 with padding, in the one canonical spelling; else null. */
export function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}
