import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { copyOf, sameBytes, sha256 } from './hash.ts';
import { fails, LedgerRefusal, type Parsed, read } from './verdict.ts';

/**
 * Signed notes (C2SP signed-note) with Ed25519 keys, in the text encodings of Go's
 * golang.org/x/mod/sumdb/note. Only signature type 0x01 is written or verified; lines by others
 * are read and passed over, as the specification asks.
 */
const ed25519Type = 0x01;
const publicKeyBytes = 32;
const signatureBytes = 64;

/** More lines than any honest note has; the specification demands at least 16. */
const signatureLimit = 64;
export const noteLimitBytes = 1 << 26;

/** A public key under its name, ready to verify. */
export interface NoteKey {
  readonly name: string;
  /** First four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key). */
  readonly id: Uint8Array;
  readonly publicKey: Uint8Array;
  /** The text form: `name+keyid+base64`. */
  readonly text: string;
}

/** Signs; a signer may live in this process or in a key store far away. */
export interface NoteSigner {
  readonly key: NoteKey;
  readonly sign: (message: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

export interface NoteSignature {
  readonly name: string;
  readonly id: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Note {
  /** What is signed: includes the last newline, not the empty line after it. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Names a key: neither empty nor with white space, `+` or a control character. */
export function isKeyName(name: string): boolean {
  return /^[^\s+\p{Cc}]+$/u.test(name) && name.isWellFormed();
}

/** The key of a name and 32 bytes of Ed25519 public key. */
export function noteKey(name: string, publicKey: Uint8Array): NoteKey {
  if (!isKeyName(name)) throw new LedgerRefusal(`${JSON.stringify(name)} cannot name a key`);
  if (publicKey.length !== publicKeyBytes)
    throw new LedgerRefusal(`a public key has 32 bytes, not ${publicKey.length}`);
  const typed = new Uint8Array([ed25519Type, ...publicKey]);
  const id = keyId(name, typed);
  return {
    name,
    id,
    publicKey: copyOf(publicKey),
    text: `${name}+${id.toHex()}+${typed.toBase64()}`,
  };
}

function keyId(name: string, typedKey: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([Buffer.from(`${name}\n`), typedKey])).slice(0, 4);
}

/** Reads `name+keyid+base64(0x01 ‖ public key)`. */
export function parseNoteKey(text: string): Parsed<NoteKey> {
  const match = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(text);
  if (match === null) return fails(`${shown(text)} is not of the form name+keyid+key`);
  const [, name = '', id = '', encoded = ''] = match;
  if (!isKeyName(name)) return fails(`${shown(name)} cannot name a key`);
  const typed = strictBase64(encoded);
  if (typed === null) return fails('the key is not strict base64');
  if (typed[0] !== ed25519Type || typed.length !== publicKeyBytes + 1)
    return fails('the key is not an Ed25519 key');
  const key = noteKey(name, copyOf(typed, 1));
  return key.id.toHex() === id
    ? read(key)
    : fails(`the key id is ${id}, but the key's own id is ${key.id.toHex()}`);
}

/** The text of a signing key, as Go's note.GenerateKey writes it. `seed`: 32 random bytes, secret. */
export function signingKeyText(name: string, seed: Uint8Array): string {
  const { key } = signerOfSeed(name, seed);
  return `PRIVATE+KEY+${name}+${key.id.toHex()}+${new Uint8Array([ed25519Type, ...seed]).toBase64()}`;
}

/** Reads the text of a signing key. Reasons never repeat any of it. */
export function parseSigningKey(text: string): Parsed<NoteSigner> {
  const match = /^PRIVATE\+KEY\+([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(text);
  if (match === null) return fails('the signing key is not of the form PRIVATE+KEY+name+keyid+key');
  const [, name = '', id = '', encoded = ''] = match;
  const typed = strictBase64(encoded);
  if (!isKeyName(name) || typed === null)
    return fails('the signing key has a bad name or bad base64');
  if (typed[0] !== ed25519Type || typed.length !== 33)
    return fails('the signing key is not an Ed25519 key');
  const signer = signerOfSeed(name, copyOf(typed, 1));
  return signer.key.id.toHex() === id
    ? read(signer)
    : fails('the signing key does not belong to its key id');
}

/** DER headers that turn raw Ed25519 keys into PKCS #8 and SubjectPublicKeyInfo (RFC 8410). */
const privateHeader = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicHeader = Buffer.from('302a300506032b6570032100', 'hex');

/** A signer from the 32-byte seed of an Ed25519 key. */
export function signerOfSeed(name: string, seed: Uint8Array): NoteSigner {
  if (seed.length !== 32) throw new LedgerRefusal(`a seed has 32 bytes, not ${seed.length}`);
  const secret = createPrivateKey({
    key: Buffer.concat([privateHeader, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' });
  const key = noteKey(name, new Uint8Array(spki.subarray(publicHeader.length)));
  return { key, sign: (message) => new Uint8Array(sign(null, message, secret)) };
}

/**
 * The encodings, sign bit cleared, of the eight points of small order. With such a key, or such a
 * first half of a signature, one signature can hold for many messages; versions of Node differ in
 * whether they refuse it, so it is refused here, whatever lies below.
 */
const smallOrder = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

function isSmallOrder(point: Uint8Array): boolean {
  const unsigned = copyOf(point);
  unsigned[31] = (unsigned[31] as number) & 0x7f;
  return smallOrder.has(unsigned.toHex());
}

/**
 * Whether an Ed25519 signature (RFC 8032) holds. False, never an exception, for bytes that are no
 * key or signature, and for points of small order.
 */
export function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== publicKeyBytes || signature.length !== signatureBytes) return false;
  if (isSmallOrder(publicKey) || isSmallOrder(signature.subarray(0, 32))) return false;
  let key: KeyObject;
  try {
    key = createPublicKey({
      key: Buffer.concat([publicHeader, publicKey]),
      format: 'der',
      type: 'spki',
    });
  } catch {
    return false; // 32 bytes that are no point of the curve: nobody can have signed with them
  }
  return verify(null, message, key, signature);
}

/** Signs a text, in the order of the signers. The text must end with a newline. */
export async function signNote(text: string, signers: readonly NoteSigner[]): Promise<string> {
  const fault = textFault(text);
  if (fault !== null) throw new LedgerRefusal(fault);
  if (signers.length === 0) throw new LedgerRefusal('a note needs a signature');
  const message = Buffer.from(text);
  const lines: string[] = [];
  for (const { key, sign: signMessage } of signers) {
    const signature = await signMessage(message);
    lines.push(`— ${key.name} ${Buffer.concat([key.id, signature]).toString('base64')}\n`);
  }
  return `${text}\n${lines.join('')}`;
}

/** Reads a signed note without verifying anything. Takes bytes, so that invalid UTF-8 is refused. */
export function parseNote(input: Uint8Array | string): Parsed<Note> {
  const whole = typeof input === 'string' ? input : decodeUtf8(input);
  if (whole === null) return fails('the note is not UTF-8');
  if (whole.length > noteLimitBytes) return fails('the note is larger than any note should be');
  const split = whole.lastIndexOf('\n\n');
  if (split < 0) return fails('the note has no empty line before its signatures');
  const text = whole.slice(0, split + 1);
  const fault = textFault(text);
  if (fault !== null) return fails(fault);
  const tail = whole.slice(split + 2);
  if (!tail.endsWith('\n')) return fails('the note does not end with a signature line');
  const lines = tail.slice(0, -1).split('\n');
  if (lines.length > signatureLimit)
    return fails(`the note has more than ${signatureLimit} signatures`);
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignature(line);
    if (signature === null) return fails(`${shown(line)} is not a signature line`);
    signatures.push(signature);
  }
  return read({ text, signatures });
}

function parseSignature(line: string): NoteSignature | null {
  const match = /^— ([^ ]+) ([A-Za-z0-9+/=]+)$/.exec(line);
  const name = match?.[1] ?? '';
  const bytes = strictBase64(match?.[2] ?? '');
  if (!isKeyName(name) || bytes === null || bytes.length < 5) return null;
  return { name, id: bytes.slice(0, 4), signature: bytes.slice(4) };
}

/** Whether this key signed the note: `absent` where it has no line, `bad` where its line is wrong. */
export function signatureBy(note: Note, key: NoteKey): 'good' | 'bad' | 'absent' {
  const own = note.signatures.filter(({ name, id }) => name === key.name && sameBytes(id, key.id));
  if (own.length === 0) return 'absent';
  const message = Buffer.from(note.text);
  return own.every(({ signature }) => verifyEd25519(key.publicKey, message, signature))
    ? 'good'
    : 'bad';
}

/**
 * Opens a note: every given key must have signed it. Lines of other keys are passed over.
 * (Trust in any one of several keys is expressed by calling it with each.)
 */
export function openNote(input: Uint8Array | string, keys: readonly NoteKey[]): Parsed<Note> {
  const note = parseNote(input);
  if (!note.ok) return note;
  if (keys.length === 0) return fails('no key was given to verify the note with');
  for (const key of keys) {
    const state = signatureBy(note.value, key);
    if (state === 'absent') return fails(`the note is not signed by ${key.text}`);
    if (state === 'bad') return fails(`the signature by ${key.text} does not match the text`);
  }
  return note;
}

/** RFC 4648 section 4 with padding, and only the one spelling that encoding would give; else null. */
export function strictBase64(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  try {
    const bytes = Uint8Array.fromBase64(text, { lastChunkHandling: 'strict' });
    return bytes.toBase64() === text ? bytes : null;
  } catch {
    return null;
  }
}

function textFault(text: string): string | null {
  if (!text.endsWith('\n')) return 'the text of a note ends with a newline';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text))
    return 'the text holds a control character other than newline';
  return text.isWellFormed() ? null : 'the text holds a lone surrogate';
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Foreign text in a message: quoted and short. */
function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
