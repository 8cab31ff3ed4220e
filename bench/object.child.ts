// Carries an object in or out, as Kept does or as Node's cipher alone does, and says what it took.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { identityOf } from '../src/platform/age/identity.ts';
import { decryptStream, encryptStream } from '../src/platform/age/stream.ts';
import { folderObjects } from '../src/platform/objects/folder.ts';
import { objectName } from '../src/platform/objects/storage.ts';

export interface Carried {
  readonly ms: number;
  /** The most that was resident at any time. */
  readonly rssBytes: number;
}

export const objectBytes = 256 << 20;
/** As bodies of requests come in. */
const pieceBytes = 64 << 10;

const identity = identityOf(new Uint8Array(32).fill(7));
const key = new Uint8Array(32).fill(7);
const nonce = new Uint8Array(12);
const cipherOptions = { authTagLength: 16 };
const name = objectName(
  '01890000-0000-7000-8000-0000000000ad',
  '01890000-0000-7000-8000-000000000001',
);

async function* plaintext(): AsyncGenerator<Uint8Array> {
  const piece = Buffer.alloc(pieceBytes, 'plain ');
  for (let sent = 0; sent < objectBytes; sent += pieceBytes) yield piece;
}

const acts: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  async in(folder) {
    const objects = await folderObjects(folder);
    await objects.put(name, encryptStream([identity.recipient], plaintext()));
  },
  async out(folder) {
    const objects = await folderObjects(folder);
    const opened = decryptStream([identity], objects.get(name));
    await writing(join(folder, 'plain'), async (file) => {
      for await (const piece of opened) await file.writeFile(piece);
    });
  },
  async bareIn(folder) {
    const cipher = createCipheriv('chacha20-poly1305', key, nonce, cipherOptions);
    await writing(join(folder, 'bare'), async (file) => {
      for await (const piece of plaintext()) await file.writeFile(cipher.update(piece));
      cipher.final();
      await file.writeFile(cipher.getAuthTag());
    });
  },
  async bareOut(folder) {
    const decipher = createDecipheriv('chacha20-poly1305', key, nonce, cipherOptions);
    const sealed = await open(join(folder, 'bare'));
    const stream = sealed.createReadStream({ end: objectBytes - 1 });
    await writing(join(folder, 'plain'), async (file) => {
      for await (const piece of stream) await file.writeFile(decipher.update(piece as Buffer));
    });
    const again = await open(join(folder, 'bare'));
    const tag = Buffer.alloc(16);
    await again.read(tag, 0, 16, objectBytes);
    await again.close();
    decipher.setAuthTag(tag).final();
  },
};

/** A file that is durable when it is closed. */
async function writing(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'w');
  try {
    await write(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** By the kernel's own mark, in bytes. */
function mostResident(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

const [act = '', folder = ''] = process.argv.slice(2);
const from = performance.now();
await acts[act]?.(folder);
const carried: Carried = { ms: performance.now() - from, rssBytes: mostResident() };
process.stdout.write(JSON.stringify(carried));
