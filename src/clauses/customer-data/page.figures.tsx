import { useApi } from '../../ui/api.ts';
import { Facts } from '../../ui/Facts.tsx';
import { Figure } from '../../ui/Figure.tsx';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useWords } from '../../ui/words.ts';
import { bases } from './facts.terms.ts';
import type { routes } from './routes.ts';

const colours = { terms: 'accent', contract: 'soft', consent: 'due' } as const;

/** Cases by legal basis over the months, and the days since anybody last read anything. */
export default function CaseFigures() {
  const t = useWords('clauses/customer-data');
  const read = useRead(useApi<typeof routes>().getCaseFigures, {});
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  if (!read.data) return null;
  const { days, lastAt, open, waiting, unreconciled, months } = read.data;
  return (
    <>
      <Facts
        facts={[
          {
            label: t('figures.since'),
            value: days === null ? t('figures.never') : t('figures.daysShort', { days }),
          },
          { label: t('figures.last'), value: lastAt && <RelativeTime at={lastAt} /> },
          { label: t('figures.open'), value: String(open) },
          { label: t('figures.waiting'), value: String(waiting) },
          { label: t('figures.unreconciled'), value: String(unreconciled) },
        ]}
      />
      <Section title={t('figures.byMonth')}>
        <Figure
          title={t('figures.byBasis')}
          kind="bar"
          rows={months.map(({ month, ...counts }) => ({ x: month, ...counts }))}
          series={bases.map((id) => ({ id, label: t(`bases.${id}`), colour: colours[id] }))}
        />
      </Section>
    </>
  );
}
