import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { dearmor } from '../src/platform/age/armor.ts';
import { identityText, parseIdentity, recipientText } from '../src/platform/age/identity.ts';
import { decryptStream, encryptStream } from '../src/platform/age/stream.ts';
import type { Tally } from './suite.ts';

const chunk = 65_536;
const lengths = [0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk, 1_000_003, 16 * chunk + 5];

/** The reference program, as Debian packages it: it reads what we write, and we read what it writes. */
export async function withDebianAge(tally: Tally): Promise<void> {
  const version = ageVersion();
  if (version === null) {
    tally.skip("Debian's age cannot be got here (apt-get install age)");
    return;
  }
  tally.note(`age ${version}`);
  const folder = mkdtempSync(join(tmpdir(), 'kept-age-'));
  try {
    const keyFile = join(folder, 'key.txt');
    tally.expect(run('age-keygen', '-o', keyFile), 'age-keygen makes an identity');
    const made = spawnSync('grep', ['AGE-SECRET-KEY', keyFile], { encoding: 'utf8' }).stdout.trim();
    const identity = parseIdentity(made);
    const recipient = recipientText(identity.recipient);
    const said = spawnSync('age-keygen', ['-y', keyFile], { encoding: 'utf8' }).stdout.trim();
    tally.expect(said === recipient, 'the recipient of its identity is the one it says');
    const exported = join(folder, 'exported.txt');
    writeFileSync(exported, `${identityText(identity)}\n`, { mode: 0o600 });
    for (const length of lengths) {
      await bothWays({ folder, exported, recipient, made, length }, tally);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Case {
  readonly folder: string;
  /** File with the identity as Kept exports it. */
  readonly exported: string;
  readonly recipient: string;
  readonly made: string;
  readonly length: number;
}

async function bothWays(
  { folder, exported, recipient, made, length }: Case,
  tally: Tally,
): Promise<void> {
  const identity = parseIdentity(made);
  const [plain, ours, theirs, armored] = ['plain', 'ours.age', 'theirs.age', 'armored.age'].map(
    (name) => join(folder, name),
  ) as [string, string, string, string];
  writeFileSync(plain, bytesOf(length));
  const wanted = await digest(createReadStream(plain));

  const sealed = encryptStream([identity.recipient], createReadStream(plain));
  await pipeline(Readable.from(sealed), createWriteStream(ours));
  // To its output rather than to a file: of an empty plaintext age makes no file.
  const back = spawnSync('age', ['-d', '-i', exported, ours], { maxBuffer: 1 << 26 });
  tally.expect(
    back.status === 0 && (await digest([back.stdout])) === wanted,
    `age opens ours of ${length} bytes with the exported identity`,
    back.stderr.toString(),
  );

  tally.expect(run('age', '-r', recipient, '-o', theirs, plain), `age seals ${length} bytes`);
  const opened = decryptStream([identity], createReadStream(theirs));
  tally.expect((await digest(opened)) === wanted, `we open age's of ${length} bytes`);

  tally.expect(run('age', '-a', '-r', recipient, '-o', armored, plain), `age armors ${length}`);
  const bare = decryptStream([identity], dearmor(createReadStream(armored)));
  tally.expect((await digest(bare)) === wanted, `we open age's armored of ${length} bytes`);
}

function bytesOf(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 31 + (at >> 8)) & 0xff;
  return bytes;
}

async function digest(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of source) hash.update(piece);
  return hash.digest('hex');
}

function run(program: string, ...words: readonly string[]): boolean {
  return spawnSync(program, words, { encoding: 'utf8' }).status === 0;
}

/** Its version, after an attempt to install the package where it is missing. */
function ageVersion(): string | null {
  const asked = () => spawnSync('age', ['--version'], { encoding: 'utf8' });
  if (asked().status !== 0) {
    spawnSync('apt-get', ['install', '-y', '-q', 'age'], { timeout: 180_000 });
  }
  const { status, stdout } = asked();
  return status === 0 ? stdout.trim() : null;
}
