/**
 * `npm run keystore -- COMMAND`: what an operator does with the keystore by hand, on the machine and
 * with the settings of the server, which may be running. Prints one line for each thing done.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Fault } from '../src/kernel/fault.ts';
import { openCustody } from '../src/platform/custody.ts';
import type { Keystore } from '../src/platform/keystore/keystore.ts';
import { systemRandom } from '../src/platform/random.ts';
import { readSettings, wrongSettingText } from '../src/platform/settings.ts';

const usage = `Usage: npm run keystore -- COMMAND

  rotate                         makes a new key-encryption key (files) and wraps all keys under it
  rewrap                         wraps all keys under the newest one: after KEPT_KEK names another
                                 key of KMS, or to go on with a rotation that was cut off
  backups                        lists the backups: time, keys, SHA-256
  backup                         makes the backup of today, where there is none
  restore TIME [--destroyed FILE]
                                 brings missing keys back from the backup of that time, but none that
                                 was destroyed: here, by the time of the backup, or by FILE, one
                                 customer's id a line

Settings are those of the server: KEPT_DATA, KEPT_KEYSTORE, KEPT_KEYSTORE_BACKUPS, KEPT_KEK.
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

type Act = (keystore: Keystore, time: string, destroyed: string | undefined) => Promise<void>;

const acts: Readonly<Record<string, Act>> = {
  async rotate(keystore) {
    await keystore.rotateKek();
    await rewrap(keystore);
  },
  rewrap,
  async backups(keystore) {
    for (const { at, keys, digest } of await keystore.backups()) say(`${at} ${keys} ${digest}`);
  },
  async backup(keystore) {
    const { at, keys, digest } = await keystore.backUp(Temporal.Now.instant());
    say(`${at} ${keys} ${digest}`);
  },
  async restore(keystore, time, file) {
    const lines = file === undefined ? [] : (await readFile(file, 'utf8')).split('\n');
    const destroyed = lines.map((line) => line.trim()).filter((line) => line !== '');
    const done = await keystore.restore(Temporal.Instant.from(time), destroyed);
    say(`${done.restored} keys restored, ${done.destroyed} left out as destroyed`);
  },
};

async function rewrap(keystore: Keystore): Promise<void> {
  const { rewrapped, kek } = await keystore.rewrap();
  say(`${rewrapped} keys wrapped anew; all are now under ${kek}`);
}

/** @returns the exit code */
async function main(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { destroyed: { type: 'string' } },
  });
  const [command = '', time = '', ...rest] = positionals;
  const act = acts[command];
  if (!act || rest.length > 0 || (time !== '') !== (command === 'restore')) {
    process.stderr.write(usage);
    return 2;
  }
  const read = readSettings(process.env, process.cwd());
  if (!read.ok) {
    for (const wrong of read.wrong) process.stderr.write(`${wrongSettingText(wrong)}\n`);
    return 2;
  }
  const { keystore } = await openCustody(read.settings.custody, systemRandom());
  await act(keystore, time, values.destroyed);
  return 0;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof Fault || error instanceof RangeError)) throw error;
  process.stderr.write(`${error.message}\n`);
  return 5;
});
