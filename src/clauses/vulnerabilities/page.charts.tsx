import type { output } from 'zod';
import { Facts } from '../../ui/Facts.tsx';
import { Figure, type Series } from '../../ui/Figure.tsx';
import { formatDate } from '../../ui/format.ts';
import { Link } from '../../ui/Link.tsx';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { useReader } from '../../ui/reader.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import { useBacklogApi } from './page.api.ts';
import type { listRoutes } from './routes.lists.ts';

const classesShown = ['critical', 'high', 'medium', 'low', 'unrated'] as const;
const shades = {
  critical: 'strongest',
  high: 'accent',
  medium: 'lighter',
  low: 'pale',
  unrated: 'soft',
} as const;

/** Open by class over time, their age, deadlines attained, time to fix. */
export default function Charts() {
  const t = useWords('clauses/vulnerabilities');
  const place = { language: useLanguage(), zone: useReader().zone };
  const read = useRead(useBacklogApi().chartBacklog, {});
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  if (!read.data) return null;
  const { now, open, ages } = read.data;
  const byClass: readonly Series[] = classesShown.map((id) => ({
    id,
    label: t(`classes.${id}`),
    colour: shades[id],
  }));
  const listed = (search: string, count: number) => (
    <Link to={`/console/backlog${search}`}>{t('amount', { count })}</Link>
  );
  return (
    <>
      <Facts
        facts={[
          { label: t('figures.open'), value: listed('', now.open) },
          { label: t('figures.overdue'), value: listed('?overdue=true', now.overdue) },
          { label: t('figures.exploited'), value: listed('?exploited=true', now.exploited) },
          { label: t('figures.asked'), value: listed('?state=asked', now.asked) },
        ]}
      />
      <Section title={t('figures.byClass')}>
        <Figure
          title={t('figures.byClassWhy')}
          kind="area"
          stacked
          rows={open.map(({ day, ...counts }) => ({ x: formatDate(day, place), ...counts }))}
          series={byClass}
        />
      </Section>
      <Section title={t('figures.age')}>
        <Figure
          title={t('figures.ageWhy')}
          kind="bar"
          stacked
          rows={ages.map(({ upToDays, ...counts }, at) => ({
            x:
              upToDays === null
                ? t('figures.older', { count: ages[at - 1]?.upToDays ?? 0 })
                : t('figures.upTo', { count: upToDays }),
            ...counts,
          }))}
          series={byClass}
        />
      </Section>
      <Deadlines figures={read.data} />
    </>
  );
}

type Figures = output<(typeof listRoutes)['chartBacklog']['output']>;

/** What came of the deadlines of each month, and how long what was fixed in it took. */
function Deadlines({ figures }: { figures: Figures }) {
  const t = useWords('clauses/vulnerabilities');
  const { attained, fixed } = figures;
  return (
    <>
      <Section title={t('figures.attained')}>
        <Figure
          title={t('figures.attainedWhy')}
          kind="bar"
          stacked
          rows={attained.map(({ month, ...counts }) => ({ x: month, ...counts }))}
          series={[
            { id: 'inTime', label: t('figures.inTime'), colour: 'kept' },
            { id: 'late', label: t('figures.late'), colour: 'due' },
            { id: 'open', label: t('figures.stillOpen'), colour: 'broken' },
          ]}
        />
      </Section>
      <Section title={t('figures.toFix')}>
        <Figure
          title={t('figures.toFixWhy')}
          kind="line"
          rows={fixed.map(({ month, median, ninth }) => ({ x: month, median, ninth }))}
          series={[
            { id: 'median', label: t('figures.median') },
            { id: 'ninth', label: t('figures.ninth'), colour: 'soft' },
          ]}
        />
      </Section>
    </>
  );
}
