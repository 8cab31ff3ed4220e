import { useNow } from '../../ui/clock.ts';
import { useLanguage, useWords } from '../../ui/words.ts';
import classes from './policy-home.module.css';

type Status = 'kept' | 'due' | 'broken' | 'unknown';
type Point = Readonly<Record<Status, number>> & { readonly at: string };

const rows: readonly Status[] = ['kept', 'due', 'broken', 'unknown'];
const YEAR = 365 * 24 * 3_600_000;
const HEIGHT = 16;

/** What is due is kept too: it counts in both. */
const countOf = (point: Point | undefined, status: Status) =>
  point ? (status === 'kept' ? point.kept + point.due : point[status]) : 0;

/**
 * The last twelve months: for each status a row of days, a step for every change of its count. The
 * height of a row is its own greatest count; the figures now stand beside it.
 */
export function YearFigure({ year }: { year: readonly Point[] }) {
  const t = useWords('clauses/publication');
  const now = useNow();
  const shown = rows.filter(
    (status) => status === 'kept' || year.some((point) => countOf(point, status) > 0),
  );
  return (
    <figure className={classes.year} aria-label={t('year.label')}>
      {shown.map((status) => (
        <Row key={status} status={status} year={year} now={now} />
      ))}
      <div className={classes.row}>
        <span />
        <Months now={now} />
      </div>
    </figure>
  );
}

function Row({ status, year, now }: { status: Status; year: readonly Point[]; now: number }) {
  const t = useWords('clauses/publication');
  const most = Math.max(1, ...year.map((point) => countOf(point, status)));
  const count = countOf(year.at(-1), status);
  const said = t('year.row', { word: t(`year.${status}`), now: count, most });
  return (
    <div className={classes.row} data-status={status}>
      <span className={classes.name}>
        <svg className={classes.drawing} aria-hidden="true">
          <use href={`#mark-${status}`} />
        </svg>
        {t(`year.${status}`)}
      </span>
      <svg className={classes.days} role="img" aria-label={said}>
        <title>{said}</title>
        {year.map((point, at) => (
          <Step
            key={point.at}
            point={point}
            end={year[at + 1]?.at}
            status={status}
            most={most}
            now={now}
          />
        ))}
      </svg>
      <span className={classes.count}>{count}</span>
    </div>
  );
}

type StepProps = {
  point: Point;
  end: string | undefined;
  status: Status;
  most: number;
  now: number;
};

function Step({ point, end, status, most, now }: StepProps) {
  const count = countOf(point, status);
  if (count === 0) return null;
  const start = across(Date.parse(point.at), now);
  const width = Math.max(0.09, across(end ? Date.parse(end) : now, now) - start) + 0.15;
  const tall = Math.max(3, Math.round((count / most) * HEIGHT));
  return (
    <rect
      x={`${start.toFixed(2)}%`}
      width={`${width.toFixed(2)}%`}
      y={HEIGHT - tall}
      height={tall}
    />
  );
}

function across(at: number, now: number): number {
  return Math.min(100, Math.max(0, (100 * (at - (now - YEAR))) / YEAR));
}

function Months({ now }: { now: number }) {
  const language = useLanguage();
  const form = new Intl.DateTimeFormat(language, { month: 'short', timeZone: 'UTC' });
  const first = new Date(now - YEAR);
  return (
    <svg className={classes.axis} aria-hidden="true">
      {Array.from({ length: 12 }, (_, step) => {
        const at = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + step + 1, 1);
        const x = `${across(at, now).toFixed(2)}%`;
        return (
          <g key={at} data-rank={step % 3}>
            <line x1={x} x2={x} y1="0" y2="4" />
            <text x={x} y="15">
              {form.format(at)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
