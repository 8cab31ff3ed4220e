import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Figure, within } from './figure.ts';

const built = join(import.meta.dirname, '..', 'dist', 'web');

/** What Vite tells of a chunk. */
interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly isDynamicEntry?: boolean;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
}
type Manifest = Readonly<Record<string, Chunk>>;

/** Script that the console needs before its heaviest page is drawn: shell, words, page. */
export const consoleScript: Figure = {
  name: 'console',
  async measure(ground) {
    const manifest = JSON.parse(
      await readFile(join(built, '.vite', 'manifest.json'), 'utf8'),
    ) as Manifest;
    const names = Object.keys(manifest);
    const entry = names.find((name) => manifest[name]?.isEntry);
    const apart = names.filter((name) => manifest[name]?.isDynamicEntry);
    const words = apart.filter((name) => /^words\/\w+\.ts$/.test(name));
    // Of what the shell fetches by itself; dialogs and forms are fetched by pages.
    const pages = (manifest[entry ?? '']?.dynamicImports ?? []).filter((name) =>
      /(^|\/)(pages\/\w+|page(\.\w+)?)\.tsx$/.test(name),
    );
    if (!entry || words.length < 2 || pages.length < 2) {
      throw new Error('the manifest does not tell the shell, its words and the pages apart');
    }
    const loads: { page: string; bytes: number }[] = [];
    for (const page of pages) {
      for (const language of words) {
        const said = await wordsOf(manifest, { entry, page, language });
        loads.push({ page, bytes: await scriptBytes(manifest, [entry, language, page, ...said]) });
      }
    }
    const heaviest = loads.reduce((most, load) => (load.bytes > most.bytes ? load : most));
    const shell = Math.max(
      ...(await Promise.all(words.map((each) => scriptBytes(manifest, [entry, each])))),
    );
    ground.say(`  shell and words ${Math.round(shell / 1000)} kB; heaviest page ${heaviest.page}`);
    return [
      within(260, {
        name: 'console',
        says: `script of the console's first load gzipped, at its heaviest of ${pages.length} pages, each a chunk of its own`,
        value: heaviest.bytes / 1000,
        unit: 'kB',
      }),
    ];
  },
};

const sizes = new Map<string, number>();

/** The words, in a language (`words/en.ts`), of the rooms that a page says something of, or what it imports beside the shell. */
async function wordsOf(
  manifest: Manifest,
  { entry, page, language }: { entry: string; page: string; language: string },
): Promise<readonly string[]> {
  const tag = /\w+(?=\.ts$)/.exec(language)?.[0];
  const shell = filesOf(manifest, [entry]);
  const files = [...filesOf(manifest, [page])].filter((file) => !shell.has(file));
  const code = await Promise.all(files.map((file) => readFile(join(built, file), 'utf8')));
  return Object.keys(manifest).filter((name) => {
    const [, room, its] =
      /(?:^|\/)((?:clauses|registers)\/[\w-]+)\/words\.(\w+)\.json$/.exec(name) ?? [];
    return room !== undefined && its === tag && code.some((text) => text.includes(room));
  });
}

/** Script of chunks and all that they import at once, each file once. */
async function scriptBytes(manifest: Manifest, names: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const file of filesOf(manifest, names)) bytes += await gzippedBytes(file);
  return bytes;
}

function filesOf(manifest: Manifest, names: readonly string[]): ReadonlySet<string> {
  const files = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const chunk = manifest[name];
    if (!chunk) throw new Error(`the manifest has no chunk ${name}`);
    if (files.has(chunk.file)) continue;
    files.add(chunk.file);
    waiting.push(...(chunk.imports ?? []));
  }
  return files;
}

async function gzippedBytes(file: string): Promise<number> {
  const known = sizes.get(file) ?? gzipSync(await readFile(join(built, file))).length;
  sizes.set(file, known);
  return known;
}
