import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSource, type Source } from './source.ts';

/** The project as the rules see it: paths from the root, with `/`. */
export interface House {
  /** Every file that is, or is about to be, under version control. */
  readonly paths: readonly string[];
  /** Parsed code. */
  readonly sources: readonly Source[];
  /** Text of a file that holds text; undefined for pictures and for files that are not there. */
  text(path: string): string | undefined;
  source(path: string): Source | undefined;
}

const CODE = /\.(ts|tsx|mjs)$/;
const TEXT =
  /(\.(ts|tsx|mjs|js|json|md|sql|css|html|svg|ya?ml|cedar|txt|toml|sh|webmanifest)|(^|\/)(Dockerfile|LICENSE|run|\.[a-z]+))$/;

/** A house made of sentences, for the rules' own tests. */
export function houseOf(files: Readonly<Record<string, string>>): House {
  const paths = Object.keys(files).sort();
  const sources = paths
    .filter((path) => CODE.test(path))
    .map((path) => parseSource(path, files[path] ?? ''));
  const byPath = new Map(sources.map((source) => [source.path, source]));
  return { paths, sources, text: (path) => files[path], source: (path) => byPath.get(path) };
}

/** The files that git knows or would add, so that what is ignored is ignored here as well. */
export function readHouse(root: string): House {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const paths = [...new Set(listed.split('\0'))].filter(
    (path) => path !== '' && existsSync(join(root, path)),
  );
  const files: Record<string, string> = {};
  for (const path of paths)
    if (TEXT.test(path)) files[path] = readFileSync(join(root, path), 'utf8');
  return { ...houseOf(files), paths: paths.sort() };
}
