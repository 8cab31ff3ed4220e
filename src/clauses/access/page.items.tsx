import { lazy, Suspense, useState } from 'react';
import type { output } from 'zod';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay, useReader } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { BulkAction, Column, Filter, Selection as Rows } from '../../ui/register/types.ts';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import { decisions } from './facts.terms.ts';
import type { Selection } from './facts.ts';
import classes from './page.campaign.module.css';
import type { Act } from './page.deciding.tsx';
import type { routes } from './routes.ts';

// Forms come when they are asked for: the items are what reviewers came to see.
const DecideDialog = lazy(async () => ({
  default: (await import('./page.deciding.tsx')).DecideDialog,
}));
const DelegateDialog = lazy(async () => ({
  default: (await import('./page.delegating.tsx')).DelegateDialog,
}));

export type CampaignDetail = output<(typeof routes)['getCampaign']['output']>;
export type Item = output<(typeof routes)['listReviewItems']['output']>['items'][number];

/** A selection of rows that an act is about to be done on. */
export interface Asked {
  readonly act: Act | 'delegate';
  readonly selection: Selection;
  readonly count: number;
  /** The one system they are all of, where that is known. */
  readonly system: string | undefined;
  readonly clear: () => void;
}

/** Items of a review: whole lists decided at once, one's own access shown but for others to decide. */
export function ItemsTable({ campaign }: { campaign: CampaignDetail }) {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const [asked, setAsked] = useState<Asked | null>(null);
  const mayDecide = useMay('reviewAccess') && campaign.state === 'open';
  const ask = (act: Asked['act']) => (rows: Rows, clear: () => void) =>
    setAsked({
      act,
      selection: selectionOf(rows),
      count: rows.count,
      system: systemOf(rows, campaign),
      clear,
    });
  const bulk: readonly BulkAction[] = mayDecide
    ? [
        { label: t('decide.keep'), run: ask('keep') },
        { label: t('decide.revoke'), run: ask('revoke'), danger: true },
        { label: t('decide.change'), run: ask('change') },
        { label: t('delegate.verb'), run: ask('delegate') },
      ]
    : [];
  return (
    <>
      <RegisterTable
        name="review-items"
        label={t('tab.items')}
        list={api.listReviewItems}
        fixed={{ id: campaign.id }}
        rowId={(item) => String(item.no)}
        defaultSort="no"
        columns={columns(t)}
        filters={useFilters(campaign, t)}
        bulk={bulk}
        selectable={(item) => !item.own}
        sheet={(no, item) => <ItemSheet no={no} item={item} />}
        empty={<EmptyState title={t('items.none')}>{t('items.noneWhy')}</EmptyState>}
      />
      <Suspense>
        {asked && asked.act !== 'delegate' && (
          <DecideDialog
            campaign={campaign.id}
            asked={{ ...asked, act: asked.act }}
            close={() => setAsked(null)}
          />
        )}
        {asked?.act === 'delegate' && (
          <DelegateDialog campaign={campaign} asked={asked} close={() => setAsked(null)} />
        )}
      </Suspense>
    </>
  );
}

function columns(t: Words): readonly Column<Item>[] {
  return [
    {
      id: 'system',
      label: t('item.system'),
      value: (item) => item.system,
      sort: true,
      width: 'minmax(6rem, 1fr)',
    },
    {
      id: 'account',
      label: t('item.account'),
      value: (item) => item.account,
      sort: true,
      width: 'minmax(8rem, 1.5fr)',
      priority: 1,
    },
    {
      id: 'entitlement',
      label: t('item.entitlement'),
      value: (item) => <Entitlement item={item} />,
      sort: true,
      width: 'minmax(8rem, 1.5fr)',
      priority: 1,
    },
    {
      id: 'person',
      label: t('item.person'),
      value: (item) => <Person item={item} />,
      sort: true,
      width: 'minmax(8rem, 1.5fr)',
    },
    {
      id: 'department',
      label: t('item.department'),
      value: (item) => item.department,
      sort: true,
      priority: 3,
    },
    {
      id: 'basis',
      label: t('item.basis'),
      value: (item) => t(`basis.${basisOf(item)}`),
      priority: 3,
      width: '9rem',
    },
    {
      id: 'reviewer',
      label: t('item.reviewer'),
      value: (item) => item.reviewer ?? t('item.role'),
      priority: 3,
    },
    {
      id: 'decision',
      label: t('item.decision'),
      value: (item) => (item.decision ? t(`decision.${item.decision}`) : t('decision.none')),
      sort: true,
      width: '8rem',
    },
    {
      id: 'no',
      label: t('item.no'),
      value: (item) => item.no,
      sort: true,
      align: 'end',
      width: '5rem',
      hidden: true,
    },
  ];
}

function useFilters(campaign: CampaignDetail, t: Words): readonly Filter[] {
  const reader = useReader();
  const yesNo = [
    { value: 'true', label: t('yes') },
    { value: 'false', label: t('no') },
  ];
  const reviewers = campaign.reviewers.map(({ id, name }) => ({
    value: id ?? 'role',
    label: name ?? t('item.role'),
  }));
  return [
    ...(reader.permissions.includes('readReviews')
      ? [{ id: 'mine', label: t('filter.mine'), options: yesNo.slice(0, 1) }]
      : []),
    { id: 'undecided', label: t('filter.undecided'), options: yesNo },
    {
      id: 'decision',
      label: t('item.decision'),
      options: decisions.map((value) => ({ value, label: t(`decision.${value}`) })),
    },
    {
      id: 'system',
      label: t('item.system'),
      options: campaign.systems.map(({ id, name }) => ({ value: id, label: name })),
    },
    { id: 'department', label: t('item.department') },
    { id: 'privileged', label: t('filter.privileged'), options: yesNo },
    { id: 'orphan', label: t('filter.orphan'), options: yesNo },
    { id: 'granted', label: t('filter.granted'), options: yesNo },
    { id: 'observed', label: t('filter.observed'), options: yesNo },
    { id: 'reviewer', label: t('item.reviewer'), options: reviewers },
  ];
}

function Entitlement({ item }: { item: Item }) {
  const t = useWords('clauses/access');
  return item.privileged
    ? t('item.privileged', { entitlement: item.entitlement })
    : item.entitlement;
}

function Person({ item }: { item: Item }) {
  const t = useWords('clauses/access');
  if (item.own) return <span className={classes.own}>{t('item.own')}</span>;
  return item.person ?? t('item.nobody');
}

function basisOf(item: Item): 'both' | 'observed' | 'granted' {
  if (item.observed && item.granted) return 'both';
  return item.observed ? 'observed' : 'granted';
}

/** Rows of the register as the API names them. The list's own words are text; the filter's are not. */
function selectionOf(rows: Rows): Selection {
  if (rows.kind === 'ids') return { nos: rows.ids.map(Number) };
  const { id: _campaign, mine: _mine, ...query } = rows.query;
  const filter = Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      value === 'true' ? true : value === 'false' ? false : value,
    ]),
  );
  return { filter, except: rows.except.map(Number) };
}

function systemOf(rows: Rows, campaign: CampaignDetail): string | undefined {
  const filtered = rows.kind === 'matching' ? rows.query['system'] : undefined;
  if (filtered) return String(filtered);
  return campaign.systems.length === 1 ? campaign.systems[0]?.id : undefined;
}

function ItemSheet({ no, item }: { no: string; item: Item | undefined }) {
  const t = useWords('clauses/access');
  if (!item) return <SheetHeader title={t('item.title', { no })} />;
  return (
    <>
      <SheetHeader title={`${item.account} · ${item.entitlement}`} />
      <Facts
        facts={[
          { label: t('item.no'), value: String(item.no) },
          { label: t('item.system'), value: item.system },
          {
            label: t('item.account'),
            value: t(`kind.${item.accountKind}`, { account: item.account }),
          },
          { label: t('item.person'), value: <Person item={item} /> },
          { label: t('item.department'), value: item.department },
          { label: t('item.basis'), value: t(`basis.${basisOf(item)}`) },
          { label: t('campaign.asOf'), value: item.asOf && <RelativeTime at={item.asOf} /> },
          { label: t('item.reviewer'), value: item.reviewer ?? t('item.role') },
          {
            label: t('item.decision'),
            value: item.decision ? t(`decision.${item.decision}`) : t('decision.none'),
          },
          { label: t('item.wanted'), value: item.wanted },
          {
            label: t('item.reason'),
            value: item.reason && <span className={classes.reason}>{item.reason}</span>,
          },
          { label: t('item.decidedBy'), value: item.decidedBy },
          {
            label: t('item.decidedAt'),
            value: item.decidedAt && <RelativeTime at={item.decidedAt} />,
          },
        ]}
      />
    </>
  );
}
