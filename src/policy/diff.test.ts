import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffText, isChanged } from './diff.ts';

describe('comparing texts', () => {
  it('shows a replaced phrase as one removal and one addition', () => {
    expect(
      diffText('Access is reviewed every quarter.', 'Access is reviewed once a month.', 'en'),
    ).toEqual([
      { kind: 'same', text: 'Access is reviewed ' },
      { kind: 'removed', text: 'every quarter' },
      { kind: 'added', text: 'once a month' },
      { kind: 'same', text: '.' },
    ]);
  });

  it('compares Japanese by its words, though no blanks part them', () => {
    const changes = diffText(
      'アクセス権は四半期ごとに見直します。',
      'アクセス権は毎月見直します。',
      'ja',
    );
    expect(changes[0]).toEqual({ kind: 'same', text: 'アクセス権は' });
    expect(changes.at(-1)?.kind).toBe('same');
    expect(changes.filter((change) => change.kind !== 'same').length).toBe(2);
  });

  it('finds nothing between equal texts', () => {
    expect(isChanged(diffText('同じ', '同じ', 'ja'))).toBe(false);
    expect(diffText('', '', 'en')).toEqual([]);
  });

  it('keeps every character of both texts', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', ' ', '\n', 'を', '見直す', '.'), {
        maxLength: 20,
      })
      .map((t) => t.join(''));
    fc.assert(
      fc.property(
        text,
        text,
        fc.constantFrom('en' as const, 'ja' as const),
        (before, after, language) => {
          const changes = diffText(before, after, language);
          const without = (kind: string) =>
            changes
              .filter((c) => c.kind !== kind)
              .map((c) => c.text)
              .join('');
          expect(without('added')).toBe(before);
          expect(without('removed')).toBe(after);
        },
      ),
    );
  });
});
