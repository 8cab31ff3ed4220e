import type { Element, ElementContent, Root as HtmlRoot, Properties } from 'hast';
import type { Heading, Nodes, Root } from 'mdast';
import rehypeSanitize, { defaultSchema, type Options as Schema } from 'rehype-sanitize';
import rehypeStringify from 'rehype-stringify';
import remarkRehype from 'remark-rehype';
import { unified } from 'unified';
import {
  fillPlaceholders,
  linkSchemes,
  type Placeholders,
  type Problem,
  parseMarkdown,
  promiseIdOf,
  wordsOf,
} from './markdown.ts';

export type { Placeholders, Problem, ProblemCode } from './markdown.ts';
export { fillPlaceholders } from './markdown.ts';

/** A promise as it stands in a text: its id and its words, placeholders not yet filled. */
export interface PromiseInText {
  readonly id: string;
  readonly text: string;
}

export interface PolicyText {
  /** The first heading; empty where there is none. */
  readonly title: string;
  /** In the order of the text. */
  readonly promises: readonly PromiseInText[];
  readonly problems: readonly Problem[];
}

/** Texts read last: a version is its neighbour but for a sentence, and is read at every step. */
const read = new Map<string, PolicyText>();
const readLimit = 100;

/** What a clause's Markdown says: its title, its promises, and what is wrong with it. */
export function readText(markdown: string): PolicyText {
  const text = read.get(markdown) ?? readAnew(markdown);
  // The one asked for last is the last to be forgotten.
  read.delete(markdown);
  read.set(markdown, text);
  const [oldest] = read.size > readLimit ? read.keys() : [];
  if (oldest !== undefined) read.delete(oldest);
  return text;
}

function readAnew(markdown: string): PolicyText {
  const { tree, problems } = parseMarkdown(markdown);
  const found = [...problems];
  const title = titleOf(tree);
  if (!title)
    found.push({
      severity: 'error',
      code: 'headingMissing',
      line: 1,
      column: 1,
      params: {},
    });
  for (const again of otherTitles(tree, title)) {
    found.push({
      severity: 'error',
      code: 'headingTwice',
      ...placeOf(again),
      params: {},
    });
  }
  const promises: PromiseInText[] = [];
  visitPromises(tree, (node, id) => {
    if (promises.some((promise) => promise.id === id)) {
      found.push({
        severity: 'error',
        code: 'promiseTwice',
        ...placeOf(node),
        params: { id },
      });
    } else promises.push({ id, text: wordsOf(node).trim() });
  });
  return {
    title: title ? wordsOf(title).trim() : '',
    promises,
    problems: found.sort(byPlace),
  };
}

/**
 * What surrounds a promise where it is shown. Given as elements, not as HTML, so that nothing can
 * be forgotten to be escaped.
 */
export interface Decoration {
  readonly attributes?: Properties;
  readonly before?: readonly ElementContent[];
  readonly after?: readonly ElementContent[];
}

export interface Rendering {
  readonly placeholders: Placeholders;
  readonly decorate?: (promise: PromiseInText) => Decoration;
  /** Prefix of ids inside the text (footnotes), unique in the page: the clause. */
  readonly prefix?: string;
  /** Heading over footnotes, in the text's language. */
  readonly footnotes?: string;
}

export interface RenderedText {
  /** Plain text, placeholders filled: to be escaped by whoever shows it. */
  readonly title: string;
  /** The text without its title; its headings begin at level 3. */
  readonly html: string;
}

/**
 * A clause as HTML that is safe to put into a page whatever its Markdown holds: HTML is shown as
 * typed, elements and attributes pass an allow-list, links lead to http, https, mailto or tel
 * only. Each promise is a `span` with `class="promise"` and `data-promise`.
 */
export function renderText(markdown: string, rendering: Rendering): RenderedText {
  const { tree } = parseMarkdown(markdown);
  const title = titleOf(tree);
  tree.children = tree.children.filter((child) => child !== title);
  prepare(tree, rendering.placeholders);
  const prefix = rendering.prefix ? `${rendering.prefix}-` : '';
  const html = unified()
    .use(remarkRehype, {
      clobberPrefix: prefix,
      footnoteLabel: rendering.footnotes ?? 'Footnotes',
      footnoteLabelTagName: 'h3',
      footnoteLabelProperties: {},
    })
    .use(rehypeSanitize, schema)
    .use(() => (clean: HtmlRoot) => decorateTree(clean, rendering))
    .use(rehypeStringify);
  const filledTitle = title ? fillPlaceholders(wordsOf(title).trim(), rendering.placeholders) : '';
  return { title: filledTitle, html: html.stringify(html.runSync(tree)) };
}

/**
 * A clause as plain paragraphs, separated by blank lines: what is compared between versions and
 * read aloud. The target of a link follows its words in brackets, so that no change goes unseen.
 */
export function readableText(markdown: string): string {
  const { tree } = parseMarkdown(markdown);
  return tree.children
    .map(readableBlock)
    .filter((text) => text !== '')
    .join('\n\n');
}

function readableBlock(node: Nodes): string {
  if (node.type === 'list') {
    return node.children
      .map((item) => `– ${item.children.map(readableBlock).join(' ')}`)
      .join('\n');
  }
  if (node.type === 'table') {
    return node.children.map((row) => row.children.map(readable).join(' | ')).join('\n');
  }
  if (node.type === 'blockquote') return node.children.map(readableBlock).join('\n\n');
  return readable(node).trim();
}

function readable(node: Nodes): string {
  if (node.type === 'link') {
    const words = wordsOf(node);
    return words === node.url ? words : `${words} (${node.url})`;
  }
  return 'children' in node ? node.children.map(readable).join('') : wordsOf(node);
}

const schema: Schema = {
  ...defaultSchema,
  clobberPrefix: '',
  tagNames: (defaultSchema.tagNames ?? []).filter(
    (tag) => !['img', 'picture', 'source'].includes(tag),
  ),
  attributes: { ...defaultSchema.attributes, span: ['dataPromise'] },
  protocols: { href: linkSchemes },
};

/** Fills placeholders, lowers headings below the page's own, and tells promises how to be HTML. */
function prepare(node: Nodes, values: Placeholders): void {
  if (node.type === 'text' || node.type === 'inlineCode' || node.type === 'code') {
    node.value = fillPlaceholders(node.value, values);
  }
  if (node.type === 'link' || node.type === 'definition')
    node.url = fillPlaceholders(node.url, values);
  if (node.type === 'heading')
    node.depth = Math.min(6, Math.max(3, node.depth + 1)) as Heading['depth'];
  const id = promiseIdOf(node);
  if (id !== null)
    node.data = {
      ...node.data,
      hName: 'span',
      hProperties: { dataPromise: id },
    };
  if ('children' in node) for (const child of node.children) prepare(child, values);
}

function decorateTree(parent: HtmlRoot | Element, rendering: Rendering): void {
  const children: ElementContent[] = [];
  for (const child of parent.children) {
    if (child.type === 'doctype') continue;
    if (child.type !== 'element') {
      children.push(child);
      continue;
    }
    decorateTree(child, rendering);
    children.push(...decorated(child, rendering));
  }
  parent.children = children;
}

function decorated(element: Element, rendering: Rendering): readonly ElementContent[] {
  const href = element.properties['href'];
  if (element.tagName === 'a' && typeof href === 'string' && /^https?:/i.test(href)) {
    element.properties['rel'] = ['noopener', 'noreferrer'];
  }
  const id = element.properties['dataPromise'];
  if (element.tagName !== 'span' || typeof id !== 'string') return [element];
  const decoration = rendering.decorate?.({ id, text: textOf(element) }) ?? {};
  element.properties = {
    className: ['promise'],
    dataPromise: id,
    ...decoration.attributes,
  };
  return [...(decoration.before ?? []), element, ...(decoration.after ?? [])];
}

function textOf(node: ElementContent): string {
  if (node.type === 'text') return node.value;
  return node.type === 'element' ? node.children.map(textOf).join('') : '';
}

function titleOf(tree: Root): Heading | null {
  const first = tree.children.find((child) => child.type === 'heading');
  return first && first.depth === 1 && wordsOf(first).trim() !== '' ? first : null;
}

function otherTitles(tree: Root, title: Heading | null): readonly Nodes[] {
  return tree.children.filter(
    (child) => child.type === 'heading' && child.depth === 1 && child !== title,
  );
}

function visitPromises(node: Nodes, see: (node: Nodes, id: string) => void): void {
  const id = promiseIdOf(node);
  if (id !== null) see(node, id);
  if ('children' in node) for (const child of node.children) visitPromises(child, see);
}

function placeOf(node: Nodes): { line: number; column: number } {
  return {
    line: node.position?.start.line ?? 1,
    column: node.position?.start.column ?? 1,
  };
}

function byPlace(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}
