import { useState } from 'react';
import classes from './diff.module.css';
import { useWords } from './words.ts';

/** A piece of a line; `changed` marks the words that differ within it. */
export type DiffSegment = { readonly text: string; readonly changed?: boolean };

export type DiffLine = {
  readonly kind: 'same' | 'added' | 'removed';
  readonly segments: readonly DiffSegment[];
};

/** Unchanged lines kept on each side of a change; the rest is folded. */
const AROUND = 2;

type Fold = { readonly folded: readonly DiffLine[] };
type Shown = { readonly line: DiffLine };

/** Folds long runs of unchanged lines. */
export function foldSame(lines: readonly DiffLine[]): (Fold | Shown)[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some((line) => line.kind !== 'same'),
  );
  const result: (Fold | Shown)[] = [];
  lines.forEach((line, at) => {
    const before = result.at(-1);
    if (near[at]) result.push({ line });
    else if (before && 'folded' in before)
      result[result.length - 1] = { folded: [...before.folded, line] };
    else result.push({ folded: [line] });
  });
  return result;
}

/**
 * Changes of a text, line by line, with the words that differ. Marked by sign, by element (`ins`, `del`) and by colour.
 *
 * @example <DiffView lines={[{ kind: 'removed', segments: [{ text: 'within ' }, { text: '14', changed: true }, { text: ' days' }] }, …]} />
 */
export function DiffView({ lines }: { lines: readonly DiffLine[] }) {
  const t = useWords('ui');
  return (
    <div className={classes.diff} role="group" aria-label={t('diff.label')}>
      {foldSame(lines).map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place in the text
        <Part key={at} part={part} />
      ))}
    </div>
  );
}

function Part({ part }: { part: Fold | Shown }) {
  const t = useWords('ui');
  const [opened, setOpened] = useState(false);
  if ('line' in part) return <Line line={part.line} />;
  if (opened) {
    // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place in the text
    return part.folded.map((line, at) => <Line key={at} line={line} />);
  }
  return (
    <button type="button" className={classes.fold} onClick={() => setOpened(true)}>
      {t('diff.unchanged', { count: part.folded.length })}
    </button>
  );
}

function Line({ line }: { line: DiffLine }) {
  const t = useWords('ui');
  const Element = line.kind === 'added' ? 'ins' : line.kind === 'removed' ? 'del' : 'span';
  const sign = { added: '+', removed: '−', same: ' ' }[line.kind];
  return (
    <div className={classes.line} data-kind={line.kind}>
      <span
        className={classes.sign}
        {...(line.kind === 'same'
          ? { 'aria-hidden': true }
          : { role: 'img', 'aria-label': t(`diff.${line.kind}`) })}
      >
        {sign}
      </span>
      <Element className={classes.text}>
        {line.segments.map((segment, at) =>
          segment.changed ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: a segment is its place in the line
            <mark key={at}>{segment.text}</mark>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: a segment is its place in the line
            <span key={at}>{segment.text}</span>
          ),
        )}
      </Element>
    </div>
  );
}
