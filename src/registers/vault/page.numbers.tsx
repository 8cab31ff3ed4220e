import { Figure } from '../../ui/Figure.tsx';
import { formatNumber } from '../../ui/format.ts';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { VaultDay } from './page.api.ts';
import classes from './page.module.css';

/** Unwrappings of customers' keys over the last days, by whom. */
export function UnwrapFigure({ days }: { days: readonly VaultDay[] }) {
  const t = useWords('registers/vault');
  const series = (['service', 'customer', 'staff', 'system'] as const).map((id) => ({
    id,
    label: t(`by.${id}`),
    colour: { service: 'accent', customer: 'soft', staff: 'due', system: 'unknown' }[id] as
      | 'accent'
      | 'soft'
      | 'due'
      | 'unknown',
  }));
  if (days.every(({ day: _, ...counts }) => Object.values(counts).every((count) => count === 0)))
    return <p className="kept-soft">{t('unwraps.quiet', { count: days.length })}</p>;
  const rows = days.map(({ day, ...counts }) => ({ x: day.slice(5), ...counts }));
  return <Figure title={t('unwraps.figure')} kind="bar" rows={rows} series={series} />;
}

export interface NumberRow {
  readonly id: string;
  readonly cells: readonly React.ReactNode[];
}

/** A small table of numbers that scrolls within its own frame. */
export function Numbers(props: {
  caption: string;
  heads: readonly string[];
  rows: readonly NumberRow[];
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1).
    <section className={classes.frame} tabIndex={0} aria-label={props.caption}>
      <table className={classes.numbers}>
        <thead>
          <tr>
            {props.heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map(({ id, cells }) => (
            <tr key={id}>
              {cells.map((cell, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells never move within their row.
                <td key={at}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A number as the reader's language writes it. */
export function useNumber(): (value: number) => string {
  const language = useLanguage();
  return (value) => formatNumber(value, language);
}
