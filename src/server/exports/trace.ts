import type { Entry } from './zip.ts';

/** An object as `objects.jsonl` lists it: one line each. */
export interface ObjectLine {
  readonly kind: 'object';
  readonly path: string;
  readonly id: string;
  readonly collection: string;
  /** Exactly as the product wrote it; the path may differ where it is not safe on every disk. */
  readonly name: string;
  readonly size: number;
  /** Of the object itself, as the vault knew it when it was written; hexadecimal. */
  readonly sha256: string;
  readonly mediaType: string | null;
  readonly fields: Readonly<Record<string, string>>;
  readonly revision: number;
  readonly madeAt: string;
  readonly changedAt: string;
}

export interface RecordsLine {
  readonly kind: 'records';
  readonly path: string;
  readonly collection: string;
  readonly count: number;
  /** Of them, those that were there when the export began. */
  readonly before: number;
}

/** What stands in an archive at one place. Traces are kept beside each part, sealed as it is. */
export interface Trace extends Entry {
  /** What the content must have; hexadecimal. */
  readonly sha256: string;
  readonly holds: ObjectLine | RecordsLine | null;
}

/** What was listed and gone before it could be read. */
export interface Missed {
  readonly missed: string;
}

export type TraceLine = Trace | Missed;

export const isTrace = (line: TraceLine): line is Trace => !('missed' in line);

/** Lines of JSON, as they are sealed. */
export function* writtenLines(lines: Iterable<TraceLine>): Generator<Uint8Array> {
  let text = '';
  for (const line of lines) {
    text += `${JSON.stringify(line)}\n`;
    if (text.length < 65_536) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text) yield Buffer.from(text);
}

/** Lines of JSON out of bytes that were cut anywhere. */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<TraceLine> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of bytes) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as TraceLine;
  }
}
