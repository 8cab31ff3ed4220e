import type { House } from './house.ts';
import type { Source } from './source.ts';

/** A piece of SQL: a statement, or a fragment that a `sql` tag holds. */
export interface SqlText {
  readonly path: string;
  readonly line: number;
  /** Comments blanked out; each interpolated value is one `$`. Line breaks are kept. */
  readonly text: string;
}

const STATEMENT =
  /^\s*(with\s+(recursive\s+)?\w+(\s*\([^)]*\))?\s+as\b|select\b[\s\S]*\bfrom\b|insert\s+into\b|update\s+\S+(\s+\w+)?\s+set\b|delete\s+from\b|create\s+(table|index|view|unique)\b|alter\s+table\b|drop\s+table\b|truncate\b|copy\s+\w+|merge\s+into\b)/i;

/** SQL inside code: what a `sql` tag or `sql.raw` holds, and any string that reads as a statement. */
export function sqlOf(source: Source): SqlText[] {
  const tagged = new Set<number>();
  for (const node of source.nodes('TaggedTemplateExpression')) {
    const tag = source.text.slice(node.tag.start, node.tag.end);
    if (/^(sql|raw)\b/.test(tag)) tagged.add(node.quasi.start);
  }
  for (const call of source.nodes('CallExpression')) {
    if (source.text.slice(call.callee.start, call.callee.end) !== 'sql.raw') continue;
    for (const argument of call.arguments) tagged.add(argument.start);
  }
  const templates = source.nodes('TemplateLiteral').map((node) => ({
    start: node.start,
    text: node.quasis.map((quasi) => quasi.value.raw).join('$'),
  }));
  const strings = source
    .nodes('Literal')
    .flatMap((node) =>
      typeof node.value === 'string' ? { start: node.start, text: node.value } : [],
    );
  return [...templates, ...strings]
    .filter(({ start, text }) => tagged.has(start) || STATEMENT.test(text))
    .map(({ start, text }) => ({
      path: source.path,
      line: source.lineAt(start),
      text: withoutComments(text),
    }));
}

/** The `.sql` files of the house. */
export function sqlFilesOf(house: House): SqlText[] {
  return house.paths
    .filter((path) => path.endsWith('.sql'))
    .map((path) => ({ path, line: 1, text: withoutComments(house.text(path) ?? '') }));
}

/** Every match of `pattern` (global) with the line it stands on. */
export function matchesIn(
  sql: SqlText,
  pattern: RegExp,
): { match: RegExpExecArray; line: number }[] {
  return [...sql.text.matchAll(pattern)].map((match) => ({
    match,
    line: sql.line + (sql.text.slice(0, match.index).match(/\n/g)?.length ?? 0),
  }));
}

const blank = (text: string) => text.replace(/[^\n]/g, ' ');

function withoutComments(sql: string): string {
  return sql.replace(/--[^\n]*/g, blank).replace(/\/\*[\s\S]*?\*\//g, blank);
}
