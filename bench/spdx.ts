import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Figure, within } from './figure.ts';
import { runNode } from './process.ts';
import { median } from './rounds.ts';

const size = 10_000_000;
const readings = 3;
const bills = join(import.meta.dirname, '..', 'src', 'inventory', 'bills.ts');

/** What the process does: ours reads the bill whole; the baseline parses its JSON and nothing else. */
const reading = `
import { readFileSync } from 'node:fs';
import { readBill } from '${bills}';
const { components, notes } = await readBill(readFileSync(process.argv[1], 'utf8'));
process.stdout.write(components.length + ' components, ' + notes.length + ' notes');`;
const parsing = `
import { readFileSync } from 'node:fs';
JSON.parse(readFileSync(process.argv[1], 'utf8'));`;

/** An SPDX document of 10 MB read into components and what asks for what, in a process of its own. */
export const spdx: Figure = {
  name: 'spdx',
  async measure(ground) {
    const path = join(await ground.folder('spdx'), 'large.spdx.json');
    await writeFile(path, documentOf(size));
    ground.say(`  ${(await readFile(path)).length} bytes`);
    const [ours, bare] = [[], []] as [number[], number[]];
    let megabytes = 0;
    for (let n = 0; n < readings; n++) {
      const ran = await runNode(['--input-type=module', '-e', reading, path]);
      if (ran.code !== 0 || !/^\d{4,} components, 0 notes$/.test(ran.out)) throw new Error(ran.out);
      ours.push(ran.seconds);
      megabytes = Math.max(megabytes, ran.megabytes);
      bare.push((await runNode(['--input-type=module', '-e', parsing, path])).seconds);
    }
    const [value, baseline] = [median(ours), median(bare)];
    return [
      {
        name: 'spdx',
        says: 'an SPDX document of 10 MB read, a process from start to end, against parsing its JSON',
        value,
        baseline,
        ratio: value / baseline,
        unit: 's',
        target: { of: 'value', atMost: 5 },
      },
      within(512, {
        name: 'spdx memory',
        says: 'most memory of that process',
        value: megabytes,
        unit: 'MB',
      }),
    ];
  },
};

/** Packages as a generator of bills writes them, each needing the two behind it. */
function documentOf(bytes: number): string {
  const packages: string[] = [];
  const relationships: string[] = [];
  for (let [n, length] = [0, 0]; length < bytes; n++) {
    const written = packageOf(n);
    const needs = [n + 1, n + 2].map((needed) => relationOf(n, needed));
    packages.push(written);
    relationships.push(...needs);
    length += written.length + needs.join(',').length + 2;
  }
  return `{"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"sample","packages":[${packages.join(',')}],"relationships":[${relationships.join(',')}]}`;
}

const idOf = (n: number): string => `SPDXRef-Package-npm-sample-${n}`;

function packageOf(n: number): string {
  const version = `1.${n % 40}.${n % 7}`;
  return JSON.stringify({
    SPDXID: idOf(n),
    name: `sample-${n}`,
    versionInfo: version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: 'MIT',
    copyrightText: 'NOASSERTION',
    externalRefs: [
      {
        referenceCategory: 'PACKAGE-MANAGER',
        referenceType: 'purl',
        referenceLocator: `pkg:npm/sample-${n}@${version}`,
      },
    ],
  });
}

const relationOf = (from: number, to: number): string =>
  JSON.stringify({
    spdxElementId: idOf(from),
    relationshipType: 'DEPENDS_ON',
    relatedSpdxElement: idOf(to),
  });
