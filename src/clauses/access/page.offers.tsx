import { useState } from 'react';
import type { output } from 'zod';
import type { routes as systemRoutes } from '../../registers/systems/routes.ts';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useList, useRead } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column, Filter } from '../../ui/register/types.ts';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { routes } from './routes.ts';

const AskDialog = lazily(async () => (await import('./page.asking.tsx')).AskDialog);
const DescribeDialog = lazily(async () => (await import('./page.offerforms.tsx')).DescribeDialog);
const SystemRuleDialog = lazily(
  async () => (await import('./page.offerforms.tsx')).SystemRuleDialog,
);

export type Offer = output<(typeof routes)['listOffers']['output']>['items'][number];
type Dialog = { readonly act: 'ask' | 'describe' | 'rule'; readonly offer: Offer };

/** Roles and entitlements of the systems: what they are for, and how one comes by them. */
export default function OffersPage() {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = () => setDialog(null);
  return (
    <Page wide>
      <PageHeader
        above={<Link to="/console/my-access">{t('mine.title')}</Link>}
        title={t('offers.title')}
        sentence={t('offers.sentence')}
      />
      <RegisterTable
        name="offers"
        label={t('offers.title')}
        list={api.listOffers}
        rowId={(offer) => offer.id}
        defaultSort="system"
        columns={columns(t)}
        filters={useFilters(t)}
        sheet={(id) => <OfferSheet id={id} ask={(act, offer) => setDialog({ act, offer })} />}
        empty={<EmptyState title={t('offers.none')}>{t('offers.noneWhy')}</EmptyState>}
      />
      {dialog?.act === 'ask' && (
        <AskDialog
          wanted={{ entitlementId: dialog.offer.id, name: dialog.offer.name }}
          close={close}
        />
      )}
      {dialog?.act === 'describe' && <DescribeDialog offer={dialog.offer} close={close} />}
      {dialog?.act === 'rule' && (
        <SystemRuleDialog systemId={dialog.offer.systemId} close={close} />
      )}
    </Page>
  );
}

function useFilters(t: Words): readonly Filter[] {
  const maySystems = useMay('readSystems');
  const systems = useRead(
    useApi<typeof systemRoutes>().listSystems,
    { limit: 500 },
    { skip: !maySystems },
  );
  const yesNo = [
    { value: 'true', label: t('yes') },
    { value: 'false', label: t('no') },
  ];
  return [
    ...(maySystems
      ? [
          {
            id: 'system',
            label: t('item.system'),
            options: (systems.data?.items ?? []).map(({ id, name }) => ({
              value: id,
              label: name,
            })),
          },
        ]
      : []),
    { id: 'requestable', label: t('offer.requestable'), options: yesNo },
    { id: 'emergency', label: t('offer.emergency'), options: yesNo },
    { id: 'privileged', label: t('filter.privileged'), options: yesNo },
    { id: 'mine', label: t('offer.mine'), options: yesNo.slice(0, 1) },
  ];
}

function columns(t: Words): readonly Column<Offer>[] {
  return [
    {
      id: 'system',
      label: t('item.system'),
      value: (offer) => offer.system,
      sort: true,
      width: 'minmax(7rem, 1fr)',
    },
    {
      id: 'name',
      label: t('item.entitlement'),
      value: (offer) =>
        offer.privileged ? t('item.privileged', { entitlement: offer.name }) : offer.name,
      sort: true,
      priority: 1,
      width: 'minmax(8rem, 1.5fr)',
    },
    {
      id: 'how',
      label: t('offer.how'),
      value: (offer) => t(howOf(offer)),
      width: '12rem',
    },
    {
      id: 'description',
      label: t('offer.description'),
      value: (offer) => offer.description,
      width: 'minmax(8rem, 2fr)',
    },
    {
      id: 'owner',
      label: t('offer.owner'),
      value: (offer) => offer.owner ?? t('item.role'),
      priority: 3,
    },
  ];
}

function howOf({ held, requestable, emergency }: Offer) {
  if (held) return 'offerHow.held' as const;
  if (requestable) return emergency ? ('offerHow.both' as const) : ('offerHow.request' as const);
  return emergency ? ('offerHow.emergency' as const) : ('offerHow.none' as const);
}

type Ask = (act: Dialog['act'], offer: Offer) => void;

/** Read by itself: a link may open one that the list has not come to yet. */
function OfferSheet({ id, ask }: { id: string; ask: Ask }) {
  const read = useList(useApi<typeof routes>().listOffers, { id, limit: 1 });
  const [offer] = read.data?.items ?? [];
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  return offer ? <OfferFacts offer={offer} ask={ask} /> : null;
}

function OfferFacts({ offer, ask }: { offer: Offer; ask: Ask }) {
  const t = useWords('clauses/access');
  const mayAsk = useMay('askAccess');
  return (
    <>
      <SheetHeader
        title={offer.name}
        sentence={offer.system}
        primary={
          mayAsk && offer.requestable && !offer.held
            ? { label: t('ask.title'), run: () => ask('ask', offer) }
            : undefined
        }
        others={
          offer.answerable
            ? [
                { label: t('offer.describe'), run: () => ask('describe', offer) },
                { label: t('offer.rule'), run: () => ask('rule', offer) },
              ]
            : []
        }
      />
      <Facts
        facts={[
          { label: t('offer.description'), value: offer.description || t('offer.notDescribed') },
          { label: t('offer.how'), value: t(howOf(offer)) },
          { label: t('offer.owner'), value: offer.owner ?? t('item.role') },
          {
            label: t('offer.longest'),
            value: offer.longestDays && t('offer.days', { count: offer.longestDays }),
          },
        ]}
      />
    </>
  );
}
