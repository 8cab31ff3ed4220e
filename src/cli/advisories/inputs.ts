import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { type Inventory, InventoryFault } from '../../inventory/component.ts';
import { readerOf } from '../../inventory/readers.ts';
import { withoutShadowed } from '../../inventory/shadowed.ts';
import { CliFault, exit } from '../exit.ts';
import { type Ignoring, isIgnored, readIgnoring, sourceOf } from './gitignore.ts';
import { beginningOf, readInventory } from './reading.ts';

/** A file that was read, and where. */
export interface ReadFile {
  /** Relative to where the scan began, with `/`. */
  readonly path: string;
  /** On this machine; null where it was made, not found. */
  readonly file: string | null;
  readonly inventory: Inventory;
}

export interface Inputs {
  readonly files: readonly ReadFile[];
  /** Files that look like an inventory and are none, and why. */
  readonly unread: readonly { readonly path: string; readonly reason: string }[];
}

export interface Asked {
  /** Where relative paths start. */
  readonly folder: string;
  readonly paths: readonly string[];
  /** Patterns of paths that are passed over, as in a `.gitignore`. */
  readonly exclude: readonly string[];
  /** Program that makes bills of folders; null where none is asked for. */
  readonly cdxgen: string | null;
  readonly onFile?: (path: string) => void;
}

/** Folders that hold what was installed or built, never what was asked for. */
const passedOver = new Set(['node_modules', '.git', 'vendor', 'target', '.venv', 'dist', '.cache']);
const bills = /(?:^|[.-])(?:bom|cdx|spdx|sbom)\b.*\.(?:json|xml|spdx|tag)$|\.spdx$/i;

/**
 * Reads lockfiles and bills of materials: those named, and in a folder all whose names say what they are.
 * A file named by itself must be read; one found in a folder that cannot be is told and passed over.
 *
 * @throws CliFault where a path is not there, a file that was named is no inventory, or nothing was found
 */
export async function readInputs(asked: Asked): Promise<Inputs> {
  const files: ReadFile[] = [];
  const unread: { path: string; reason: string }[] = [];
  for (const path of asked.paths) {
    const isFolder = await isFolderAt(path);
    for (const file of isFolder ? await inventoriesIn(path, asked.exclude) : [path]) {
      const shown = relative(asked.folder, file).split(sep).join('/') || basename(file);
      asked.onFile?.(shown);
      try {
        files.push({ path: shown, file, inventory: await readInventory(file) });
      } catch (error) {
        if (!(error instanceof InventoryFault)) throw error;
        if (!isFolder) throw new CliFault(exit.usage, `${shown}: ${error.message}`, error);
        unread.push({ path: shown, reason: error.message });
      }
    }
    if (isFolder && asked.cdxgen !== null) files.push(await generated(asked, path, files));
  }
  if (files.length + unread.length === 0) throw nothingFound(asked);
  return { files: withoutShadowed(files), unread };
}

function nothingFound({ folder, paths }: Asked): CliFault {
  const where = paths.map((path) => relative(folder, path) || '.').join(', ');
  return new CliFault(exit.usage, {
    title: `no lockfile and no bill of materials was found in ${where}`,
    action: 'name one, or make one of everything else: kept scan --cdxgen (docs/scan.md)',
  });
}

/** What the lockfiles do not tell of: packages of ecosystems that none of them is of. */
async function generated(
  { folder, cdxgen, onFile }: Asked,
  path: string,
  known: readonly ReadFile[],
): Promise<ReadFile> {
  const { billByCdxgen } = await import('./cdxgen.ts');
  const shown = `${relative(folder, path).split(sep).join('/') || '.'} (cdxgen)`;
  onFile?.(shown);
  const inventory = await billByCdxgen(cdxgen ?? 'cdxgen', path);
  const told = new Set(
    known.flatMap(({ inventory: { components } }) => components.map((one) => one.ecosystem)),
  );
  const components = inventory.components.filter(
    ({ ecosystem }) => ecosystem === null || !told.has(ecosystem),
  );
  return { path: shown, file: null, inventory: { ...inventory, components } };
}

async function isFolderAt(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new CliFault(exit.usage, `${path} cannot be read: ${(cause as Error).message}`, cause);
  }
}

interface Waiting {
  /** Relative to where the walk began, ending with `/`, or empty. */
  readonly within: string;
  readonly ignoring: readonly Ignoring[];
}

async function inventoriesIn(
  folder: string,
  exclude: readonly string[],
): Promise<readonly string[]> {
  const excluded = exclude.map((pattern) => new RegExp(`^(?:.*/)?${sourceOf(pattern)}(?:/.*)?$`));
  const found: string[] = [];
  const waiting: Waiting[] = [{ within: '', ignoring: [] }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { within } = next;
    const entries = await readdir(join(folder, within), { withFileTypes: true });
    const ignoring = entries.some(({ name }) => name === '.gitignore')
      ? [...next.ignoring, await ignoringOf(folder, within)]
      : next.ignoring;
    for (const entry of entries) {
      const path = `${within}${entry.name}`;
      const isFolder = entry.isDirectory();
      if (isFolder ? passedOver.has(entry.name) : !entry.isFile() || !isInventory(entry.name)) {
        continue;
      }
      if (isIgnored(path, isFolder, ignoring) || excluded.some((one) => one.test(path))) continue;
      if (isFolder) waiting.push({ within: `${path}/`, ignoring });
      else if (isNamedSo(entry.name) || (await saysSo(join(folder, path)))) {
        found.push(join(folder, path));
      }
    }
  }
  return found.sort();
}

function isNamedSo(name: string): boolean {
  return readerOf(name) !== null || bills.test(name);
}

/** By its name, or it may say so itself at its beginning. */
function isInventory(name: string): boolean {
  return isNamedSo(name) || /\.(?:json|xml)$/i.test(name);
}

const said = /"bomFormat"\s*:\s*"CycloneDX"|"spdxVersion"\s*:|cyclonedx\.org\/schema\/bom\//;

/** Whether a file calls itself a bill of materials, whatever it is named. */
async function saysSo(path: string): Promise<boolean> {
  return said.test((await beginningOf(path).catch(() => Buffer.alloc(0))).toString('latin1'));
}

async function ignoringOf(folder: string, within: string): Promise<Ignoring> {
  const text = await readFile(join(folder, within, '.gitignore'), 'utf8').catch(() => '');
  return readIgnoring(within, text);
}
