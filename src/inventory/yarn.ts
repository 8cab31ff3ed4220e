import { Gathering, type Inventory, InventoryFault } from './component.ts';
import { repositoryOf } from './javascript.sources.ts';
import { readYamlTree, textOf, treeOf } from './tree.ts';

/**
 * `yarn.lock` of Yarn 1 (a format of its own) and of Yarn 2 and later (YAML).
 *
 * @throws InventoryFault
 */
export function readYarnLock(text: string): Inventory {
  return /^__metadata:/m.test(text) ? readBerry(text) : readClassic(text);
}

interface Block {
  readonly patterns: readonly string[];
  version: string | null;
  resolved: string | null;
  readonly needs: Map<string, string>;
}

/** Blocks: a line of patterns, then `version`, then `dependencies`, each indented by two more. */
function readClassic(text: string): Inventory {
  const found = new Gathering('yarn.lock');
  const isEmpty = !/^[^#\s]/m.test(text);
  if (!isEmpty && !/yarn lockfile v1/.test(text) && !/^[ \t]+version "/m.test(text)) {
    throw new InventoryFault(
      'yarn.lock cannot be read: it is neither of Yarn 1 nor of a later one',
    );
  }
  const blocks = classicBlocks(text);
  const refs = new Map<string, string>();
  for (const { patterns, version, resolved } of blocks) {
    const name = nameOf(patterns[0] ?? '');
    if (!name || !version) {
      found.note(`${patterns.join(', ')} has no version`);
      continue;
    }
    const repository = repositoryOf(resolved);
    const ref =
      repository === null
        ? found.add('npm', name, version)
        : found.addElsewhere(name, version, repository);
    for (const pattern of patterns) refs.set(pattern, ref);
  }
  for (const { patterns, needs } of blocks) {
    const from = refs.get(patterns[0] ?? '');
    for (const [name, range] of needs) {
      const to = refs.get(`${name}@${range}`);
      if (from && to) found.depends(from, to);
    }
  }
  return found.inventory();
}

function classicBlocks(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let inNeeds = false;
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const block = blocks.at(-1);
    const [key, value] = pairOf(line);
    if (!line.startsWith(' ')) {
      const patterns = line.replace(/:\s*$/, '').split(/,\s*/).map(unquoted);
      blocks.push({ patterns, version: null, resolved: null, needs: new Map() });
      inNeeds = false;
    } else if (/^ {2}\S.*:$/.test(line)) {
      inNeeds = /^ {2}(?:dependencies|optionalDependencies):$/.test(line);
    } else if (block && line.startsWith('    ')) {
      if (inNeeds) block.needs.set(key, value);
    } else if (block && key === 'version') block.version = value;
    else if (block && key === 'resolved') block.resolved = value;
  }
  return blocks;
}

/** `key "value"`, either with quotation marks or without. */
function pairOf(line: string): readonly [string, string] {
  const plain = line.trim();
  const end = plain.startsWith('"') ? plain.indexOf('"', 1) + 1 : plain.indexOf(' ');
  if (end <= 0) return [unquoted(plain), ''];
  return [unquoted(plain.slice(0, end)), unquoted(plain.slice(end).trim())];
}

function unquoted(text: string): string {
  return text.replace(/^"(.*)"$/, '$1');
}

/** `a` of `a@^1.0.0`, and of `a` alone; the name behind an alias `b@npm:a@^1.0.0`. */
function nameOf(pattern: string): string | null {
  const at = pattern.indexOf('@', 1);
  if (at < 0) return pattern === '' ? null : pattern;
  const alias = /^npm:((?:@[^@/]+\/)?[^@]+)@/.exec(pattern.slice(at + 1));
  return alias?.[1] ?? pattern.slice(0, at);
}

/** Patched packages are what they were, mended: advisories still speak of their version. */
function placed(
  found: Gathering,
  name: string,
  version: string | null,
  source: string,
): string | null {
  if (name === '' || version === null) return null;
  if (/^(?:npm|patch):/.test(source)) return found.add('npm', name, version);
  const repository = repositoryOf(source);
  return repository === null ? null : found.addElsewhere(name, version, repository);
}

function readBerry(text: string): Inventory {
  const format = 'yarn.lock';
  const found = new Gathering(format);
  const refs = new Map<string, string>();
  const entries = Object.entries(readYamlTree(text, format)).filter(
    ([key]) => key !== '__metadata',
  );
  for (const [key, value] of entries) {
    const resolution = textOf(treeOf(value)['resolution']) ?? '';
    const version = textOf(treeOf(value)['version']);
    const [, name = '', source = ''] = /^((?:@[^@/]+\/)?[^@]+)@(.*)$/s.exec(resolution) ?? [];
    const ref = placed(found, name, version, source);
    if (ref === null) continue;
    for (const pattern of key.split(/,\s*/)) refs.set(pattern, ref);
  }
  for (const [key, value] of entries) {
    const from = refs.get(key.split(/,\s*/)[0] ?? '');
    for (const [name, range] of Object.entries(treeOf(treeOf(value)['dependencies']))) {
      const written = String(range);
      const to = refs.get(`${name}@${written}`) ?? refs.get(`${name}@npm:${written}`);
      if (!to) continue;
      if (from) found.depends(from, to);
      // Without a component of its own it is a workspace: what it asks for, the software asks for.
      else found.root(to);
    }
  }
  return found.inventory();
}
