import { useNavigate } from '@tanstack/react-router';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { ConnectionItem } from './list.ts';
import type { routes } from './routes.ts';

/** Every source that Kept reads by itself, and how it does. */
export default function ConnectionsPage() {
  const t = useWords('registers/connections');
  const api = useApi<typeof routes>();
  const navigate = useNavigate();
  const may = useMay('setUpConnection');
  const add = () => void navigate({ to: '/console/connections/new' });
  return (
    <Page wide>
      <PageHeader
        title={t('title')}
        sentence={t('sentence')}
        primary={may ? { label: t('add'), run: add } : undefined}
      />
      <RegisterTable
        name="connections"
        label={t('title')}
        list={api.listConnections}
        rowId={(row) => row.id}
        defaultSort="system"
        columns={columns(t)}
        filters={[]}
        sheet={(id, row) => <ConnectionSheet id={id} row={row} />}
        empty={
          <EmptyState
            title={t('empty.title')}
            action={may && <Link to="/console/connections/new">{t('add')}</Link>}
          >
            {t('empty.first')}
          </EmptyState>
        }
      />
    </Page>
  );
}

function ConnectionSheet({ id, row }: { id: string; row: ConnectionItem | undefined }) {
  const t = useWords('registers/connections');
  const navigate = useNavigate();
  const open = () => void navigate({ to: `/console/connections/${id}` });
  return (
    <>
      <SheetHeader
        title={row?.systemName ?? t('title')}
        sentence={row && t(`kinds.${row.kind}`)}
        primary={{ label: t('open'), run: open }}
      />
      {row && (
        <Facts
          facts={[
            { label: t('stateLabel'), value: t(`state.${row.state}`) },
            {
              label: t('lastRead'),
              value: row.lastReadAt ? <RelativeTime at={row.lastReadAt} /> : t('never'),
            },
            { label: t('next'), value: row.nextAt && <RelativeTime at={row.nextAt} /> },
            { label: t('every'), value: t('hours', { count: row.everyHours }) },
            { label: t('acting'), value: t(row.acting ? 'yes' : 'no') },
          ]}
        />
      )}
    </>
  );
}

function columns(t: Words): readonly Column<ConnectionItem>[] {
  return [
    {
      id: 'system',
      label: t('system'),
      value: (row) => row.systemName,
      sort: true,
      width: 'minmax(10rem, 2fr)',
    },
    { id: 'kind', label: t('kind'), value: (row) => t(`kinds.${row.kind}`), sort: true },
    { id: 'state', label: t('stateLabel'), value: (row) => t(`state.${row.state}`) },
    {
      id: 'lastReadAt',
      label: t('lastRead'),
      value: (row) => (row.lastReadAt ? <RelativeTime at={row.lastReadAt} /> : t('never')),
      sort: true,
    },
    {
      id: 'nextAt',
      label: t('next'),
      value: (row) => row.nextAt && <RelativeTime at={row.nextAt} />,
      priority: 3,
    },
    {
      id: 'acting',
      label: t('acting'),
      value: (row) => t(row.acting ? 'yes' : 'no'),
      width: '9rem',
      priority: 3,
    },
  ];
}
