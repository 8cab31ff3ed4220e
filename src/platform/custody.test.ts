import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { bytesOf, gather } from './age/testing.ts';
import { type Custody, openCustody } from './custody.ts';
import type { ObjectName } from './objects/storage.ts';
import { systemRandom } from './random.ts';
import { readSettings } from './settings.ts';

/** The full proof is 200; every run of the tests does a few. */
const kills = Number(process.env['KEPT_KILLS'] ?? 4);
const folder = await mkdtemp(join(tmpdir(), 'kept-custody-'));
const fixture = join(import.meta.dirname, 'custody.fixture.ts');

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the killed processes said, all of them together. */
class Said {
  /** Public key by customer. */
  readonly created = new Map<string, string>();
  readonly destroying = new Set<string>();
  readonly destroyed = new Set<string>();
  readonly storing = new Map<ObjectName, number>();
  readonly stored = new Set<ObjectName>();

  /** Takes over what another round said. */
  add(other: Said): void {
    for (const [customer, point] of other.created) this.created.set(customer, point);
    for (const [name, length] of other.storing) this.storing.set(name, length);
    for (const customer of other.destroying) this.destroying.add(customer);
    for (const customer of other.destroyed) this.destroyed.add(customer);
    for (const name of other.stored) this.stored.add(name);
  }

  hear(line: string): void {
    const [act, name = '', more = ''] = line.split(' ');
    if (act === 'created') this.created.set(name, more);
    if (act === 'destroying') this.destroying.add(name);
    if (act === 'destroyed') this.destroyed.add(name);
    if (act === 'storing') this.storing.set(name, Number(more));
    if (act === 'stored') this.stored.add(name);
  }
}

function open(): Promise<Custody> {
  const read = readSettings({ KEPT_DATA: folder }, '/');
  if (!read.ok) throw new Error('the settings are wrong');
  return openCustody(read.settings.custody, systemRandom());
}

async function workAndKill(said: Said): Promise<void> {
  const child = spawn(process.execPath, [fixture, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  let rest = '';
  // After so many lines, not after so long: how much is done in a while is the machine's affair.
  let left = randomInt(1, 120);
  let ready: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    ready = resolve;
  });
  child.stdout.on('data', (bytes: Buffer) => {
    const lines = (rest + bytes.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) said.hear(line);
    left -= lines.length;
    if (left <= 0) ready();
  });
  await Promise.race([done, ended]);
  // Somewhere in the middle of what comes next.
  await pause(randomInt(0, 30));
  child.kill('SIGKILL');
  const [, signal] = await ended;
  // It never ends by itself: a fault of its own is not a kill.
  expect(signal).toBe('SIGKILL');
}

test(`killed ${kills} times at work, the custody loses nothing, and finishes what it destroys`, {
  timeout: 60_000 + kills * 10_000,
}, async () => {
  const all = new Said();
  for (let round = 0; round < kills; round++) {
    const said = new Said();
    await workAndKill(said);
    const custody = await open();
    await expectKeys(custody, said);
    await expectObjects(custody, said);
    all.add(said);
    await expectNothingLeft(all);
  }
  // What an earlier round left is still there after all later ones.
  const custody = await open();
  await expectKeys(custody, all);
  await expectObjects(custody, all);
  expect(all.created.size).toBeGreaterThan(kills);
  expect(all.destroyed.size).toBeGreaterThan(0);
  expect(all.stored.size).toBeGreaterThan(kills);
  process.stdout.write(
    `${kills} kills: ${all.created.size} keys, ${all.destroyed.size} destroyed, ${all.stored.size} objects\n`,
  );
});

async function expectKeys({ keystore }: Custody, said: Said): Promise<void> {
  for (const [customer, point] of said.created) {
    if (said.destroyed.has(customer)) {
      expect(await keystore.exists(customer)).toBe(false);
    } else if (said.destroying.has(customer)) {
      // Begun and not acknowledged: done again it succeeds, wherever it was cut off.
      await keystore.destroy(customer);
      expect(await keystore.exists(customer)).toBe(false);
      said.destroyed.add(customer);
    } else {
      const { recipient } = await keystore.unwrap(customer, 1);
      expect(Buffer.from(recipient.point).toString('hex')).toBe(point);
    }
  }
}

async function expectObjects({ objects }: Custody, said: Said): Promise<void> {
  for (const [name, length] of said.storing) {
    const [owner = ''] = name.split('/');
    if (said.destroying.has(owner)) {
      await objects.removeAll(owner);
      said.storing.delete(name);
      continue;
    }
    const size = await objects.size(name);
    if (said.stored.has(name)) expect(size).toBe(length);
    // Whole or not at all, whatever the moment.
    if (size === null) continue;
    expect(Buffer.compare(await gather(objects.get(name)), bytesOf(length))).toBe(0);
  }
  const swept = await objects.sweep(Temporal.Now.instant().add({ hours: 1 }));
  expect(swept).toBeLessThanOrEqual(2);
  expect(await readdir(join(folder, 'objects', 'incoming'))).toEqual([]);
}

/** Of whoever was destroyed there is a name in the list of those, and nothing else. */
async function expectNothingLeft(said: Said): Promise<void> {
  const keystore = join(folder, 'keystore');
  expect(await readdir(join(keystore, 'destroying'))).toEqual([]);
  const entries = await readdir(join(keystore, 'customers'), {
    recursive: true,
    withFileTypes: true,
  });
  for (const entry of entries.filter((one) => one.isFile())) {
    const customer = entry.parentPath.split('/').at(-1) ?? '';
    expect(said.destroyed).not.toContain(customer);
    const text = await readFile(join(entry.parentPath, entry.name), 'utf8');
    if (entry.name === '1.key') expect(text).toContain(`"customer":"${customer}"`);
  }
}
