import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { recipientText } from '../age/identity.ts';
import { openCustody } from '../custody.ts';
import { systemRandom } from '../random.ts';
import { readSettings } from '../settings.ts';
import type { Keystore } from './keystore.ts';
import { memoryKeystore } from './memory.ts';

const ada = '01890000-0000-7000-8000-0000000000ad';
const bob = '01890000-0000-7000-8000-0000000000b0';
const random = systemRandom();
const folders: string[] = [];
const at = (text: string) => Temporal.Instant.from(text);

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kept-keystore-'));
  folders.push(folder);
  return folder;
}

/** A node on a folder: what it has in memory is its own. */
async function nodeOn(folder: string): Promise<Keystore> {
  const read = readSettings({ KEPT_DATA: folder }, '/');
  if (!read.ok) throw new Error('the settings are wrong');
  return (await openCustody(read.settings.custody, random)).keystore;
}

/** Contents of every file below a folder, in latin1. */
async function contentsOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')),
  );
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const kinds: readonly (readonly [string, () => Promise<Keystore>])[] = [
  ['in a folder', async () => nodeOn(await newFolder())],
  ['in memory', async () => memoryKeystore(random)],
];

describe.each(kinds)('a keystore %s', (_, open) => {
  let keystore: Keystore;

  beforeEach(async () => {
    keystore = await open();
  });

  it('makes one key for a customer, however often it is asked, and opens it', async () => {
    const made = await Promise.all([1, 2, 3].map(() => keystore.create(ada)));
    const recipients = new Set(made.map(({ recipient }) => recipientText(recipient)));
    expect(recipients.size).toBe(1);
    const identity = await keystore.unwrap(ada, 1);
    expect(recipientText(identity.recipient)).toBe([...recipients][0]);
    expect(await keystore.current(ada)).toMatchObject({ customer: ada, version: 1 });
    expect((await keystore.create(bob)).recipient.point).not.toEqual(identity.recipient.point);
  });

  it('knows nothing of others', async () => {
    const unknown = { code: 'unknown' };
    expect(await keystore.exists(bob)).toBe(false);
    expect(await keystore.versions(bob)).toEqual([]);
    await expect(keystore.current(bob)).rejects.toMatchObject(unknown);
    await expect(keystore.unwrap(bob, 1)).rejects.toMatchObject(unknown);
    await keystore.create(ada);
    await expect(keystore.unwrap(ada, 2)).rejects.toMatchObject(unknown);
  });

  it('gives a customer another key while the old one still opens, until it is retired', async () => {
    const first = await keystore.create(ada);
    const second = await keystore.rekey(ada, 1);
    expect(second.version).toBe(2);
    expect(second.recipient.point).not.toEqual(first.recipient.point);
    expect(await keystore.rekey(ada, 1)).toMatchObject({ version: 2 });
    expect(await keystore.create(ada)).toMatchObject({ version: 2 });
    expect((await keystore.unwrap(ada, 1)).recipient.point).toEqual(first.recipient.point);
    await expect(keystore.retire(ada, 2)).rejects.toMatchObject({ code: 'current' });
    await keystore.retire(ada, 1);
    await keystore.retire(ada, 1);
    expect(await keystore.versions(ada)).toEqual([2]);
    await expect(keystore.unwrap(ada, 1)).rejects.toMatchObject({ code: 'unknown' });
  });

  it('destroys a customer’s keys for good, and nobody else’s', async () => {
    await keystore.create(ada);
    await keystore.rekey(ada, 1);
    await keystore.create(bob);
    await keystore.unwrap(ada, 1);
    await keystore.destroy(ada);
    await keystore.destroy(ada);
    const gone = { code: 'destroyed' };
    await expect(keystore.unwrap(ada, 1)).rejects.toMatchObject(gone);
    await expect(keystore.current(ada)).rejects.toMatchObject(gone);
    await expect(keystore.create(ada)).rejects.toMatchObject(gone);
    expect(await keystore.exists(ada)).toBe(false);
    expect(await keystore.unwrap(bob, 1)).toMatchObject({ kind: 'X25519' });
  });

  it('wraps a product’s keys for one customer and purpose', async () => {
    await keystore.create(ada);
    await keystore.create(bob);
    const { plaintext, wrapped } = await keystore.issueDataKey(ada, 'invoices');
    expect(plaintext).toHaveLength(32);
    expect(Buffer.from(wrapped).includes(plaintext)).toBe(false);
    const opened = () => keystore.unwrapDataKey(ada, 'invoices', wrapped);
    expect(Buffer.compare(await opened(), plaintext)).toBe(0);
    await keystore.rekey(ada, 1);
    expect(Buffer.compare(await opened(), plaintext)).toBe(0);
    const own = await keystore.wrapDataKey(ada, 'invoices', Buffer.from('a key of theirs'));
    expect(own[4]).toBe(2);
    const foreign = { code: 'purpose' };
    await expect(keystore.unwrapDataKey(ada, 'letters', wrapped)).rejects.toMatchObject(foreign);
    await expect(keystore.unwrapDataKey(bob, 'invoices', wrapped)).rejects.toMatchObject(foreign);
    for (let byte = 0; byte < wrapped.length; byte++) {
      const flipped = Uint8Array.from(wrapped);
      flipped[byte] = (flipped[byte] ?? 0) ^ 1;
      const opening = keystore.unwrapDataKey(ada, 'invoices', flipped);
      // A flipped version names a key that there is not.
      await expect(opening).rejects.toMatchObject({
        code: byte >= 1 && byte <= 4 ? expect.stringMatching(/unknown|purpose/) : 'purpose',
      });
    }
    await expect(keystore.unwrapDataKey(ada, 'x', Buffer.of())).rejects.toMatchObject(foreign);
    await expect(keystore.wrapDataKey(ada, 'x', Buffer.of())).rejects.toMatchObject(foreign);
  });

  it('opens everything through a rotation of the key-encryption key', async () => {
    await keystore.create(ada);
    const before = await keystore.unwrap(ada, 1);
    const kek = await keystore.rotateKek();
    await keystore.create(bob);
    expect((await keystore.unwrap(ada, 1)).secret).toEqual(before.secret);
    expect(await keystore.rewrap()).toEqual({ rewrapped: 1, kek });
    expect(await keystore.rewrap()).toEqual({ rewrapped: 0, kek });
    expect((await keystore.unwrap(ada, 1)).secret).toEqual(before.secret);
  });

  it('is backed up once a day, and each backup expires', async () => {
    await keystore.create(ada);
    const first = await keystore.backUp(at('2026-01-05T03:00:00Z'));
    expect(first).toMatchObject({ keys: 1, at: at('2026-01-05T03:00:00Z') });
    expect(await keystore.backUp(at('2026-01-05T23:00:00Z'))).toEqual(first);
    await keystore.create(bob);
    const second = await keystore.backUp(at('2026-01-06T03:00:00Z'));
    expect(await keystore.backups()).toEqual([first, second]);
    expect(await keystore.backupsHolding(bob)).toEqual([second.at]);
    await keystore.destroy(ada);
    await keystore.backUp(at('2026-01-07T03:00:00Z'));
    expect(await keystore.backupsHolding(ada)).toEqual([first.at, second.at]);
    expect(await keystore.expireBackups(at('2026-02-09T02:59:59Z'), 35)).toEqual([]);
    expect(await keystore.expireBackups(at('2026-02-09T03:00:00Z'), 35)).toEqual([first]);
    expect(await keystore.expireBackups(at('2026-02-10T03:00:00Z'), 35)).toEqual([second]);
    expect(await keystore.backupsHolding(ada)).toEqual([]);
    for (const days of [0, 61, 1.5]) {
      await expect(keystore.expireBackups(at('2026-02-10T03:00:00Z'), days)).rejects.toMatchObject({
        code: 'backup',
      });
    }
  });

  it('keeps a retired key-encryption key for as long as a backup needs it', async () => {
    await keystore.create(ada);
    const secret = (await keystore.unwrap(ada, 1)).secret;
    const { at: made } = await keystore.backUp(at('2026-01-05T03:00:00Z'));
    await keystore.rotateKek();
    await keystore.rewrap();
    await keystore.expireBackups(at('2026-01-06T03:00:00Z'), 35);
    expect(await keystore.restore(made, [])).toEqual({ restored: 0, destroyed: 0 });
    await keystore.expireBackups(at('2026-02-10T03:00:00Z'), 35);
    expect((await keystore.unwrap(ada, 1)).secret).toEqual(secret);
  });

  it('brings back nothing that was destroyed', async () => {
    await keystore.create(ada);
    await keystore.create(bob);
    await keystore.rekey(bob, 1);
    const { at: made } = await keystore.backUp(at('2026-01-05T03:00:00Z'));
    await keystore.destroy(ada);
    await keystore.retire(bob, 1);
    expect(await keystore.restore(made, [])).toEqual({ restored: 0, destroyed: 2 });
    expect(await keystore.exists(ada)).toBe(false);
    expect(await keystore.versions(bob)).toEqual([2]);
    await expect(keystore.restore(at('2026-01-04T03:00:00Z'), [])).rejects.toMatchObject({
      code: 'backup',
    });
  });
});

describe('a keystore in a folder', () => {
  it('that was lost comes back from a backup, but for whom the ledger knows to be gone', async () => {
    const folder = await newFolder();
    const before = await nodeOn(folder);
    await before.create(ada);
    await before.create(bob);
    const { secret } = await before.unwrap(bob, 1);
    const { at: made } = await before.backUp(at('2026-01-05T03:00:00Z'));
    await rm(join(folder, 'keystore'), { recursive: true });
    const after = await nodeOn(folder);
    expect(await after.restore(made, [ada])).toEqual({ restored: 1, destroyed: 1 });
    expect((await after.unwrap(bob, 1)).secret).toEqual(secret);
    await expect(after.create(ada)).rejects.toMatchObject({ code: 'destroyed' });
  });

  it('is seen by every node as it is, whatever they remember', async () => {
    const folder = await newFolder();
    const [one, two] = [await nodeOn(folder), await nodeOn(folder)];
    await one.create(ada);
    await two.unwrap(ada, 1);
    await one.rotateKek();
    await one.rewrap();
    expect(await two.rewrap()).toMatchObject({ rewrapped: 0 });
    await one.destroy(ada);
    await expect(two.unwrap(ada, 1)).rejects.toMatchObject({ code: 'destroyed' });
    await expect(two.create(ada)).rejects.toMatchObject({ code: 'destroyed' });
  });

  it('makes one first key when two nodes make it at once', async () => {
    const folder = await newFolder();
    const nodes = [await nodeOn(folder), await nodeOn(folder)];
    const made = await Promise.all(nodes.map((node) => node.create(ada)));
    expect(made[0]?.recipient.point).toEqual(made[1]?.recipient.point);
    const again = await Promise.all(nodes.map((node) => node.rekey(ada, 1)));
    expect(again[0]?.recipient.point).toEqual(again[1]?.recipient.point);
  });

  it('opens no key that was changed, or put in another’s place', async () => {
    const folder = await newFolder();
    const keystore = await nodeOn(folder);
    await keystore.create(ada);
    await keystore.create(bob);
    const pathOf = (customer: string) =>
      join(folder, 'keystore', 'customers', customer.slice(-2), customer, '1.key');
    const own = await readFile(pathOf(ada), 'utf8');
    await writeFile(pathOf(ada), await readFile(pathOf(bob)));
    const damaged = { code: 'damaged' };
    await expect((await nodeOn(folder)).unwrap(ada, 1)).rejects.toMatchObject(damaged);
    await writeFile(pathOf(ada), own.replace(/"wrapped":"(..)/, '"wrapped":"$1AA'));
    await expect((await nodeOn(folder)).unwrap(ada, 1)).rejects.toMatchObject(damaged);
    await writeFile(pathOf(ada), 'nothing');
    await expect((await nodeOn(folder)).unwrap(ada, 1)).rejects.toMatchObject(damaged);
  });

  it('opens no key that was put back after its destruction', async () => {
    const folder = await newFolder();
    const keystore = await nodeOn(folder);
    await keystore.create(ada);
    const home = join(folder, 'keystore', 'customers', 'ad', ada);
    const stolen = await readFile(join(home, '1.key'));
    await keystore.destroy(ada);
    await mkdir(home);
    await writeFile(join(home, '1.key'), stolen);
    const gone = { code: 'destroyed' };
    await expect(keystore.unwrap(ada, 1)).rejects.toMatchObject(gone);
    await expect((await nodeOn(folder)).unwrap(ada, 1)).rejects.toMatchObject(gone);
    expect(await contentsOf(join(folder, 'keystore'))).toEqual(['']);
  });

  it('opens nothing without the key-encryption key that wrapped it', async () => {
    const folder = await newFolder();
    await (await nodeOn(folder)).create(ada);
    await rm(join(folder, 'kek'), { recursive: true });
    await expect((await nodeOn(folder)).unwrap(ada, 1)).rejects.toMatchObject({ code: 'kek' });
  });

  it('refuses a backup that is not what was written', async () => {
    const folder = await newFolder();
    const keystore = await nodeOn(folder);
    await keystore.create(ada);
    const { at: made } = await keystore.backUp(at('2026-01-05T03:00:00Z'));
    const backups = join(folder, 'keystore-backups');
    const [name = ''] = await readdir(backups);
    await writeFile(join(backups, name), (await readFile(join(backups, name))).subarray(0, -1));
    await expect(keystore.restore(made, [])).rejects.toMatchObject({ code: 'backup' });
  });

  it('holds no secret, and after a destruction and the expiry of backups no wrapped key', async () => {
    const folder = await newFolder();
    const keystore = await nodeOn(folder);
    await keystore.create(ada);
    await keystore.create(bob);
    const { secret } = await keystore.unwrap(ada, 1);
    await keystore.backUp(at('2026-01-05T03:00:00Z'));
    const wrapped = (await contentsOf(folder)).find((text) => text.includes(ada));
    const base64 = /"wrapped":"([^"]+)"/.exec(wrapped ?? '')?.[1] ?? 'absent';
    expect((await contentsOf(folder)).some((text) => text.includes(base64))).toBe(true);
    await keystore.destroy(ada);
    await keystore.expireBackups(at('2026-02-09T03:00:00Z'), 35);
    const left = (await contentsOf(folder)).join('\n');
    for (const trace of [
      base64,
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('hex'),
    ]) {
      expect(left).not.toContain(trace);
    }
    expect(left.includes(Buffer.from(secret).toString('latin1'))).toBe(false);
  });

  it('says that its folder failed, and that trying again may help', async () => {
    const folder = await newFolder();
    const keystore = await nodeOn(folder);
    await rm(join(folder, 'keystore'), { recursive: true });
    await writeFile(join(folder, 'keystore'), 'no folder');
    const failed = { code: 'unreachable', retryable: true };
    await expect(keystore.create(ada)).rejects.toMatchObject(failed);
    await expect(keystore.destroy(ada)).rejects.toMatchObject(failed);
  });

  it('takes only UUIDs for customers', async () => {
    const keystore = await nodeOn(await newFolder());
    for (const wrong of ['../../x', '', 'Ada', `${ada}/..`]) {
      await expect(keystore.create(wrong)).rejects.toMatchObject({ code: 'unknown' });
      await expect(keystore.destroy(wrong)).rejects.toMatchObject({ code: 'unknown' });
    }
  });
});
