import { readBill } from '../../inventory/bills.ts';
import { type Inventory, InventoryFault } from '../../inventory/component.ts';
import { pathsOf } from '../../inventory/paths.ts';
import { readerOf } from '../../inventory/readers.ts';
import { withoutShadowed } from '../../inventory/shadowed.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { AuditedComponent } from './facts.audit.ts';

/** A file of an audit: a lockfile by its name, or a bill of materials. */
export interface InventoryFile {
  /** With its folder, where it has one: `packages/web/package-lock.json`. */
  readonly name: string;
  readonly text: string;
}

export interface ReadInventories {
  /** Each package in each version once. */
  readonly components: readonly AuditedComponent[];
  readonly formats: readonly string[];
  /** What could not be taken in, file by file. */
  readonly notes: readonly string[];
}

const limits = { name: 2000, version: 500, purl: 4000, path: 60, notes: 200, note: 500 };

/**
 * Reads the files of an audit. One that is no inventory refuses the whole: what would be missing
 * would be taken for gone.
 */
export async function readInventories(
  files: readonly InventoryFile[],
): Promise<Result<ReadInventories, Refusal<'fileUnread'>>> {
  const read: { readonly path: string; readonly inventory: Inventory }[] = [];
  for (const file of files) {
    try {
      read.push({ path: file.name, inventory: await readOne(file) });
    } catch (error) {
      if (!(error instanceof InventoryFault)) throw error;
      return refuse('fileUnread', { file: file.name, why: error.message });
    }
  }
  const gathered = new Map<string, AuditedComponent>();
  const formats = new Set<string>();
  const notes: string[] = [];
  for (const { path, inventory } of withoutShadowed(read)) {
    formats.add(inventory.format);
    notes.push(...inventory.notes.map((note) => `${path}: ${note}`));
    gather(inventory, gathered, (note) => notes.push(`${path}: ${note}`));
  }
  return ok({
    components: [...gathered.values()],
    formats: [...formats],
    notes: notes.slice(0, limits.notes).map((note) => clean(note).slice(0, limits.note)),
  });
}

async function readOne({ name, text }: InventoryFile): Promise<Inventory> {
  const reader = readerOf(name.slice(name.lastIndexOf('/') + 1));
  return reader ? reader(text) : await readBill(text);
}

function gather(
  inventory: Inventory,
  gathered: Map<string, AuditedComponent>,
  note: (text: string) => void,
): void {
  const paths = pathsOf(inventory);
  const names = new Map(inventory.components.map(({ ref, name }) => [ref, name]));
  let left = 0;
  for (const component of inventory.components) {
    const name = clean(component.name);
    const version = clean(component.version ?? '');
    const ecosystem = clean(component.ecosystem ?? '');
    if (name === '' || name.length > limits.name || version.length > limits.version) {
      left += 1;
      continue;
    }
    const path = (paths.get(component.ref) ?? []).slice(0, limits.path);
    const named = path.map((ref) => clean(names.get(ref) ?? ref).slice(0, limits.name));
    const key = `${ecosystem}\n${name}\n${version}`;
    const known = gathered.get(key);
    const purl = component.purl && component.purl.length <= limits.purl ? component.purl : null;
    gathered.set(key, {
      ecosystem,
      name,
      version,
      purl: known?.purl ?? (purl && clean(purl)),
      // What is needed to run anywhere is needed.
      isDevelopment: component.isDevelopment && (known?.isDevelopment ?? true),
      path: shorter(known?.path ?? null, named.length > 0 ? named : null),
    });
  }
  if (left > 0) note(`${left} components have no name, or one too long to be one`);
}

function shorter(
  a: readonly string[] | null,
  b: readonly string[] | null,
): AuditedComponent['path'] {
  if (!a || !b) return [...(a ?? b ?? [])].length > 0 ? [...(a ?? b ?? [])] : null;
  return [...(b.length < a.length ? b : a)];
}

/** Without what PostgreSQL keeps in no text: control characters and half characters. */
function clean(text: string): string {
  return text
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
}
