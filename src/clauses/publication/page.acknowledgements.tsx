import { PersonLink } from '../../registers/page.PersonLink.tsx';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { StatusMark } from '../../ui/StatusMark.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { routes } from './routes.ts';

type Api = ReturnType<typeof useApi<typeof routes>>;

const states = ['overdue', 'waiting', 'acknowledged', 'notAsked'] as const;
/** A state as the status it means for PEO-1. */
const marks = {
  overdue: 'broken',
  waiting: 'due',
  acknowledged: 'kept',
  notAsked: 'unknown',
} as const;

/** Who has acknowledged the policy, and who has not. */
export default function AcknowledgementsPage() {
  const t = useWords('clauses/publication');
  const api = useApi<typeof routes>();
  const counts = useRead(api.countAcknowledgements, {});
  return (
    <Page wide>
      <PageHeader
        above={<Link to="/console/policy">{t('policy.title')}</Link>}
        title={t('acknowledgements.title')}
        sentence={counts.data && t('acknowledgements.sentence', { ...counts.data })}
      />
      <RegisterTable
        name="acknowledgements"
        label={t('acknowledgements.title')}
        list={api.listAcknowledgements}
        rowId={(row) => row.personId}
        defaultSort="name"
        columns={columns(t)}
        filters={[
          {
            id: 'state',
            label: t('acknowledgements.state'),
            options: states.map((value) => ({
              value,
              label: t(`acknowledgements.states.${value}`),
            })),
          },
          { id: 'department', label: t('acknowledgements.department') },
        ]}
        empty={
          <EmptyState title={t('acknowledgements.none')}>
            {t('acknowledgements.noneWhat')}
          </EmptyState>
        }
      />
    </Page>
  );
}

type Row = Awaited<ReturnType<Api['listAcknowledgements']>>['items'][number];

function columns(t: Words): Column<Row>[] {
  return [
    {
      id: 'name',
      label: t('acknowledgements.name'),
      value: (row) => <PersonLink id={row.personId} name={row.name} />,
      sort: true,
      width: 'minmax(10rem, 2fr)',
    },
    {
      id: 'department',
      label: t('acknowledgements.department'),
      value: (row) => row.department,
      sort: true,
    },
    {
      id: 'state',
      label: t('acknowledgements.state'),
      value: (row) => (
        <StatusMark status={marks[row.state]}>
          {t(`acknowledgements.states.${row.state}`)}
        </StatusMark>
      ),
    },
    {
      id: 'dueAt',
      label: t('acknowledgements.dueAt'),
      value: (row) => row.dueAt && <RelativeTime at={row.dueAt} />,
      sort: true,
    },
    {
      id: 'acknowledgedAt',
      label: t('acknowledgements.acknowledgedAt'),
      value: (row) => row.acknowledgedAt && <RelativeTime at={row.acknowledgedAt} />,
      sort: true,
    },
    {
      id: 'version',
      label: t('acknowledgements.version'),
      value: (row) => row.version && t('versions.name', { number: String(row.version) }),
      priority: 3,
    },
  ];
}
