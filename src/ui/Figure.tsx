import { Button, Skeleton, Table } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import classes from './figure.module.css';
import { formatNumber } from './format.ts';
import { useLanguage, useWords } from './words.ts';

export type Series = {
  readonly id: string;
  readonly label: string;
  /**
   * Default the accent, of which `strongest` to `pale` are shades for what has degrees; a status only
   * where the figure is about that status.
   */
  readonly colour?:
    | 'strongest'
    | 'accent'
    | 'lighter'
    | 'pale'
    | 'soft'
    | 'kept'
    | 'due'
    | 'broken'
    | 'unknown';
};

export type FigureProps = {
  /** What is shown, as the caption. */
  title: string;
  kind: 'line' | 'area' | 'bar';
  /** `x` is what stands below the axis, already in words. */
  rows: readonly ({ readonly x: string } & Readonly<Record<string, string | number | null>>)[];
  series: readonly Series[];
  heightPx?: number;
  /** Of bars and areas: the series stand on each other, so that their sum is seen. */
  stacked?: boolean;
};

const Chart = lazy(() => import('./Chart.tsx'));

/**
 * A figure over time, with the same numbers as a table for those who want or need them. The chart's code is
 * a chunk of its own.
 *
 * @example <Figure title={t('openFindings')} kind="line" rows={[{ x: '3月', open: 12 }]} series={[{ id: 'open', label: t('open') }]} />
 */
export function Figure(props: FigureProps) {
  const t = useWords('ui');
  const [table, setTable] = useState(false);
  const height = props.heightPx ?? 220;
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>
        <span>{props.title}</span>
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          aria-expanded={table}
          onClick={() => setTable(!table)}
        >
          {table ? t('figure.hideTable') : t('figure.table')}
        </Button>
      </figcaption>
      <div aria-hidden="true">
        <Suspense fallback={<Skeleton height={height} animate={false} />}>
          <Chart {...props} heightPx={height} />
        </Suspense>
      </div>
      {table && <FigureTable {...props} />}
    </figure>
  );
}

function FigureTable({ rows, series }: FigureProps) {
  const language = useLanguage();
  return (
    <Table.ScrollContainer minWidth={320} maxHeight={320}>
      <Table stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Td />
            {series.map(({ id, label }) => (
              <Table.Th key={id} ta="end">
                {label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.x}>
              <Table.Th fw={400}>{row.x}</Table.Th>
              {series.map(({ id }) => {
                const value = row[id];
                return (
                  <Table.Td key={id} ta="end">
                    {typeof value === 'number' ? formatNumber(value, language) : (value ?? '–')}
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
