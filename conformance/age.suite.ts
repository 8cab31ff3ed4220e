import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { dearmor } from '../src/platform/age/armor.ts';
import { AgeFault, type AgeFaultCode } from '../src/platform/age/fault.ts';
import { type AgeIdentity, parseIdentity } from '../src/platform/age/identity.ts';
import { decryptRange, type SeekableSource } from '../src/platform/age/range.ts';
import { decryptStream } from '../src/platform/age/stream.ts';
import { withDebianAge } from './age-debian.ts';
import { type Outcome, sharedCases, Tally, withoutCases } from './suite.ts';

export const name = 'age v1 (C2SP/CCTV vectors, and the age program of Debian)';

/** What the vectors call a refusal, and what we call it. */
const refusals: Readonly<Record<string, readonly AgeFaultCode[]>> = {
  'no match': ['noMatch'],
  'HMAC failure': ['headerMac'],
  'header failure': ['header'],
  'payload failure': ['payload', 'truncated', 'trailing'],
  'armor failure': ['armor'],
};

/** Somebody who is in no vector: a file for a recipient type that we do not offer is not for us. */
const stranger = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';

interface Vector {
  readonly name: string;
  readonly expect: string;
  /**
   * SHA-256 of the plaintext. Where a fault is expected it is of what the reference lets out before it;
   * we let out a chunk less where that one is not certainly in its place, so only whole files count.
   */
  readonly payload: string | undefined;
  readonly identities: readonly string[];
  readonly passphrase: boolean;
  readonly armored: boolean;
  readonly file: Buffer;
}

export async function run(): Promise<Outcome> {
  const folder = sharedCases('age');
  if (folder === null) return withoutCases('age');
  const tally = new Tally();
  const vectors = readdirSync(folder)
    .sort()
    .map((file) => readVector(file, readFileSync(join(folder, file))));
  const notOffered: string[] = [];
  for (const vector of vectors) {
    if (hangsOnAnotherType(vector)) {
      notOffered.push(vector.name);
      await expectRefusal(vector, tally);
    } else await tryVector(vector, tally);
  }
  tally.note(`${vectors.length} vectors`);
  tally.note(
    `recipient types not offered, so the file is refused whatever else is true of it (passphrase by scrypt, hybrid MLKEM768-X25519): ${notOffered.length}: ${notOffered.join(' ')}`,
  );
  await withDebianAge(tally);
  return tally.outcome();
}

function readVector(vectorName: string, bytes: Buffer): Vector {
  const end = bytes.indexOf('\n\n');
  const fields = bytes
    .subarray(0, end)
    .toString()
    .split('\n')
    .map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)] as const;
    });
  const all = (key: string) => fields.filter(([name]) => name === key).map(([, value]) => value);
  const body = bytes.subarray(end + 2);
  return {
    name: vectorName,
    expect: all('expect')[0] ?? '',
    payload: all('payload')[0],
    identities: all('identity'),
    passphrase: all('passphrase').length > 0,
    armored: all('armored')[0] === 'yes',
    file: all('compressed')[0] === 'zlib' ? inflateSync(body) : body,
  };
}

/** Whether the verdict of a vector hangs on a recipient type that Kept does not offer. */
function hangsOnAnotherType({ identities, passphrase }: Vector): boolean {
  return !identities.some(isOurs) && (identities.length > 0 || passphrase);
}

function isOurs(text: string): boolean {
  return text.startsWith('AGE-SECRET-KEY-1');
}

async function tryVector(vector: Vector, tally: Tally): Promise<void> {
  const ours = vector.identities.filter(isOurs);
  const identities = (ours.length > 0 ? ours : [stranger]).map(parseIdentity);
  const { plaintext, fault } = await decrypt(identities, vector);
  if (fault === null) {
    tally.expect(vector.expect === 'success', vector.name, `opened, wanted ${vector.expect}`);
  } else {
    const agrees = refusals[vector.expect]?.includes(fault.code) ?? false;
    tally.expect(agrees, vector.name, `${fault.code}: ${fault.message}; wanted ${vector.expect}`);
  }
  if (vector.expect === 'success') {
    tally.expect(sha256(plaintext) === vector.payload, `${vector.name}: the plaintext`);
  }
  if (vector.expect === 'success' && !vector.armored) {
    const source = seekable(vector.file);
    const middle = Math.floor(plaintext.length / 2);
    const half = await gather(decryptRange(identities, source, middle, plaintext.length));
    tally.expect(half.equals(plaintext.subarray(middle)), `${vector.name}: from its middle`);
  }
}

/** Nothing of it comes out, and it is the file that is refused: no fault of another kind. */
async function expectRefusal(vector: Vector, tally: Tally): Promise<void> {
  const { plaintext, fault } = await decrypt([parseIdentity(stranger)], vector);
  const agrees = fault !== null && plaintext.length === 0;
  tally.expect(agrees, `${vector.name}: refused`, 'something came out');
}

interface Decrypted {
  readonly plaintext: Buffer;
  readonly fault: AgeFault | null;
}

async function decrypt(identities: readonly AgeIdentity[], vector: Vector): Promise<Decrypted> {
  const seen: Uint8Array[] = [];
  const file = inPieces(vector.file);
  try {
    const source = vector.armored ? dearmor(file) : file;
    for await (const piece of decryptStream(identities, source)) seen.push(piece);
  } catch (fault) {
    if (!(fault instanceof AgeFault)) throw fault;
    return { plaintext: Buffer.concat(seen), fault };
  }
  return { plaintext: Buffer.concat(seen), fault: null };
}

/** Pieces of uneven length, as a network gives them. */
async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (
    let from = 0, length = 1;
    from < bytes.length;
    from += length, length = (length * 7) % 4099
  ) {
    yield bytes.subarray(from, from + length);
  }
}

function seekable(file: Buffer): SeekableSource {
  return { size: file.length, stream: (from, to) => inPieces(file.subarray(from, to)) };
}

async function gather(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(pieces));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
