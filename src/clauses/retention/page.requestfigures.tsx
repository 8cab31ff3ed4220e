import { useApi } from '../../ui/api.ts';
import { Facts } from '../../ui/Facts.tsx';
import { Figure } from '../../ui/Figure.tsx';
import { formatNumber } from '../../ui/format.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { requestRoutes } from './routes.requests.ts';

/** How long answers took, in the last twelve months. */
export function RequestFigures() {
  const t = useWords('clauses/retention');
  const language = useLanguage();
  const read = useRead(useApi<typeof requestRoutes>().readRequestFigures, {});
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  const figures = read.data;
  if (!figures) return null;
  const days = (count: number | null) =>
    count === null ? null : t('requests.days', { count: Math.round(count) });
  const number = (count: number) => formatNumber(count, language);
  return (
    <>
      <Facts
        facts={[
          { label: t('requests.figure.open'), value: number(figures.open) },
          { label: t('requests.figure.late'), value: number(figures.late) },
          { label: t('requests.figure.answered'), value: number(figures.answered) },
          { label: t('requests.figure.inTime'), value: number(figures.inTime) },
          { label: t('requests.figure.median'), value: days(figures.medianDays) },
          { label: t('requests.figure.longest'), value: days(figures.longestDays) },
        ]}
      />
      {figures.months.length > 0 && (
        <Figure
          title={t('requests.figure.months')}
          kind="bar"
          rows={figures.months.map(({ month, medianDays }) => ({ x: month, medianDays }))}
          series={[{ id: 'medianDays', label: t('requests.figure.median') }]}
        />
      )}
    </>
  );
}
