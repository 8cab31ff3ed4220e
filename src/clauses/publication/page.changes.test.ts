import { describe, expect, it } from 'vitest';
import { linesOf } from './page.changes.tsx';

describe('runs as lines', () => {
  it('keeps lines in which nothing changed', () => {
    expect(linesOf([{ kind: 'same', text: 'One.\n\nTwo.' }])).toEqual([
      { kind: 'same', segments: [{ text: 'One.' }] },
      { kind: 'same', segments: [{ text: 'Two.' }] },
    ]);
  });

  it('shows a changed line before and after, with the words that differ', () => {
    const runs = [
      { kind: 'same', text: 'Reviewed every ' },
      { kind: 'removed', text: 'quarter' },
      { kind: 'added', text: 'month' },
      { kind: 'same', text: '.\nMore.' },
    ] as const;
    expect(linesOf(runs)).toEqual([
      {
        kind: 'removed',
        segments: [{ text: 'Reviewed every ' }, { text: 'quarter', changed: true }, { text: '.' }],
      },
      {
        kind: 'added',
        segments: [{ text: 'Reviewed every ' }, { text: 'month', changed: true }, { text: '.' }],
      },
      { kind: 'same', segments: [{ text: 'More.' }] },
    ]);
  });

  it('sets added and removed paragraphs on lines of their own', () => {
    const runs = [
      { kind: 'same', text: 'One.' },
      { kind: 'added', text: '\n\nTwo.\n\nThree.' },
    ] as const;
    expect(linesOf(runs)).toEqual([
      { kind: 'same', segments: [{ text: 'One.' }] },
      { kind: 'added', segments: [{ text: 'Two.', changed: true }] },
      { kind: 'added', segments: [{ text: 'Three.', changed: true }] },
    ]);
  });
});
