import { Gathering, type Inventory, InventoryFault } from './component.ts';

/** Pieces of an Elixir term; a text without an end goes to the end, so that none is looked at twice. */
const pieces = /"[^"\\]*(?:\\.[^"\\]*)*"?|:[a-zA-Z_]\w*|[%{}[\],]/gs;

interface Entry {
  readonly key: string;
  /** `:hex`, `:git`, `:path`, then the name with Hex, then the version. */
  readonly words: string[];
  readonly needs: string[];
}

/** `mix.lock` of Elixir: a map of tuples, of which those from Hex have a version. @throws InventoryFault */
export function readMixLock(text: string): Inventory {
  const format = 'mix.lock';
  if (!/^\s*%\{/.test(text)) throw new InventoryFault(`${format} cannot be read: it is no map`);
  const found = new Gathering(format);
  const refs = new Map<string, string>();
  const { entries, isWhole } = entriesOf(text);
  for (const { key, words } of entries) {
    const [source, name, version] = words;
    if (source !== ':hex') found.note(`${key} is not from Hex`);
    else if (!name?.startsWith(':') || !version?.startsWith('"'))
      found.note(`${key} has no version`);
    else refs.set(key, found.add('Hex', name.slice(1), unquoted(version)));
  }
  for (const { key, needs } of entries) {
    const from = refs.get(key);
    for (const need of needs) {
      const to = refs.get(need);
      if (from && to) found.depends(from, to);
    }
  }
  if (!isWhole) found.note('the file ends early: what follows is missing');
  return found.inventory();
}

/**
 * The entries `"key": {:hex, :name, "version", "hash", [:mix], [{:need, "~> 1.0", […]}], "hexpm", "hash"}`:
 * a tuple lies two deep, and what it needs is the first word of the tuples four deep.
 */
function entriesOf(text: string): { entries: readonly Entry[]; isWhole: boolean } {
  const entries: Entry[] = [];
  let [depth, key, before] = [0, '', ''];
  for (const [piece] of text.matchAll(pieces)) {
    const entry = entries.at(-1);
    if (piece === '{' || piece === '[') {
      depth += 1;
      if (depth === 2 && key !== '') entries.push({ key, words: [], needs: [] });
    } else if (piece === '}' || piece === ']') depth -= 1;
    else if (piece.startsWith('"') && depth === 1) key = unquoted(piece);
    else if (depth === 2 && /^[:"]/.test(piece)) entry?.words.push(piece);
    else if (depth === 4 && before === '{' && piece.startsWith(':'))
      entry?.needs.push(piece.slice(1));
    before = piece;
  }
  return { entries, isWhole: depth === 0 };
}

function unquoted(piece: string): string {
  return piece.replace(/^"|"$/g, '');
}
