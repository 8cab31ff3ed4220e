import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Placeholders, type ProblemCode, readableText, readText, renderText } from './text.ts';

const placeholders: Placeholders = {
  organisation: 'Example & Sons <Ltd>',
  contactUrl: 'https://example.com/contact',
  privacyPolicyUrl: 'https://example.com/privacy',
  website: 'https://example.com/security',
};

const render = (markdown: string) => renderText(markdown, { placeholders }).html;

describe('reading a text', () => {
  it('finds the title and the promises in their order', () => {
    const text = readText(
      '# Access\n\nWe promise: :promise[access is *reviewed*]{#ACC-5}. :promise[Gone]{#SHOP-12}。',
    );
    expect(text).toEqual({
      title: 'Access',
      promises: [
        { id: 'ACC-5', text: 'access is reviewed' },
        { id: 'SHOP-12', text: 'Gone' },
      ],
      problems: [],
    });
  });

  const cases: readonly [
    what: string,
    markdown: string,
    code: ProblemCode,
    line: number,
    column: number,
  ][] = [
    ['no heading', 'Text.', 'headingMissing', 1, 1],
    ['a heading of lower level first', '## Text', 'headingMissing', 1, 1],
    ['two titles', '# A\n\n# B', 'headingTwice', 3, 1],
    ['a promise twice', '# A\n\n:promise[a]{#ACC-1} :promise[b]{#ACC-1}', 'promiseTwice', 3, 21],
    ['a promise without id', '# A\n\n:promise[a]', 'promiseIdMissing', 3, 1],
    ['an id in small letters', '# A\n\n:promise[a]{#acc-1}', 'promiseIdMalformed', 3, 1],
    ['an id too long', '# A\n\n:promise[a]{#ACCESS-1}', 'promiseIdMalformed', 3, 1],
    ['a promise without words', '# A\n\n:promise[ ]{#ACC-1}', 'promiseWithoutWords', 3, 1],
    [
      'a promise in a promise',
      '# A\n\n:promise[a :promise[b]{#ACC-2}]{#ACC-1}',
      'promiseNested',
      3,
      12,
    ],
    ['a mark with a bracket missing', '# A\n\n::promise[a]{#ACC-1}', 'promiseNotRead', 3, 1],
    ['another directive', '# A\n\nHi :smile', 'directiveShownAsTyped', 3, 4],
    ['HTML', '# A\n\n<b>x</b>', 'htmlShownAsTyped', 3, 1],
    ['an image', '# A\n\n![x](y.png)', 'imageNotShown', 3, 1],
    ['a script link', '# A\n\n[x](javascript:alert(1))', 'linkNotFollowed', 3, 1],
    ['an unknown placeholder', '# A\n\nBy {{company}}', 'placeholderUnknown', 3, 1],
  ];
  it.each(cases)('sees %s', (_what, markdown, code, line, column) => {
    expect(readText(markdown).problems).toContainEqual(
      expect.objectContaining({ code, line, column }),
    );
  });

  it('counts a promise whose mark is wrong as not there', () => {
    expect(readText('# A\n\n:promise[a]{#nope}').promises).toEqual([]);
  });

  it('finds no problem in any text that ships', () => {
    const root = join(import.meta.dirname, '../clauses');
    const texts = readdirSync(root).flatMap((clause) =>
      ['en', 'ja'].map((language) => join(root, clause, `policy.${language}.md`)),
    );
    expect(texts.length).toBeGreaterThan(20);
    for (const path of texts) {
      const text = readText(readFileSync(path, 'utf8'));
      expect({ path, problems: text.problems }).toEqual({ path, problems: [] });
      expect(text.promises.length).toBeGreaterThan(0);
    }
  });
});

describe('rendering a text', () => {
  it('marks promises and takes the title out', () => {
    const rendered = renderText(
      '# Access of {{organisation}}\n\nSo :promise[it is]{#ACC-5}.\n\n## More',
      {
        placeholders,
        decorate: ({ id, text }) => ({
          attributes: { id, className: ['promise', 'kept'] },
          after: [
            {
              type: 'element',
              tagName: 'small',
              properties: {},
              children: [{ type: 'text', value: text }],
            },
          ],
        }),
      },
    );
    expect(rendered.title).toBe('Access of Example & Sons <Ltd>');
    expect(rendered.html).toBe(
      '<p>So <span class="promise kept" data-promise="ACC-5" id="ACC-5">it is</span><small>it is</small>.</p>\n<h3>More</h3>',
    );
  });

  it('shows as typed what only looks like a directive', () => {
    expect(render('At 10:30, a:b :smile[x *y*]{z} 注:これ :::note ::leaf')).toBe(
      '<p>At 10:30, a:b :smile[x *y*]{z} 注:これ :::note ::leaf</p>',
    );
  });

  it('escapes HTML, in blocks and in lines, and placeholders', () => {
    expect(
      render('<script>alert(1)</script>\n\na <img src=x onerror=alert(1)> {{organisation}}'),
    ).toBe(
      '<p>&#x3C;script>alert(1)&#x3C;/script></p>\n' +
        '<p>a &#x3C;img src=x onerror=alert(1)> Example &#x26; Sons &#x3C;Ltd></p>',
    );
  });

  it('lets links lead to the web, to mail and to this site only', () => {
    const html = render(
      '[a](javascript:alert(1)) [b](data:text/html,x) [c](/contact) [d]({{website}})',
    );
    expect(html).toBe(
      '<p><a>a</a> <a>b</a> <a href="/contact">c</a> ' +
        '<a href="https://example.com/security" rel="noopener noreferrer">d</a></p>',
    );
  });

  it('does not follow a placeholder whose value is a script', () => {
    const html = renderText('[x]({{website}})', {
      placeholders: { ...placeholders, website: 'javascript:alert(1)' },
    }).html;
    expect(html).toBe('<p><a>x</a></p>');
  });

  it('is safe whatever the Markdown holds', () => {
    fc.assert(
      fc.property(hostile, (markdown) => {
        for (const tag of tagsOf(render(markdown))) {
          expect(tag.name).toMatch(allowedTags);
          for (const [name, value] of tag.attributes) {
            expect(name).toMatch(
              /^(href|rel|class|id|data-[a-z-]+|aria-[a-z]+|checked|disabled|type|align|start|dir)$/,
            );
            if (name === 'href')
              expect(value).toMatch(/^(https?:|mailto:|tel:|(?![a-z][a-z0-9+.-]*:))/i);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('never loses a word, however many colons stand in it', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9あ-ん漢:：、。]{1,8}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
        const sentence = `x ${words.join(' ')}`;
        expect(render(sentence).replace(/<[^>]*>/g, '')).toBe(sentence);
      }),
      { numRuns: 300 },
    );
  });
});

describe('readable text', () => {
  it('is plain paragraphs that name where links lead', () => {
    const markdown =
      '# A\n\nSee [us]({{contactUrl}}) and :promise[keep\nthis]{#ACC-1}.\n\n- one\n- two';
    expect(readableText(markdown)).toBe(
      'A\n\nSee us ({{contactUrl}}) and keep this.\n\n– one\n– two',
    );
  });
});

const fragment = fc.constantFrom(
  '<script>',
  '</script>',
  '<img src=x onerror=alert(1)>',
  'javascript:',
  '[x](javascript:alert(1))',
  '[x]: java&#115;cript:a',
  '[x]',
  '<a href="javascript:x">',
  '![x](data:x)',
  ':promise[',
  ']{#ACC-1}',
  ']{#ACC-2 onclick=x}',
  ':x[y]{onload=z}',
  '`',
  '```\n',
  '<!--',
  '-->',
  '<![CDATA[',
  '# ',
  '\n\n',
  '\n',
  '- ',
  '> ',
  '| a | b |\n|---|---|\n| c | d |',
  '{{website}}',
  '&lt;script&gt;',
  '<svg onload=x>',
  '<https://example.com>',
  '<javascript:x>',
  '[^1]',
  '[^1]: note',
  '"',
  "'",
  '- [x] done',
  '~~',
  '**',
  '\\',
  '\0',
);
const hostile = fc
  .array(fc.oneof(fragment, fc.string({ maxLength: 6 })), { maxLength: 14 })
  .map((parts) => parts.join(''));

const allowedTags =
  /^(a|b|blockquote|br|code|del|div|em|h[1-6]|hr|input|li|ol|p|pre|section|span|strong|sup|table|tbody|td|th|thead|tr|ul)$/;

/** Reads tags as a browser does: from `<` and a letter, attributes quoted or bare, to `>`. */
function tagsOf(
  html: string,
): readonly { name: string; attributes: readonly [string, string][] }[] {
  return Array.from(
    html.matchAll(/<([a-z!/][^\s>]*)((?:"[^"]*"|'[^']*'|[^>"'])*)>/gi),
    ([, name = '', rest = '']) => ({
      name: name.replace('/', '').toLowerCase(),
      attributes: Array.from(
        rest.matchAll(/([^\s=]+)(?:="([^"]*)")?/g),
        ([, key = '', value = '']): [string, string] => [key, value],
      ),
    }),
  );
}
