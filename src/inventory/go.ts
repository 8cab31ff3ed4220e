import { Gathering, type Inventory, InventoryFault } from './component.ts';

/** Said of a `go.mod` that leaves what is asked for indirectly to the `go.sum` beside it. */
export const restInGoSum = 'before Go 1.17, what is asked for indirectly stands in go.sum alone';

const words =
  /^[ \t]*(?:module|go|toolchain|require|replace|exclude|retract|tool|ignore|godebug)\b/m;

/**
 * `go.mod` (go.dev/ref/mod): what is required, as replaced. The language's own library is a component,
 * `stdlib`, with the version of the toolchain.
 *
 * @throws InventoryFault
 */
export function readGoMod(text: string): Inventory {
  const found = new Gathering('go.mod');
  if (!words.test(text)) throw new InventoryFault('go.mod cannot be read: it has no directive');
  const { directives, isCut } = directivesOf(text);
  if (isCut) found.note('the file ends early: what follows is missing');
  const replaced = new Map(directives.flatMap((one) => replacementOf(one) ?? []));
  for (const { word, rest, comment } of directives) {
    if (word === 'require') {
      const [path = '', version = ''] = rest.split(/\s+/);
      const exact = `${path} ${version}`;
      const other = replaced.get(replaced.has(exact) ? exact : path);
      if (other === null) found.note(`${path} is replaced by a folder`);
      else if (path === '' || version === '') found.note(`"${rest}" requires nothing`);
      else {
        const ref = found.add('Go', other?.path ?? path, other?.version ?? version);
        if (!comment.includes('indirect')) found.root(ref);
      }
    }
  }
  const toolchain = directives.find(({ word }) => word === 'toolchain')?.rest.replace(/^go/, '');
  const language = directives.find(({ word }) => word === 'go')?.rest;
  // A toolchain of one's own has a suffix of one's own: go1.23.6-xyz.
  const version = (toolchain ?? language)?.replace(/[-+].*$/, '');
  if (version && /^\d/.test(version)) found.root(found.add('Go', 'stdlib', version));
  const [major = 0, minor = 0] = (language ?? '1.17').split('.').map(Number);
  if (major === 1 && minor < 17) found.note(restInGoSum);
  return found.inventory();
}

interface Directive {
  readonly word: string;
  readonly rest: string;
  readonly comment: string;
}

function directivesOf(text: string): { directives: readonly Directive[]; isCut: boolean } {
  const found: Directive[] = [];
  let open: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    const cut = line.indexOf('//');
    const plain = (cut < 0 ? line : line.slice(0, cut)).trim();
    const comment = cut < 0 ? '' : line.slice(cut + 2);
    const block = /^(\w+)\s*\($/.exec(plain);
    const single = /^(\w+)\s+(.+)$/.exec(plain);
    if (plain === ')') open = null;
    else if (block) open = block[1] ?? null;
    else if (open !== null && plain !== '') found.push({ word: open, rest: plain, comment });
    else if (single) found.push({ word: single[1] ?? '', rest: single[2] ?? '', comment });
  }
  return { directives: found, isCut: open !== null };
}

type Replacement = readonly [string, { readonly path: string; readonly version: string } | null];

function replacementOf({ word, rest }: Directive): readonly [Replacement] | null {
  if (word !== 'replace') return null;
  const [from = '', to = ''] = rest.split('=>').map((side) => side.trim().replace(/\s+/g, ' '));
  const [path = '', version = ''] = to.split(' ');
  return [[from, version === '' ? null : { path, version }]];
}

/**
 * `go.sum`: every module whose checksum was ever needed, also those that are not built in. Used where
 * there is no `go.mod` beside it.
 */
export function readGoSum(text: string): Inventory {
  const found = new Gathering('go.sum');
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const [path, version, hash] = line.trim().split(/\s+/);
    if (!path || !version || !hash?.startsWith('h1:'))
      found.note(`"${line.slice(0, 80)}" is no line of a go.sum`);
    else if (!version.endsWith('/go.mod')) found.add('Go', path, version);
  }
  found.note('a go.sum also names modules that are not built in');
  return found.inventory();
}
