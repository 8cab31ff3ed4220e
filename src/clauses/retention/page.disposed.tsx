import type { output } from 'zod';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Figure } from '../../ui/Figure.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { useLanguage, useWords, type Words } from '../../ui/words.ts';
import type { scheduleRoutes } from './routes.schedules.ts';

type Routes = ReturnType<typeof scheduleRoutes>;
type Disposed = output<Routes['listRecordDisposals']['output']>['items'][number];

/** What was disposed of, night by night (RET-1). */
export default function DisposedPage() {
  const t = useWords('clauses/retention');
  const language = useLanguage();
  const api = useApi<Routes>();
  return (
    <Page wide>
      <PageHeader
        above={<Link to="/console/retention">{t('schedules.title')}</Link>}
        title={t('disposed.title')}
        sentence={t('disposed.sentence')}
      />
      <Months />
      <RegisterTable
        name="record-disposals"
        label={t('disposed.title')}
        list={api.listRecordDisposals}
        rowId={(row) => row.id}
        defaultSort="-at"
        columns={columns(t, language)}
        empty={<EmptyState title={t('disposed.none')}>{t('disposed.noneWhy')}</EmptyState>}
      />
    </Page>
  );
}

function Months() {
  const t = useWords('clauses/retention');
  const read = useRead(useApi<Routes>().readDisposalMonths, {});
  const months = read.data?.items ?? [];
  if (!months.some(({ count }) => count > 0)) return null;
  return (
    <Figure
      title={t('disposed.months')}
      kind="bar"
      rows={months.map(({ month, count }) => ({ x: month, count }))}
      series={[{ id: 'count', label: t('disposed.count') }]}
      heightPx={160}
    />
  );
}

function columns(t: Words, language: 'en' | 'ja'): readonly Column<Disposed>[] {
  return [
    {
      id: 'at',
      label: t('disposed.at'),
      value: (row) => <RelativeTime at={row.at} />,
      sort: true,
      width: '9rem',
    },
    {
      id: 'kind',
      label: t('disposed.kind'),
      value: (row) => row.label[language],
      sort: true,
      width: 'minmax(9rem, 2fr)',
    },
    {
      id: 'customer',
      label: t('disposed.customer'),
      value: (row) => row.customer,
      priority: 1,
      width: 'minmax(7rem, 1fr)',
    },
    {
      id: 'collection',
      label: t('disposed.collection'),
      value: (row) => row.collection,
      priority: 2,
    },
    {
      id: 'count',
      label: t('disposed.count'),
      value: (row) => row.count,
      sort: true,
      width: '7rem',
    },
    {
      id: 'ids',
      label: t('disposed.ids'),
      value: (row) => <code>{row.ids.slice(0, 16)}</code>,
      priority: 3,
      width: '10rem',
    },
  ];
}
