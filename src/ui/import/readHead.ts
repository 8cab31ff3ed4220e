/** The beginning of a table in text: enough to map columns. The server reads the whole file, and decides. */

export type FileHead = {
  readonly delimiter: string;
  /** Up to 20 records, the first of which may be names of columns. */
  readonly records: readonly (readonly string[])[];
};

/** A file as chosen: its text, whatever its encoding was. */
export type ChosenFile = {
  readonly name: string;
  readonly sizeBytes: number;
  readonly text: string;
};

/** How columns of the file go to fields: `columns[field]` is the index of a column, from 0. */
export type Mapping = {
  readonly delimiter: string;
  /** Whether the first record names the columns. */
  readonly header: boolean;
  readonly columns: Readonly<Record<string, number>>;
};

const HEAD_RECORDS = 20;

/** UTF-8 (with or without BOM), else Shift_JIS, in which spreadsheets in Japan still save CSV. */
export async function readFile(file: File): Promise<ChosenFile> {
  const bytes = await file.arrayBuffer();
  const named = { name: file.name, sizeBytes: file.size };
  try {
    return { ...named, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { ...named, text: new TextDecoder('shift_jis').decode(bytes) };
  }
}

/** The delimiter that splits the first line into most columns; a blank when nothing else does. */
function delimiterOf(text: string): string {
  const line = text.slice(0, text.search(/\r?\n|$/));
  const counts = [',', '\t', ';'].map((mark) => ({ mark, count: line.split(mark).length }));
  const best = counts.sort((a, b) => b.count - a.count)[0];
  return best && best.count > 1 ? best.mark : line.includes(' ') ? ' ' : ',';
}

/** First records of a text, quoted as in RFC 4180. */
export function readHead(text: string): FileHead {
  const clean = text.replace(/^\ufeff/, '');
  const delimiter = delimiterOf(clean);
  const records: string[][] = [];
  let at = 0;
  while (at < clean.length && records.length < HEAD_RECORDS) {
    const { record, next } = readRecord(clean, at, delimiter);
    if (record.length > 1 || record[0] !== '') records.push(record);
    at = next;
  }
  return { delimiter, records };
}

function readRecord(
  text: string,
  from: number,
  delimiter: string,
): { record: string[]; next: number } {
  const record: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = from; at < text.length; at += 1) {
    const mark = text[at];
    if (quoted) {
      if (mark !== '"') field += mark;
      else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else quoted = false;
    } else if (mark === '"' && field === '') quoted = true;
    else if (mark === delimiter) {
      record.push(field);
      field = '';
    } else if (mark === '\n')
      return { record: [...record, field.replace(/\r$/, '')], next: at + 1 };
    else field += mark;
  }
  return { record: [...record, field], next: text.length };
}
