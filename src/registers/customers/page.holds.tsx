import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { HoldItem } from './list.holds.ts';
import { HoldLine } from './page.onhold.tsx';
import type { holdRoutes } from './routes.holds.ts';

/** Every hold: what keeps data beyond its term, and when it is looked at again. */
export default function HoldsPage() {
  const t = useWords('registers/customers');
  return (
    <Page wide>
      <PageHeader
        title={t('holds.title')}
        sentence={t('holds.sentence')}
        above={<Link to="/console/customers">{t('title')}</Link>}
      />
      <RegisterTable
        name="holds"
        label={t('holds.title')}
        list={useApi<typeof holdRoutes>().listHolds}
        rowId={(hold) => hold.id}
        defaultSort="reviewOn"
        columns={columns(t)}
        filters={[
          {
            id: 'open',
            label: t('holds.state'),
            options: ['true', 'false'].map((value) => ({ value, label: t(`holds.open.${value}`) })),
          },
          { id: 'customer', label: t('key') },
        ]}
        sheet={(_id, row) => row && <HoldSheet hold={row} />}
        empty={<EmptyState title={t('holds.none')}>{t('holds.noneWhat')}</EmptyState>}
      />
    </Page>
  );
}

function HoldSheet({ hold }: { hold: HoldItem }) {
  const t = useWords('registers/customers');
  return (
    <>
      <SheetHeader
        title={hold.customer.name ?? t('forgotten')}
        sentence={<Link to={`/console/customers/${hold.customer.key}`}>{hold.customer.key}</Link>}
      />
      <HoldLine hold={hold} />
    </>
  );
}

function columns(t: Words): readonly Column<HoldItem>[] {
  return [
    {
      id: 'customer',
      label: t('customer'),
      value: ({ customer }) => customer.name ?? t('forgotten'),
      sort: true,
      width: 'minmax(11rem, 1fr)',
    },
    {
      id: 'reason',
      label: t('holds.reason'),
      value: ({ reason }) => reason,
      width: 'minmax(12rem, 2fr)',
    },
    {
      id: 'reviewOn',
      label: t('holds.reviewOn'),
      value: (hold) =>
        hold.liftedAt ? (
          t('holds.open.false')
        ) : (
          <span>
            <RelativeTime at={hold.reviewOn} />
            {hold.late && ` · ${t('holds.late')}`}
          </span>
        ),
      sort: true,
      width: 'minmax(9rem, 1fr)',
    },
    {
      id: 'placedAt',
      label: t('holds.placedAt'),
      value: ({ placedAt }) => <RelativeTime at={placedAt} />,
      sort: true,
      priority: 3,
    },
    {
      id: 'placedBy',
      label: t('holds.by'),
      value: ({ placedBy }) => placedBy?.name ?? t('holds.program'),
      priority: 3,
    },
  ];
}
