import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Noto Sans JP in its 120 pieces. The package's own style sheet names every character of Japanese
 * and weighs more than our page; ours names only the characters a page shows, in the pieces that
 * hold them.
 */
export interface Fonts {
  /**
   * `@font-face` rules for the pieces that a text needs; empty where it needs none. With `installed`
   * a Japanese font of the reader's own comes first and nothing is fetched: for a few words in a
   * page of another language.
   */
  faces(text: string, installed?: boolean): string;
  /** A piece by the number in its file name; null where there is none. */
  piece(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
}

interface Piece {
  readonly file: string;
  readonly characters: ReadonlySet<number>;
}

/** Reads which characters are in which piece; throws where the package is not installed. */
export async function openFonts(): Promise<Fonts> {
  const anyPiece = '@fontsource-variable/noto-sans-jp/files/noto-sans-jp-0-wght-normal.woff2';
  const folder = dirname(dirname(createRequire(import.meta.url).resolve(anyPiece)));
  const ranges = JSON.parse(await readFile(join(folder, 'unicode.json'), 'utf8')) as Record<
    string,
    string
  >;
  const pieces = Object.entries(ranges).map(([key, range]): Piece => {
    const name = key.replace('[', '').replace(']', '');
    return { file: `noto-sans-jp-${name}-wght-normal.woff2`, characters: charactersOf(range) };
  });
  const files = new Set(pieces.map((piece) => piece.file));
  return {
    faces: (text, installed = false) => facesFor(text, pieces, installed),
    piece: async (name) =>
      files.has(name) ? new Uint8Array(await readFile(join(folder, 'files', name))) : null,
  };
}

/** `U+3042,U+3044-3048` as code points. */
export function charactersOf(range: string): ReadonlySet<number> {
  const points = new Set<number>();
  for (const part of range.split(',')) {
    const [first = '', last = first] = part.trim().replace(/^U\+/i, '').split('-');
    for (let point = Number.parseInt(first, 16); point <= Number.parseInt(last, 16); point++)
      points.add(point);
  }
  return points;
}

/** Latin is the system's own: only what lies beyond it is looked for in our font. */
const firstOfOurs = 0x2000;

function facesFor(text: string, pieces: readonly Piece[], installed: boolean): string {
  const wanted = new Set(
    Array.from(text, (sign) => sign.codePointAt(0) ?? 0).filter((point) => point >= firstOfOurs),
  );
  return pieces
    .flatMap(({ file, characters }) => {
      const held = [...wanted].filter((point) => characters.has(point)).sort((a, b) => a - b);
      for (const point of held) wanted.delete(point);
      return held.length === 0 ? [] : [face(file, held, installed)];
    })
    .join('\n');
}

const locals = ['Hiragino Sans', 'Yu Gothic UI', 'Noto Sans CJK JP', 'Noto Sans JP']
  .map((name) => `local("${name}"),`)
  .join('');

function face(file: string, points: readonly number[], installed: boolean): string {
  const range = points.map((point) => `U+${point.toString(16)}`).join(',');
  return `@font-face{font-family:"Noto Sans JP";font-style:normal;font-display:swap;font-weight:100 900;src:${installed ? locals : ''}url(/fonts/${file}) format("woff2");unicode-range:${range}}`;
}
