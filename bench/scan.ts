import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { advisories as count, type Pin, writeAdvisoryArchive } from './advisory-archive.ts';
import { type Figure, type Measured, within } from './figure.ts';
import type { Ground } from './ground.ts';
import { type Ran, runKept, runNode } from './process.ts';
import { median } from './rounds.ts';

const components = 1_000;
const scans = 5;

/** What unpacking and parsing alone cost, without looking at what was parsed or keeping it. */
export const bareImport = `
import { open } from 'node:fs/promises';
import { readArchive } from '${join(import.meta.dirname, '..', 'src', 'advisories', 'archives', 'archive.ts')}';
await using file = await open(process.argv[1]);
for await (const { content } of readArchive(file)) JSON.parse(content.toString('utf8'));`;

/** 214,000 advisories taken into an empty store, and a lockfile of 1,000 components matched against it. */
export const scan: Figure = {
  name: 'scan',
  async measure(ground) {
    const folder = await ground.folder('scan');
    const [archive, store] = [join(folder, 'all.tar.gz'), join(folder, 'advisories.sqlite')];
    ground.say(`  writing ${count} advisories`);
    const pins = await writeAdvisoryArchive(archive);
    const imported = await importing(ground, archive, store);
    await rm(archive);
    const lock = join(folder, 'poetry.lock');
    await writeFile(lock, lockOf(pins));
    return [...imported, ...(await scanning(ground, store, lock))];
  },
};

async function importing(
  ground: Ground,
  archive: string,
  store: string,
): Promise<readonly Measured[]> {
  const bare = await runNode(['--input-type=module', '-e', bareImport, archive]);
  const ran = await runKept(['advisories', 'import', archive, '--store', store]);
  ground.say(`  ${ran.out.split('\n')[0]}`);
  if (ran.code !== 0 || !ran.out.startsWith(`${count} read`)) throw new Error(ran.out);
  const says = `${count.toLocaleString('en')} advisories taken into an empty store`;
  return [
    {
      name: 'advisories',
      says: `${says}, against unpacking and parsing them`,
      value: ran.seconds,
      baseline: bare.seconds,
      ratio: ran.seconds / bare.seconds,
      unit: 's',
      target: { of: 'value', atMost: 20 },
    },
    within(600, {
      name: 'advisories memory',
      says: `most memory while ${says}`,
      value: ran.megabytes,
      unit: 'MB',
    }),
  ];
}

async function scanning(ground: Ground, store: string, lock: string): Promise<readonly Measured[]> {
  const runs: Ran[] = [];
  const bare: Ran[] = [];
  for (let n = 0; n < scans; n++) {
    runs.push(await runKept(['scan', '--store', store, lock]));
    bare.push(await runNode(['-e', '0']));
  }
  const said = runs[0]?.out ?? '';
  ground.say(`  ${said.trim().split('\n').at(-1)}`);
  if (!said.includes(`${components} components`) || !said.includes('known vulnerabilities:')) {
    throw new Error(`the scan says: ${said.slice(0, 500)}`);
  }
  const seconds = median(runs.map((ran) => ran.seconds));
  const baseline = median(bare.map((ran) => ran.seconds));
  return [
    {
      name: 'scan',
      says: `a lockfile of ${components} components scanned against them, a process from start to end, against one that does nothing`,
      value: seconds,
      baseline,
      ratio: seconds / baseline,
      unit: 's',
      target: { of: 'value', atMost: 1 },
    },
    within(300, {
      name: 'scan memory',
      says: 'most memory of that process',
      value: Math.max(...runs.map((ran) => ran.megabytes)),
      unit: 'MB',
    }),
  ];
}

/** Every second package has advisories. */
function lockOf(pins: readonly Pin[]): string {
  const known = [...new Map(pins.map((pin) => [pin.name, pin])).values()].slice(0, components / 2);
  const entries = Array.from({ length: components }, (_, n) =>
    n < known.length ? (known[n] as Pin) : { name: `sample-${n}`, version: `1.${n}.0` },
  );
  return entries
    .map(({ name, version }) => `[[package]]\nname = "${name}"\nversion = "${version}"\n`)
    .join('\n');
}
