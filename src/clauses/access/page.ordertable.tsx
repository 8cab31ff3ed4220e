import { Button, Group } from '@mantine/core';
import type { output } from 'zod';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column, Filter, ListQuery } from '../../ui/register/types.ts';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import { orderOrigins } from './facts.terms.ts';
import classes from './page.campaign.module.css';
import type { routes } from './routes.ts';

type Order = output<(typeof routes)['listRevokeOrders']['output']>['items'][number];

const states = ['ordered', 'carriedOut', 'overdue', 'proven', 'returned', 'withdrawn'] as const;

type OrdersTableProps = {
  name: string;
  prefix?: string;
  fixed?: ListQuery;
  filters?: readonly Filter[];
};

/** Revoke orders on their way: given, said to be carried out, proven gone by a later read. */
export function OrdersTable({ name, prefix, fixed, filters = [] }: OrdersTableProps) {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  return (
    <RegisterTable
      name={name}
      {...(prefix ? { prefix } : {})}
      {...(fixed ? { fixed } : {})}
      label={t('reviews.orders')}
      list={api.listRevokeOrders}
      rowId={(order) => `${order.originId}/${order.no}`}
      defaultSort="-dueAt"
      columns={columns(t)}
      filters={[
        {
          id: 'state',
          label: t('order.state'),
          options: states.map((value) => ({ value, label: t(`orderState.${value}`) })),
        },
        {
          id: 'origin',
          label: t('order.origin'),
          options: orderOrigins.map((value) => ({ value, label: t(`origin.${value}`) })),
        },
        ...filters,
      ]}
      sheet={(id, order) => <OrderSheet id={id} order={order} />}
      empty={<EmptyState title={t('orders.none')}>{t('orders.noneWhy')}</EmptyState>}
    />
  );
}

function columns(t: Words): readonly Column<Order>[] {
  return [
    {
      id: 'system',
      label: t('item.system'),
      value: (order) => order.system,
      sort: true,
      width: 'minmax(6rem, 1fr)',
    },
    {
      id: 'account',
      label: t('item.account'),
      value: (order) => order.account,
      sort: true,
      width: 'minmax(8rem, 1.5fr)',
      priority: 1,
    },
    {
      id: 'entitlement',
      label: t('item.entitlement'),
      value: (order) => order.entitlement ?? t('order.wholeAccount'),
      sort: true,
      width: 'minmax(8rem, 1.5fr)',
      priority: 1,
    },
    {
      id: 'state',
      label: t('order.state'),
      value: (order) => t(`orderState.${order.state}`),
      width: '11rem',
    },
    {
      id: 'dueAt',
      label: t('order.due'),
      value: (order) => <RelativeTime at={order.dueAt} />,
      sort: true,
      width: '8rem',
    },
    {
      id: 'owner',
      label: t('order.owner'),
      value: (order) => order.owner ?? t('item.role'),
      priority: 3,
    },
    {
      id: 'orderedAt',
      label: t('order.ordered'),
      value: (order) => <RelativeTime at={order.orderedAt} />,
      sort: true,
      priority: 3,
      width: '8rem',
    },
  ];
}

function OrderSheet({ id, order }: { id: string; order: Order | undefined }) {
  const t = useWords('clauses/access');
  if (!order) return <SheetHeader title={t('order.title', { no: id.split('/')[1] ?? '' })} />;
  const moment = (at: string | null) => at && <RelativeTime at={at} />;
  return (
    <>
      <SheetHeader title={`${order.account} · ${order.entitlement ?? t('order.wholeAccount')}`} />
      <p>{t(`orderSentence.${order.state}`)}</p>
      {order.entitlement === null && <p>{t('order.wholeAccountProof')}</p>}
      <Facts
        facts={[
          { label: t('order.origin'), value: t(`origin.${order.origin}`) },
          {
            label: t('order.review'),
            value: order.campaign && (
              <Link to={`/console/reviews/${order.originId}`}>{order.campaign}</Link>
            ),
          },
          { label: t('item.system'), value: order.system },
          { label: t('item.person'), value: order.person },
          { label: t('order.owner'), value: order.owner ?? t('item.role') },
          {
            label: t('item.reason'),
            value: order.reason && <span className={classes.reason}>{order.reason}</span>,
          },
          { label: t('item.wanted'), value: order.wanted },
          { label: t('order.ordered'), value: moment(order.orderedAt) },
          { label: t('order.orderedBy'), value: order.orderedBy ?? t('order.itself') },
          { label: t('order.due'), value: moment(order.dueAt) },
          { label: t('order.carriedOut'), value: moment(order.carriedOutAt) },
          {
            label: t('order.carriedOutHow'),
            value: order.carriedOutHow && t(`carriedOutHow.${order.carriedOutHow}`),
          },
          { label: t('order.proven'), value: moment(order.provenAt) },
          {
            label: t('order.read'),
            value: order.provenReadId && (
              <span className={classes.digest}>{order.provenReadId}</span>
            ),
          },
          { label: t('order.withdrawn'), value: moment(order.withdrawnAt) },
          {
            label: t('order.instructions'),
            value: order.instructions && (
              <span className={classes.reason}>{order.instructions}</span>
            ),
          },
        ]}
      />
      <CarryOut order={order} />
    </>
  );
}

/** For whoever answers for the system: this one, or all that are open there. */
function CarryOut({ order }: { order: Order }) {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const mark = useCommand(api.markOrdersCarriedOut, {
    done: ({ count }) => t('order.marked', { count }),
  });
  const may = useMay('carryOutOrders');
  const open = order.state === 'ordered' || (order.state === 'overdue' && !order.carriedOutAt);
  if (!may || !open) return null;
  const { originId, systemId, no } = order;
  return (
    <>
      {mark.problem && <ProblemNotice problem={mark.problem} />}
      <p className="kept-will">{t('order.markWill')}</p>
      <Group gap="xs">
        <Button
          loading={mark.running}
          onClick={() => void mark.run({ originId, systemId, nos: [no] })}
        >
          {t('order.mark')}
        </Button>
        <Button
          variant="default"
          loading={mark.running}
          onClick={() => void mark.run({ originId, systemId })}
        >
          {t('order.markAll', { system: order.system })}
        </Button>
      </Group>
    </>
  );
}
