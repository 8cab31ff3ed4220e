import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { readBill } from '../../inventory/bills.ts';
import { type Inventory, InventoryFault } from '../../inventory/component.ts';
import { readerOf } from '../../inventory/readers.ts';
import { CliFault, exit } from '../exit.ts';

/** A file that was read, and where. */
export interface ReadFile {
  /** Relative to where the scan began, with `/`. */
  readonly path: string;
  readonly inventory: Inventory;
}

export interface Inputs {
  readonly files: readonly ReadFile[];
  /** Files that look like an inventory and are none, and why. */
  readonly unread: readonly { readonly path: string; readonly reason: string }[];
}

/** Folders that hold what was installed or built, never what was asked for. */
const passedOver = new Set(['node_modules', '.git', 'vendor', 'target', '.venv', 'dist', '.cache']);
const limitBytes = 256 * 1024 * 1024;
const bills = /(?:^|[.-])(?:bom|cdx|spdx|sbom)\b.*\.(?:json|xml|spdx|tag)$|\.spdx$/i;

/**
 * Reads lockfiles and bills of materials: those named, and in a folder all whose names say what they are.
 * A file named by itself must be read; one found in a folder that cannot be is told and passed over.
 *
 * @throws CliFault where a path is not there, or a file that was named is no inventory
 */
export async function readInputs(folder: string, paths: readonly string[]): Promise<Inputs> {
  const files: ReadFile[] = [];
  const unread: { path: string; reason: string }[] = [];
  for (const path of paths) {
    const isFolder = await isFolderAt(path);
    for (const file of isFolder ? await inventoriesIn(path) : [path]) {
      const shown = relative(folder, file).split(sep).join('/') || basename(file);
      try {
        files.push({ path: shown, inventory: await readOne(file) });
      } catch (error) {
        if (!(error instanceof InventoryFault)) throw error;
        if (!isFolder) throw new CliFault(exit.usage, `${shown}: ${error.message}`, error);
        unread.push({ path: shown, reason: error.message });
      }
    }
  }
  return { files: withoutShadowed(files), unread };
}

async function isFolderAt(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new CliFault(exit.usage, `${path} cannot be read: ${(cause as Error).message}`, cause);
  }
}

async function inventoriesIn(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true })) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) {
        if (!passedOver.has(entry.name)) waiting.push(path);
      } else if (entry.isFile() && (readerOf(entry.name) || bills.test(entry.name))) {
        found.push(path);
      }
    }
  }
  return found.sort();
}

async function readOne(path: string): Promise<Inventory> {
  const { size } = await stat(path);
  if (size > limitBytes) {
    throw new InventoryFault(`the file has ${size} bytes; up to ${limitBytes} are read`);
  }
  const text = await readFile(path, 'utf8');
  const reader = readerOf(basename(path));
  return reader ? reader(text) : await readBill(text);
}

/** A `go.sum` beside a `go.mod` says less: it also names what is not built in. */
function withoutShadowed(files: readonly ReadFile[]): readonly ReadFile[] {
  const paths = new Set(files.map(({ path }) => path));
  return files.filter(
    ({ path }) => !path.endsWith('go.sum') || !paths.has(path.replace(/go\.sum$/, 'go.mod')),
  );
}
