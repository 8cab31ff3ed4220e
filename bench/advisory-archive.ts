import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';
import { sharedCases } from '../conformance/suite.ts';
import { readArchive } from '../src/advisories/archives/archive.ts';
import type { OsvAdvisory } from '../src/advisories/osv.ts';

export const advisories = 214_000;

/** A package that has advisories, and a version that they speak of. */
export interface Pin {
  readonly name: string;
  readonly version: string;
}

/**
 * Writes an archive of 214,000 advisories: the real ones of the shared data over and over, each round
 * with names of its own. As many bytes as real ones, which made-up ones would not be.
 *
 * @returns packages of PyPI of the first rounds, for a lockfile that has something to be found
 * @throws Error where the shared data is not there
 */
export async function writeAdvisoryArchive(path: string): Promise<readonly Pin[]> {
  const real = await realAdvisories();
  const pins: Pin[] = [];
  const zipped = createGzip({ level: 1 });
  const written = zipped.pipe(createWriteStream(path));
  for (let n = 0; n < advisories; n++) {
    const round = Math.floor(n / real.length);
    const advisory = renamed(real[n % real.length] as OsvAdvisory, round);
    if (round < 2) pins.push(...pinsOf(advisory));
    if (!zipped.write(tarred(`${advisory.id}.json`, JSON.stringify(advisory)))) {
      await once(zipped, 'drain');
    }
  }
  zipped.end(Buffer.alloc(1024));
  await once(written, 'close');
  return pins;
}

async function realAdvisories(): Promise<readonly OsvAdvisory[]> {
  const folder = sharedCases('osv');
  if (folder === null) throw new Error('the shared data is not there: set KEPT_SHARED_DATA');
  const found: OsvAdvisory[] = [];
  for (const archive of ['Go', 'PyPI', 'crates.io']) {
    await using file = await open(join(folder, `${archive}.tar.gz`));
    for await (const one of readArchive(file)) {
      if ('content' in one) found.push(JSON.parse(one.content.toString('utf8')) as OsvAdvisory);
    }
  }
  return found;
}

function renamed(advisory: OsvAdvisory, round: number): OsvAdvisory {
  if (round === 0) return advisory;
  const name = (text: string): string => `${text}-${round}`;
  return {
    ...advisory,
    id: name(advisory.id),
    aliases: advisory.aliases?.map(name),
    affected: advisory.affected?.map(({ package: named, ...rest }) => ({
      ...rest,
      package: named ? { ecosystem: named.ecosystem, name: name(named.name) } : undefined,
    })),
  } as OsvAdvisory;
}

function pinsOf({ affected }: OsvAdvisory): readonly Pin[] {
  return (affected ?? []).flatMap(({ package: named, versions }) => {
    const version = versions?.[Math.floor(versions.length / 2)];
    return named?.ecosystem === 'PyPI' && version ? [{ name: named.name, version }] : [];
  });
}

/** A file as it stands in a POSIX archive. */
function tarred(name: string, text: string): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        0', 148);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
