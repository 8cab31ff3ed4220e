import { formatDate } from './format.ts';
import { useReader } from './reader.tsx';
import type { Status } from './StatusMark.tsx';
import classes from './status.module.css';
import { useLanguage, useWords } from './words.ts';

export type StatusChange = {
  /** The instant or calendar date from which the status holds. */
  readonly at: string;
  readonly status: Status;
};

type StatusStripProps = {
  /** Oldest first. The time before the first change is drawn as unknown: nothing was known then. */
  changes: readonly StatusChange[];
  /** First and last moment of the strip, usually today and the same day a year ago. */
  from: string;
  to: string;
  label: string;
};

const WIDTH = 1000;
const HEIGHT = 16;

type Segment = { readonly status: Status; readonly start: number; readonly end: number };

/** Cuts the changes to the strip and closes each segment where the next begins. Milliseconds. */
export function segmentsOf(changes: readonly StatusChange[], from: number, to: number): Segment[] {
  const all = [
    { status: 'unknown' as Status, start: from },
    ...changes.map((c) => ({ status: c.status, start: Date.parse(c.at) })),
  ];
  return all
    .map((segment, index) => ({
      ...segment,
      start: Math.max(segment.start, from),
      end: Math.min(all[index + 1]?.start ?? to, to),
    }))
    .filter((segment) => segment.end > segment.start);
}

/** First days of the months inside the strip, with a label every third month. */
function monthsOf(from: number, to: number): { at: number; iso: string }[] {
  const first = new Date(from);
  const months: { at: number; iso: string }[] = [];
  for (let step = 1; step <= 24; step += 1) {
    const at = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + step, 1);
    if (at >= to) break;
    months.push({ at, iso: new Date(at).toISOString() });
  }
  return months;
}

/**
 * Twelve months as one band: a segment per change of status. Each segment says on hover what held and since when;
 * screen readers get the same as a list.
 *
 * @example <StatusStrip label={t('lastYear')} from={yearAgo} to={today} changes={[{ at: '2026-01-02', status: 'kept' }]} />
 */
export function StatusStrip({ changes, from, to, label }: StatusStripProps) {
  const t = useWords('ui');
  const language = useLanguage();
  const { zone } = useReader();
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const across = (at: number) => ((at - start) / (end - start)) * WIDTH;
  const segments = segmentsOf(changes, start, end);
  const say = (segment: Segment) =>
    t('strip.since', {
      status: t(`status.${segment.status}`),
      date: formatDate(new Date(segment.start).toISOString(), { language, zone }),
    });
  const month = new Intl.DateTimeFormat(language, { month: 'short', timeZone: 'UTC' });
  return (
    <figure aria-label={label} className={classes.figure}>
      <svg
        className={classes.strip}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        style={{ height: '1rem' }}
      >
        {segments.map((segment) => (
          <rect
            key={segment.start}
            className={classes.segment}
            data-status={segment.status}
            x={across(segment.start)}
            width={Math.max(1, across(segment.end) - across(segment.start))}
            y={segment.status === 'broken' ? 0 : 3}
            height={segment.status === 'broken' ? HEIGHT : HEIGHT - 6}
          >
            <title>{say(segment)}</title>
          </rect>
        ))}
      </svg>
      <div className={classes.months} aria-hidden="true">
        {monthsOf(start, end).map(({ at, iso }, index) => (
          <span
            key={iso}
            data-third={index % 3 === 0}
            style={{ insetInlineStart: `${across(at) / 10}%` }}
          >
            {month.format(at)}
          </span>
        ))}
      </div>
      <ul className={classes.spoken}>
        {segments.map((segment) => (
          <li key={segment.start}>{say(segment)}</li>
        ))}
      </ul>
    </figure>
  );
}
