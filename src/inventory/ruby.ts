import { Gathering, type Inventory, InventoryFault } from './component.ts';

/**
 * `Gemfile.lock`: the gems under `GEM … specs:` and `GIT … specs:`, four blanks in, what each asks for,
 * six; and what the software itself asks for, under `DEPENDENCIES`. A platform behind the version is not
 * part of it. Those under `PATH` are the software's own.
 *
 * @throws InventoryFault
 */
export function readGemfileLock(text: string): Inventory {
  const format = 'Gemfile.lock';
  const found = new Gathering(format);
  const refs = new Map<string, string>();
  const edges: [string, string][] = [];
  const asked: string[] = [];
  let [section, current] = ['', ''];
  let isWhole = false;
  for (const line of text.split(/\r?\n/)) {
    const gem = /^ {4}(\S+) \(([^)]+)\)$/.exec(line);
    const need = /^ {6}([^\s!]+)/.exec(line);
    if (/^[A-Z]/.test(line)) section = line.trim();
    if (section === 'DEPENDENCIES') isWhole = true;
    if (/^[A-Z]/.test(line)) continue;
    if (hasGems(section) && gem) {
      current = gem[1] ?? '';
      refs.set(current, found.add('RubyGems', current, versionOf(gem[2] ?? '')));
    } else if (hasGems(section) && need) edges.push([current, need[1] ?? '']);
    else if (section === 'DEPENDENCIES') {
      const name = /^ {2}([^\s!]+)/.exec(line)?.[1];
      if (name) asked.push(name);
    }
  }
  if (section === '') throw new InventoryFault(`${format} cannot be read: it has no section`);
  if (!isWhole) found.note('the file ends early: what follows is missing');
  for (const [from, to] of edges) {
    const [a, b] = [refs.get(from), refs.get(to)];
    if (a && b) found.depends(a, b);
  }
  for (const name of asked) {
    const ref = refs.get(name);
    if (ref) found.root(ref);
  }
  return found.inventory();
}

const hasGems = (section: string): boolean => section === 'GEM' || section === 'GIT';

/** `1.13.0` of `1.13.0-x86_64-linux`. */
function versionOf(written: string): string {
  return written.replace(/-(?:x86|x64|arm|aarch|java|mingw|mswin|universal|ruby).*$/, '');
}
