import type { ReactNode } from 'react';
import classes from './status.module.css';
import { useWords } from './words.ts';

/** Worst first: broken, unknown, due, kept. Unknown is never kept. */
export const statuses = ['broken', 'unknown', 'due', 'kept'] as const;
export type Status = (typeof statuses)[number];

const drawings: Record<Status, ReactNode> = {
  kept: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path
        d="m4.7 8.3 2.2 2.2 4.4-4.8"
        fill="none"
        stroke="var(--mantine-color-body)"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  due: (
    <g
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <circle cx="8" cy="8" r="6.2" />
      <path d="M8 4.5V8l2.4 1.6" />
    </g>
  ),
  broken: (
    <path
      d="m3.5 3.5 9 9m0-9-9 9"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.6"
      strokeLinecap="round"
    />
  ),
  unknown: (
    <circle
      cx="8"
      cy="8"
      r="6.2"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeDasharray="2.6 2.27"
    />
  ),
};

type StatusMarkProps = {
  status: Status;
  /** The sentence beside it, e.g. "Kept, proven 2 hours ago". Left out: the word of the status. */
  children?: ReactNode;
  /** Only the mark is drawn; the word is still there for screen readers and on hover. */
  markOnly?: boolean;
};

/**
 * Status of a promise: a shape, a colour and words; never colour alone.
 *
 * @example <StatusMark status="kept" />                                  // ● Kept
 * @example <StatusMark status="broken">Broken since 3 March: 4 of 212</StatusMark>
 * @example <StatusMark status="due" markOnly />                          // in a margin or a dense column
 */
export function StatusMark({ status, children, markOnly = false }: StatusMarkProps) {
  const t = useWords('ui');
  const word = t(`status.${status}`);
  const drawing = (
    <svg
      className={classes.mark}
      data-status={status}
      viewBox="0 0 16 16"
      width="16"
      height="16"
      {...(markOnly ? { role: 'img', 'aria-label': word } : { 'aria-hidden': true })}
    >
      <title>{word}</title>
      {drawings[status]}
    </svg>
  );
  if (markOnly) return drawing;
  return (
    <span className={classes.status} data-status={status}>
      {drawing}
      <span>{children ?? word}</span>
    </span>
  );
}
