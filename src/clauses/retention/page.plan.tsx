import { Table, TextInput } from '@mantine/core';
import type { output } from 'zod';
import { useAddressValue } from '../../ui/address.ts';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatMoment } from '../../ui/format.ts';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useReader } from '../../ui/reader.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { scheduleRoutes } from './routes.schedules.ts';

type Routes = ReturnType<typeof scheduleRoutes>;
type Plan = output<Routes['readDisposalPlan']['output']>;

/** What the night will dispose of, before it does. `?on=DAY` looks farther ahead. */
export default function PlanPage() {
  const t = useWords('clauses/retention');
  const language = useLanguage();
  const { zone } = useReader();
  const [on, setOn] = useAddressValue('on');
  const read = useRead(useApi<Routes>().readDisposalPlan, on ? { on } : {});
  const at = read.data ? formatMoment(read.data.runsAt, { language, zone }) : '';
  return (
    <Page>
      <PageHeader
        above={<Link to="/console/retention">{t('schedules.title')}</Link>}
        title={t('plan.title')}
        sentence={read.data && !on ? t('plan.sentence', { at }) : undefined}
      />
      <TextInput
        type="date"
        label={t('plan.on')}
        value={on ?? read.data?.on ?? ''}
        onChange={(event) => setOn(event.currentTarget.value || undefined)}
        w={200}
        mb="md"
      />
      {read.error && <ProblemNotice problem={read.error} retry={() => void read.refetch()} />}
      {read.data && <PlanTable plan={read.data} />}
    </Page>
  );
}

function PlanTable({ plan }: { plan: Plan }) {
  const t = useWords('clauses/retention');
  const language = useLanguage();
  if (plan.items.length === 0)
    return <EmptyState title={t('plan.none')}>{t('plan.noneWhy')}</EmptyState>;
  const total = plan.items.reduce((sum, { count }) => sum + count, 0);
  const heads = ['kind', 'customer', 'collection', 'count', 'oldest'] as const;
  return (
    <>
      <p>{t('plan.total', { count: total })}</p>
      <Table.ScrollContainer minWidth={560} scrollAreaProps={{ tabIndex: 0 }}>
        <Table aria-label={t('plan.table')}>
          <Table.Thead>
            <Table.Tr>
              {heads.map((head) => (
                <Table.Th key={head} scope="col">
                  {t(`plan.${head}`)}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {plan.items.map((line) => (
              <Table.Tr key={`${line.kind} ${line.customerId} ${line.collection}`}>
                <Table.Td>{line.label[language]}</Table.Td>
                <Table.Td>{line.customer}</Table.Td>
                <Table.Td>{line.collection}</Table.Td>
                <Table.Td>{line.count}</Table.Td>
                <Table.Td>
                  <RelativeTime at={line.oldest} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}
