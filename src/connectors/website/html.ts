/** A tag of a page: name and attributes in lower case, values with entities decoded. */
export interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Of a script what stands in it. */
  readonly text: string;
}

const tagsAtMost = 50_000;
const space = /[\t\n\f\r ]/;

/**
 * The tags of a page that begin something, in order. It is read as browsers do as far as that is needed to
 * find what a page loads: comments are passed over, a script ends at its closing tag.
 */
export function tagsOf(html: string): readonly Tag[] {
  const tags: Tag[] = [];
  let at = 0;
  while (tags.length < tagsAtMost) {
    const open = html.indexOf('<', at);
    if (open < 0) break;
    if (html.startsWith('<!--', open)) {
      const end = html.indexOf('-->', open + 4);
      if (end < 0) break;
      at = end + 3;
    } else if (/[a-z]/i.test(html.charAt(open + 1))) {
      const { tag, end } = tagAt(html, open + 1);
      const raw = tag.name === 'script' || tag.name === 'style';
      const close = raw ? endOf(html, end, tag.name) : end;
      tags.push(raw ? { ...tag, text: html.slice(end, close) } : tag);
      at = close;
    } else at = open + 1;
  }
  return tags;
}

function endOf(html: string, from: number, name: string): number {
  // Looked for piece by piece: to lower the case of the whole page for each script would take for ever.
  for (let at = html.indexOf('</', from); at >= 0; at = html.indexOf('</', at + 2)) {
    if (html.slice(at + 2, at + 2 + name.length).toLowerCase() === name) return at;
  }
  return html.length;
}

function tagAt(html: string, from: number): { tag: Tag; end: number } {
  let at = from;
  const until = (stop: RegExp): string => {
    const begin = at;
    while (at < html.length && !stop.test(html.charAt(at))) at += 1;
    return html.slice(begin, at);
  };
  const name = until(/[\t\n\f\r />]/).toLowerCase();
  const attributes = new Map<string, string>();
  while (at < html.length && html[at] !== '>') {
    if (space.test(html.charAt(at)) || html[at] === '/') {
      at += 1;
      continue;
    }
    const begin = at;
    // A name may begin with `=`, which then is part of it.
    at += 1;
    until(/[\t\n\f\r />=]/);
    const key = html.slice(begin, at);
    while (space.test(html.charAt(at))) at += 1;
    let value = '';
    if (html[at] === '=') {
      at += 1;
      while (space.test(html.charAt(at))) at += 1;
      const quote = html.charAt(at);
      if (quote === '"' || quote === "'") {
        const end = html.indexOf(quote, at + 1);
        value = html.slice(at + 1, end < 0 ? html.length : end);
        at = end < 0 ? html.length : end + 1;
      } else value = until(/[\t\n\f\r >]/);
    }
    if (!attributes.has(key.toLowerCase())) attributes.set(key.toLowerCase(), decoded(value));
  }
  return { tag: { name, attributes, text: '' }, end: Math.min(at + 1, html.length) };
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#x2F;': '/',
  '&#47;': '/',
};

function decoded(value: string): string {
  return value.replace(/&(?:amp|lt|gt|quot|#39|#x2F|#47);/g, (found) => entities[found] ?? found);
}
