import { compareDigits, compareText, isDigit, type Scheme } from './scheme.ts';

/** A number, a word, or a list of them that a hyphen or a change between digits and letters began. */
type Item = { readonly digits: string } | { readonly word: string } | Items;
type Items = Item[];

/** Words that Maven knows, in its order; the release is the empty one. */
const known = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const release = String(known.indexOf(''));
const aliases: Readonly<Record<string, string>> = { ga: '', final: '', release: '', cr: 'rc' };
const shortForms: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', m: 'milestone' };

/** Maven: the order of `ComparableVersion` (POM reference, "Version Order Specification"). */
export const maven: Scheme<Items> = {
  read: (text) => (/^\s*$/.test(text) ? null : readItems(text.trim().toLowerCase())),
  compare: compareLists,
};

function readItems(text: string): Items {
  const root: Items = [];
  const open: Items[] = [root];
  let list = root;
  let [start, at] = [0, 0];
  let digits = false;
  const deepen = (): void => {
    const inner: Items = [];
    list.push(inner);
    list = inner;
    open.push(inner);
  };
  for (; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '.' || character === '-' || character === '_') {
      list.push(at === start ? { digits: '0' } : itemOf(text.slice(start, at), digits, false));
      start = at + 1;
      if (character === '-') deepen();
    } else if (isDigit(text.charCodeAt(at))) {
      if (!digits && at > start) {
        list.push(itemOf(text.slice(start, at), false, true));
        start = at;
        deepen();
      }
      digits = true;
      continue;
    } else if (digits && at > start) {
      list.push(itemOf(text.slice(start, at), true, false));
      start = at;
      deepen();
    }
    digits = false;
  }
  if (text.length > start) list.push(itemOf(text.slice(start), digits, false));
  for (const one of open.reverse()) trim(one);
  return root;
}

function itemOf(text: string, digits: boolean, beforeDigit: boolean): Item {
  if (digits) return { digits: text.replace(/^0+(?=\d)/, '') };
  const whole = beforeDigit ? (shortForms[text] ?? text) : text;
  return { word: aliases[whole] ?? whole };
}

/** Takes away what means nothing at the end of a list: zeros, releases, empty lists. */
function trim(items: Items): void {
  for (let at = items.length - 1; at >= 0; at -= 1) {
    const item = items[at] as Item;
    if (isNothing(item)) items.splice(at, 1);
    else if (!Array.isArray(item)) break;
  }
}

function isNothing(item: Item): boolean {
  if (Array.isArray(item)) return item.length === 0;
  return 'digits' in item ? item.digits === '0' : item.word === '';
}

function compareLists(a: Items, b: Items): number {
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [x, y] = [a[at], b[at]];
    const difference = x === undefined ? -compareItems(y as Item, undefined) : compareItems(x, y);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Words come before lists, lists before numbers; what is missing is nothing. */
function compareItems(a: Item, b: Item | undefined): number {
  if (b === undefined) return compareToNothing(a);
  const [kindA, kindB] = [kindOf(a), kindOf(b)];
  if (kindA !== kindB) return kindA - kindB;
  if (Array.isArray(a)) return compareLists(a, b as Items);
  if ('digits' in a) return compareDigits(a.digits, (b as { digits: string }).digits);
  return compareText(rankOf(a.word), rankOf((b as { word: string }).word));
}

function compareToNothing(item: Item): number {
  if (Array.isArray(item)) {
    for (const inner of item) {
      const difference = compareToNothing(inner);
      if (difference !== 0) return difference;
    }
    return 0;
  }
  if ('digits' in item) return item.digits === '0' ? 0 : 1;
  return compareText(rankOf(item.word), release);
}

function kindOf(item: Item): number {
  if (Array.isArray(item)) return 1;
  return 'word' in item ? 0 : 2;
}

/** Known words by their place; the others after them, in the order of their letters. */
function rankOf(word: string): string {
  const place = known.indexOf(word);
  return place < 0 ? `${known.length}-${word}` : String(place);
}
