import { diffArrays } from 'diff';
import type { Language } from '../kernel/language.ts';

/** A run of text in a comparison: there before and after, only after, or only before. */
export interface Change {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/**
 * Compares two texts word by word. Japanese writes no blanks between words, so its words come from
 * `Intl.Segmenter`; the same segmentation serves English, where punctuation then stands alone.
 */
export function diffText(before: string, after: string, language: Language): readonly Change[] {
  if (before === after) return before === '' ? [] : [{ kind: 'same', text: before }];
  const segmenter = segmenters[language];
  const changes = diffArrays(wordsIn(before, segmenter), wordsIn(after, segmenter)).map(
    (part): Change => ({
      kind: part.added ? 'added' : part.removed ? 'removed' : 'same',
      text: part.value.join(''),
    }),
  );
  return joinAcrossBlanks(changes.filter((change) => change.text !== ''));
}

/** Whether a comparison found anything. */
export function isChanged(changes: readonly Change[]): boolean {
  return changes.some((change) => change.kind !== 'same');
}

const segmenters: Readonly<Record<Language, Intl.Segmenter>> = {
  en: new Intl.Segmenter('en', { granularity: 'word' }),
  ja: new Intl.Segmenter('ja', { granularity: 'word' }),
};

function wordsIn(text: string, segmenter: Intl.Segmenter): string[] {
  return Array.from(segmenter.segment(text), (segment) => segment.segment);
}

/**
 * "one two" → "three four" is one replacement, not two with an unchanged blank between: a lone
 * blank between two changes goes with them.
 */
function joinAcrossBlanks(changes: readonly Change[]): readonly Change[] {
  const joined: Change[] = [];
  let removed = '';
  let added = '';
  const flush = (): void => {
    if (removed !== '') joined.push({ kind: 'removed', text: removed });
    if (added !== '') joined.push({ kind: 'added', text: added });
    removed = '';
    added = '';
  };
  changes.forEach((change, at) => {
    if (change.kind === 'removed') removed += change.text;
    else if (change.kind === 'added') added += change.text;
    else if (
      change.text.trim() === '' &&
      !change.text.includes('\n') &&
      removed + added !== '' &&
      at < changes.length - 1
    ) {
      removed += change.text;
      added += change.text;
    } else {
      flush();
      joined.push(change);
    }
  });
  flush();
  return joined;
}
