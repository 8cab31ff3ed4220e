import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments, parse as parseYaml, YAMLParseError } from 'yaml';
import { InventoryFault } from './component.ts';

/** Anything a document may hold; looked at, never trusted. */
export type Tree = Readonly<Record<string, unknown>>;

export const emptyTree: Tree = {};

/** The table at a place; an empty one where there is something else. */
export function treeOf(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Tree)
    : emptyTree;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  return typeof value === 'number' ? String(value) : null;
}

/** @throws InventoryFault naming the format and where it breaks */
export function readJson(text: string, format: string): Tree {
  return rooted(
    attempt(format, () => JSON.parse(withoutMark(text)) as unknown),
    format,
  );
}

/** JSON with comments and commas too many, as Bun writes it. */
export function readJsonWithComments(text: string, format: string): Tree {
  return readJson(strictJson(text), format);
}

export function readTomlTree(text: string, format: string): Tree {
  return rooted(
    attempt(format, () => parseToml(withoutMark(text)) as unknown),
    format,
  );
}

/**
 * To look for keys that stand there twice takes the square of their number: the last one counts. So
 * does showing every error with its line; only the first is told.
 */
const yamlOptions = {
  maxAliasCount: 0,
  logLevel: 'error',
  uniqueKeys: false,
  prettyErrors: false,
} as const;

/** Aliases are not followed: a lockfile has none, and a few of them fill any memory. */
export function readYamlTree(text: string, format: string): Tree {
  return rooted(
    attempt(format, () => parseYaml(withoutMark(text), yamlOptions) as unknown, text),
    format,
  );
}

/** Several documents, one behind the other, as pnpm writes them. */
export function readYamlTrees(text: string, format: string): readonly Tree[] {
  if (!/^---\s*$/m.test(text)) return [readYamlTree(text, format)];
  const documents = attempt(
    format,
    () =>
      parseAllDocuments(withoutMark(text), yamlOptions).map((document) => {
        const [problem] = document.errors;
        if (problem) throw problem;
        return document.toJS({ maxAliasCount: 0 }) as unknown;
      }),
    text,
  );
  return documents.map((value) => rooted(value, format));
}

function attempt<T>(format: string, read: () => T, text = ''): T {
  try {
    return read();
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    const place = cause instanceof YAMLParseError ? placeIn(text, cause.pos[0]) : '';
    throw new InventoryFault(`${format} cannot be read: ${reason.slice(0, 300)}${place}`, {
      cause,
    });
  }
}

function placeIn(text: string, offset: number): string {
  const lines = withoutMark(text).slice(0, offset).split('\n');
  return ` at line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
}

function rooted(value: unknown, format: string): Tree {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Tree;
  throw new InventoryFault(`${format} cannot be read: it holds no table at its top`);
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** A text or comment without an end goes to the end, so that none is looked at twice. */
const commented =
  /"[^"\\]*(?:\\.[^"\\]*)*"?|\/\/[^\n]*|\/\*[^*]*(?:\*(?!\/)[^*]*)*(?:\*\/)?|,(?=\s*[}\]])/gs;

/** Takes comments and commas before a closing bracket away, outside of strings. */
function strictJson(text: string): string {
  return text.replace(commented, (found) => (found.startsWith('"') ? found : ''));
}
