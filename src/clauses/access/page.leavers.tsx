import { Table } from '@mantine/core';
import { Fragment, type ReactNode } from 'react';
import type { output } from 'zod';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { formatSpan } from '../../ui/format.ts';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useList } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useLanguage, useWords, type Words } from '../../ui/words.ts';
import { leaverStates } from './facts.terms.ts';
import classes from './page.campaign.module.css';
import type { routes } from './routes.ts';

type Leaver = output<(typeof routes)['listLeavers']['output']>['items'][number];

/** Those who left, and how soon nothing was left of their access. */
export default function LeaversPage() {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  return (
    <Page wide>
      <PageHeader title={t('leavers.title')} sentence={t('leavers.sentence')} />
      <RegisterTable
        name="leavers"
        label={t('leavers.title')}
        list={api.listLeavers}
        rowId={(leaver) => leaver.id}
        defaultSort="-triggeredAt"
        columns={columns(t)}
        filters={[
          {
            id: 'state',
            label: t('leaver.state'),
            options: leaverStates.map((value) => ({ value, label: t(`leaverState.${value}`) })),
          },
        ]}
        sheet={(id) => <LeaverSheet id={id} />}
        empty={<EmptyState title={t('leavers.none')}>{t('leavers.noneWhy')}</EmptyState>}
      />
    </Page>
  );
}

function Span({ seconds }: { seconds: number | null }) {
  const t = useWords('clauses/access');
  const language = useLanguage();
  return <>{seconds === null ? t('none') : formatSpan(seconds, language)}</>;
}

function columns(t: Words): readonly Column<Leaver>[] {
  return [
    {
      id: 'person',
      label: t('item.person'),
      value: (leaver) => leaver.person,
      sort: true,
      width: 'minmax(8rem, 1.5fr)',
    },
    {
      id: 'state',
      label: t('leaver.state'),
      value: (leaver) => t(`leaverState.${leaver.state}`),
      priority: 1,
      width: '11rem',
    },
    {
      id: 'triggeredAt',
      label: t('leaver.left'),
      value: (leaver) => <RelativeTime at={leaver.triggeredAt} />,
      sort: true,
      width: '8rem',
    },
    {
      id: 'progress',
      label: t('leaver.progress'),
      value: (leaver) => t('leaver.of', { proven: leaver.proven, orders: leaver.orders }),
      width: '10rem',
    },
    {
      id: 'seconds',
      label: t('leaver.seconds'),
      value: (leaver) => <Span seconds={leaver.seconds} />,
      width: '8rem',
    },
    {
      id: 'trigger',
      label: t('leaver.trigger'),
      value: (leaver) => t(`trigger.${leaver.trigger}`),
      priority: 3,
    },
  ];
}

function LeaverSheet({ id }: { id: string }) {
  const t = useWords('clauses/access');
  const read = useList(useApi<typeof routes>().listLeavers, { id, limit: 1 });
  const [leaver] = read.data?.items ?? [];
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  if (!leaver) return null;
  return (
    <>
      <SheetHeader title={leaver.person} />
      <p>{t(`leaverSentence.${leaver.state}`)}</p>
      <Facts
        facts={[
          { label: t('leaver.trigger'), value: t(`trigger.${leaver.trigger}`) },
          { label: t('leaver.left'), value: <RelativeTime at={leaver.triggeredAt} /> },
          { label: t('leaver.seconds'), value: <Span seconds={leaver.seconds} /> },
          { label: t('leaver.cases'), value: leaver.cases },
        ]}
      />
      {leaver.systems.length > 0 && <Systems leaver={leaver} />}
      <p>
        <Link to={`/console/revoke-orders?person=${id}`}>{t('reviews.orders')}</Link>
        {' · '}
        <Link to={`/console/people/${id}`}>{t('leaver.story')}</Link>
      </p>
    </>
  );
}

/** Each system, and each account there as a whole: ordered, carried out, proven gone. */
function Systems({ leaver }: { leaver: Leaver }) {
  const t = useWords('clauses/access');
  return (
    <section
      className={classes.tableRoom}
      aria-label={t('leaver.systems')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <Table verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('item.system')}</Table.Th>
            <Table.Th>{t('order.ordered')}</Table.Th>
            <Table.Th>{t('leaver.carriedOut')}</Table.Th>
            <Table.Th>{t('order.proven')}</Table.Th>
            <Table.Th>{t('leaver.seconds')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {leaver.systems.map((system) => (
            <Fragment key={system.id}>
              <Steps steps={system}>
                {system.name}
                {!system.acting && !system.provenAt && (
                  <div className={classes.own}>{system.instructions || t('leaver.byHand')}</div>
                )}
              </Steps>
              {system.accounts.map((account) => (
                <Steps key={`${account.id} ${account.orderedAt}`} steps={account}>
                  <span className="kept-soft">{t('leaver.account', { name: account.name })}</span>
                </Steps>
              ))}
            </Fragment>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

type StepsProps = {
  steps: Pick<
    Leaver['systems'][number]['accounts'][number],
    'orderedAt' | 'carriedOutAt' | 'provenAt' | 'seconds'
  >;
  children: ReactNode;
};

function Steps({ steps, children }: StepsProps) {
  const t = useWords('clauses/access');
  const moment = (at: string | null) => (at ? <RelativeTime at={at} /> : t('none'));
  return (
    <Table.Tr>
      <Table.Td>{children}</Table.Td>
      <Table.Td>{moment(steps.orderedAt)}</Table.Td>
      <Table.Td>{moment(steps.carriedOutAt)}</Table.Td>
      <Table.Td>{moment(steps.provenAt)}</Table.Td>
      <Table.Td>
        <Span seconds={steps.seconds} />
      </Table.Td>
    </Table.Tr>
  );
}
