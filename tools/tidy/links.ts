import type { Nodes } from 'mdast';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import type { House } from './house.ts';
import { resolveRelative } from './rooms.ts';
import type { Finding, Rule } from './rule.ts';

interface Page {
  readonly links: readonly { readonly target: string; readonly line: number }[];
  readonly anchors: ReadonlySet<string>;
}

const OUTSIDE = /^([a-z][a-z0-9+.-]*:|\/\/)/i;
const HTML_TARGET = /\b(?:href|src)="([^"]+)"/g;
const HTML_ANCHOR = /\b(?:id|name)="([^"]+)"/g;

/** Relative links of the documents lead somewhere, to the very heading. */
export const links: Rule = {
  name: 'links',
  judge(house: House) {
    const documents = house.paths.filter((path) => /^(docs\/.*|[^/]+)\.md$/.test(path));
    const places = new Set(house.paths.flatMap(withParents));
    const pages = new Map<string, Page>();
    const pageOf = (path: string) => {
      const page = pages.get(path) ?? readPage(house.text(path) ?? '');
      pages.set(path, page);
      return page;
    };
    const findings: Finding[] = [];
    let seen = 0;
    for (const path of documents) {
      for (const { target, line } of pageOf(path).links) {
        if (OUTSIDE.test(target)) continue;
        seen += 1;
        const [file = '', anchor = ''] = target.split('#').map(decodeURIComponent);
        const aim =
          file === ''
            ? path
            : file.startsWith('/')
              ? file.slice(1)
              : (resolveRelative(path, `./${file}`) ?? '');
        if (!places.has(aim.replace(/\/$/, '')))
          findings.push({ path, line, message: `dead link to ${target}` });
        else if (anchor !== '' && aim.endsWith('.md') && !pageOf(aim).anchors.has(anchor)) {
          findings.push({ path, line, message: `${aim} has no heading #${anchor}` });
        }
      }
    }
    return { findings, covered: { documents: documents.length, links: seen } };
  },
};

function withParents(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function readPage(text: string): Page {
  const found: { target: string; line: number }[] = [];
  const anchors = new Set<string>();
  const headings = new Map<string, number>();
  const visit = (node: Nodes): void => {
    const line = node.position?.start.line ?? 1;
    if (node.type === 'link' || node.type === 'image' || node.type === 'definition')
      found.push({ target: node.url, line });
    if (node.type === 'html') {
      for (const match of node.value.matchAll(HTML_TARGET))
        found.push({ target: match[1] ?? '', line });
      for (const match of node.value.matchAll(HTML_ANCHOR)) anchors.add(match[1] ?? '');
    }
    if (node.type === 'heading') {
      const slug = slugOf(plainText(node));
      const before = headings.get(slug) ?? 0;
      headings.set(slug, before + 1);
      anchors.add(before === 0 ? slug : `${slug}-${before}`);
    }
    if ('children' in node) for (const child of node.children) visit(child);
  };
  visit(unified().use(remarkParse).use(remarkGfm).parse(text));
  return { links: found, anchors };
}

function plainText(node: Nodes): string {
  if ('value' in node) return node.type === 'html' ? '' : node.value;
  return 'children' in node ? node.children.map(plainText).join('') : '';
}

/** As the usual forges make an anchor of a heading: letters, digits, `-` and `_`; blanks become `-`. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}
