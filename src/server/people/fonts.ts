import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { charactersOf } from '../public/fonts.ts';

/** Text cut into runs, each with the piece of Noto Sans JP that holds its characters. */
export interface Run {
  readonly text: string;
  /** Name under which the piece is known to the document; null for a built-in Latin font. */
  readonly piece: string | null;
}

export interface Pieces {
  runsOf(text: string): readonly Run[];
  /** The file of a piece: WOFF2. */
  bytesOf(piece: string): Promise<Buffer>;
}

let opened: Promise<Pieces> | undefined;

/** The pieces of Noto Sans JP, read once. */
export function openPieces(): Promise<Pieces> {
  opened ??= readPieces();
  return opened;
}

async function readPieces(): Promise<Pieces> {
  const anyPiece = '@fontsource-variable/noto-sans-jp/files/noto-sans-jp-0-wght-normal.woff2';
  const folder = dirname(dirname(createRequire(import.meta.url).resolve(anyPiece)));
  const text = await readFile(join(folder, 'unicode.json'), 'utf8');
  const pieces = Object.entries(JSON.parse(text) as Record<string, string>).map(([key, range]) => ({
    name: key.replace('[', '').replace(']', ''),
    characters: charactersOf(range),
  }));
  const pieceOf = (point: number): string | null =>
    pieces.find(({ characters }) => characters.has(point))?.name ?? null;
  return {
    runsOf: (given) => runs(given, pieceOf),
    bytesOf: (piece) => readFile(join(folder, 'files', `noto-sans-jp-${piece}-wght-normal.woff2`)),
  };
}

/** The last character that the built-in fonts of PDF write (Windows-1252 holds all of Latin-1). */
const lastLatin = 0xff;

function runs(text: string, pieceOf: (point: number) => string | null): readonly Run[] {
  const found: { text: string; piece: string | null }[] = [];
  for (const sign of text.normalize('NFC')) {
    const point = sign.codePointAt(0) ?? 0;
    const piece = point <= lastLatin ? null : pieceOf(point);
    const last = found.at(-1);
    if (last && last.piece === piece) last.text += sign;
    else found.push({ text: sign, piece });
  }
  return found;
}
