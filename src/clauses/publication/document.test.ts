import { describe, expect, it } from 'vitest';
import type { Known } from '../../policy/reason.ts';
import { type DocumentParts, documentClauses } from './document.ts';

const now = Temporal.Instant.from('2026-03-10T09:00:00Z');
const broken: Known = {
  status: 'broken',
  reason: { code: 'violations', params: { violated: 2, examined: 10, source: '<aws>' } },
  since: Temporal.Instant.from('2026-03-03T09:00:00Z'),
  provenAt: Temporal.Instant.from('2026-03-10T07:00:00Z'),
};

const parts: DocumentParts = {
  texts: [
    {
      clause: 'access',
      language: 'en',
      markdown: '# Access\n\n:promise[Reviewed]{#ACC-5} and :promise[removed]{#ACC-6}.',
    },
    { clause: 'access', language: 'ja', markdown: '# アクセス\n\n:promise[見直します]{#ACC-5}。' },
  ],
  language: 'en',
  placeholders: {
    organisation: 'E',
    contactUrl: '/contact',
    privacyPolicyUrl: '/privacy',
    website: 'https://example.com',
  },
  statuses: new Map([['ACC-5', broken]]),
  now,
  zone: 'Asia/Tokyo',
  link: (promise) => `?a&promise=${promise}`,
  internals: true,
};

describe('the document', () => {
  it("sets each promise with its status in the reader's language", () => {
    const [clause, ...rest] = documentClauses(parts);
    expect(rest).toEqual([]);
    expect(clause).toMatchObject({ id: 'access', number: 1, title: 'Access' });
    expect(clause?.html).toBe(
      '<p><span id="ACC-5" class="promise broken" data-promise="ACC-5">Reviewed</span>' +
        '<span class="note broken"><a class="mark" href="?a&#38;promise=ACC-5">' +
        '<svg class="drawing" aria-hidden="true"><use href="#mark-broken"></use></svg>' +
        '<span class="id">ACC-5</span> <span class="word">Broken</span></a>' +
        '<span class="detail" title="10 March 2026, 16:00"> since 3 March: 2 of 10</span></span>' +
        ' and <span id="ACC-6" class="promise unknown" data-promise="ACC-6">removed</span>' +
        '<span class="note unknown"><a class="mark" href="?a&#38;promise=ACC-6">' +
        '<svg class="drawing" aria-hidden="true"><use href="#mark-unknown"></use></svg>' +
        '<span class="id">ACC-6</span> <span class="word">Unknown</span></a>' +
        '<span class="detail"> nothing upholds this yet</span></span>.</p>',
    );
    expect(documentClauses({ ...parts, language: 'ja' })[0]?.html).toContain(
      '3月3日から・10件中2件',
    );
  });

  it('shows no status where they are hidden', () => {
    const html = documentClauses({ ...parts, statuses: null })[0]?.html ?? '';
    expect(html).not.toMatch(/broken|Broken|Unknown|since/);
    expect(html).toContain('<span id="ACC-5" class="promise" data-promise="ACC-5">');
  });

  it('takes no comment of a writer for its own', () => {
    const texts = [
      { clause: 'x', language: 'en' as const, markdown: '# X\n\na <!--ACC-5--> `<!--/ACC-5-->`' },
    ];
    expect(documentClauses({ ...parts, texts })[0]?.html).toBe(
      '<p>a &#x3C;!--ACC-5--> <code>&#x3C;!--/ACC-5--></code></p>',
    );
  });
});
