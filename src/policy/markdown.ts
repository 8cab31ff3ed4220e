import type { Node, Nodes, Parent, Root, RootContent } from 'mdast';
// Brings the type of the `textDirective` node into the types of mdast.
import type { TextDirective } from 'mdast-util-directive';
import remarkDirective from 'remark-directive';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { type Processor, unified } from 'unified';
import { promiseIdPattern } from './promise.ts';

/** What may stand in double braces in a text; filled from the organisation's settings when shown. */
export const placeholderNames = [
  'organisation',
  'contactUrl',
  'privacyPolicyUrl',
  'website',
] as const;
export type PlaceholderName = (typeof placeholderNames)[number];
export type Placeholders = Readonly<Record<PlaceholderName, string>>;

export type ProblemCode =
  | 'headingMissing'
  | 'headingTwice'
  | 'promiseTwice'
  | 'promiseIdMissing'
  | 'promiseIdMalformed'
  | 'promiseWithoutWords'
  | 'promiseNested'
  | 'promiseNotRead'
  | 'directiveShownAsTyped'
  | 'htmlShownAsTyped'
  | 'imageNotShown'
  | 'linkNotFollowed'
  | 'placeholderUnknown';

/** Something in a text that its writer should see. Errors keep a version from being proposed. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly code: ProblemCode;
  /** From 1, in the Markdown as typed. */
  readonly line: number;
  readonly column: number;
  readonly params: Readonly<Record<string, string>>;
}

export interface Parsed {
  /** Everything in it is text, Markdown structure or a promise; nothing else is left. */
  readonly tree: Root;
  readonly problems: readonly Problem[];
}

/**
 * Reads Markdown (CommonMark with GitHub's tables, strike-through and task lists) and the one
 * directive the policy has, `:promise[words]{#ACC-5}`. Whatever else looks like a directive
 * (`10:30`, `注:これ`), and any HTML, becomes the text that was typed: a policy never loses words.
 */
export function parseMarkdown(markdown: string): Parsed {
  const tree = processor.parse(markdown);
  const problems: Problem[] = [];
  settle(tree, { markdown, problems, inPromise: false });
  return { tree, problems };
}

/** The id a promise directive names, or null; only well-formed ones survive `parseMarkdown`. */
export function promiseIdOf(node: Nodes): string | null {
  if (node.type !== 'textDirective' || node.name !== 'promise') return null;
  return node.attributes?.['id'] ?? null;
}

/** The words of a node as a reader hears them: no markup, line ends as blanks. */
export function wordsOf(node: Nodes): string {
  if ('value' in node) return node.value.replace(/\s*\n\s*/g, ' ');
  if (node.type === 'break') return ' ';
  return 'children' in node ? node.children.map(wordsOf).join('') : '';
}

/** Fills placeholders in plain text; a name that is not one of ours stays as typed. */
export function fillPlaceholders(text: string, values: Placeholders): string {
  return text.replace(placeholder, (typed, name: string) =>
    isPlaceholder(name) ? values[name] : typed,
  );
}

const placeholder = /\{\{\s*(\w+)\s*\}\}/g;

function isPlaceholder(name: string): name is PlaceholderName {
  return placeholderNames.some((known) => known === name);
}

/**
 * Only the directive that stands in running text: blocks that begin with `::` or `:::` would take
 * a writer's paragraphs apart.
 */
function inlineDirectives(this: Processor): void {
  remarkDirective.call(this as unknown as Processor<Root>);
  const extensions = this.data().micromarkExtensions ?? [];
  for (const extension of extensions) {
    if (extension.text && 58 in extension.text && extension.flow && 58 in extension.flow)
      delete extension.flow;
  }
}

const processor = unified().use(remarkParse).use(remarkGfm).use(inlineDirectives).freeze();

interface Settling {
  readonly markdown: string;
  readonly problems: Problem[];
  readonly inPromise: boolean;
}

const blocks = new Set(['root', 'blockquote', 'listItem', 'footnoteDefinition']);

function settle(parent: Parent, state: Settling): void {
  parent.children = parent.children.map((child) => settled(child, parent, state));
}

function settled(node: RootContent, parent: Parent, state: Settling): RootContent {
  if (node.type === 'html') return shownAsTyped(node.value, node, parent, state);
  if (node.type === 'image' || node.type === 'imageReference') {
    note(state, node, 'warning', 'imageNotShown');
    return { type: 'text', value: node.alt ?? '', ...positionOf(node) };
  }
  if (node.type === 'textDirective') return settledDirective(node, state);
  if (node.type === 'text' || node.type === 'inlineCode') noteText(node.value, node, state);
  if (node.type === 'link' && !followed(node.url))
    note(state, node, 'warning', 'linkNotFollowed', { url: node.url });
  if ('children' in node) settle(node, state);
  return node;
}

function settledDirective(node: TextDirective, state: Settling): RootContent {
  if (node.name !== 'promise') {
    note(state, node, 'warning', 'directiveShownAsTyped', { name: node.name });
    return typed(node, state);
  }
  const id = node.attributes?.['id'] ?? '';
  const code = problemOfPromise(node, id, state);
  if (code) {
    note(state, node, 'error', code, { id });
    return typed(node, state);
  }
  settle(node, { ...state, inPromise: true });
  return node;
}

function problemOfPromise(node: TextDirective, id: string, state: Settling): ProblemCode | null {
  if (state.inPromise) return 'promiseNested';
  if (id === '') return 'promiseIdMissing';
  if (!promiseIdPattern.test(id)) return 'promiseIdMalformed';
  return wordsOf(node).trim() === '' ? 'promiseWithoutWords' : null;
}

function typed(node: TextDirective, state: Settling): RootContent {
  const start = node.position?.start.offset ?? 0;
  const end = node.position?.end.offset ?? start;
  return {
    type: 'text',
    value: state.markdown.slice(start, end),
    ...positionOf(node),
  };
}

function shownAsTyped(
  value: string,
  node: RootContent,
  parent: Parent,
  state: Settling,
): RootContent {
  note(state, node, 'warning', 'htmlShownAsTyped');
  const text: RootContent = { type: 'text', value, ...positionOf(node) };
  return blocks.has(parent.type)
    ? { type: 'paragraph', children: [text], ...positionOf(node) }
    : text;
}

function noteText(value: string, node: Node, state: Settling): void {
  if (node.type === 'text' && value.includes(':promise'))
    note(state, node, 'error', 'promiseNotRead');
  for (const [, name = ''] of value.matchAll(placeholder)) {
    if (!isPlaceholder(name)) note(state, node, 'warning', 'placeholderUnknown', { name });
  }
}

/** Whether a link leads where a policy may lead: the web, a mail address, a place on this site. */
function followed(url: string): boolean {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url.trim())?.[1]?.toLowerCase();
  return scheme === undefined || linkSchemes.includes(scheme);
}

export const linkSchemes: string[] = ['http', 'https', 'mailto', 'tel'];

function note(
  state: Settling,
  node: Node,
  severity: Problem['severity'],
  code: ProblemCode,
  params: Problem['params'] = {},
): void {
  const start = node.position?.start;
  state.problems.push({
    severity,
    code,
    line: start?.line ?? 1,
    column: start?.column ?? 1,
    params,
  });
}

function positionOf(node: Node): Pick<Node, 'position'> {
  return node.position ? { position: node.position } : {};
}
