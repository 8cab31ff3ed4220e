import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { Page } from '../../ui/Page.tsx';
import { type Action, PageHeader } from '../../ui/PageHeader.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import { RequestSheet } from './page.requestsheet.tsx';
import type { requestRoutes } from './routes.requests.ts';
import type { RequestItem } from './store.requestlist.ts';

const OpenForm = lazily(async () => (await import('./page.requestforms.tsx')).OpenForm);
const SettingsForm = lazily(async () => (await import('./page.requestforms.tsx')).SettingsForm);
const RequestFigures = lazily(
  async () => (await import('./page.requestfigures.tsx')).RequestFigures,
);

const kinds = ['access', 'export', 'correct', 'delete', 'close'] as const;
const channels = ['portal', 'letter', 'mail', 'telephone'] as const;
const standings = ['unmatched', 'unverified', 'open', 'late', 'answered'] as const;

type Asking = 'open' | 'settings' | 'figures' | null;

/** The register of requests about data, by the day of their answer. */
export default function RequestsPage() {
  const t = useWords('clauses/retention');
  const [asking, setAsking] = useState<Asking>(null);
  const close = () => setAsking(null);
  const mayOpen = useMay('openCustomerRequest');
  const maySet = useMay('changeRequestSettings');
  const others: Action[] = [
    { label: t('requests.figures'), run: () => setAsking('figures') },
    ...(maySet ? [{ label: t('requests.settings'), run: () => setAsking('settings') }] : []),
  ];
  const choices = (room: string, values: readonly string[]) =>
    values.map((value) => ({ value, label: t(`requests.${room}.${value}`) }));
  return (
    <Page wide>
      <PageHeader
        title={t('requests.title')}
        sentence={<RequestsSentence />}
        primary={mayOpen ? { label: t('requests.add'), run: () => setAsking('open') } : undefined}
        others={others}
      />
      <RegisterTable
        name="customer-requests"
        label={t('requests.title')}
        list={useApi<typeof requestRoutes>().listCustomerRequests}
        rowId={(request) => request.id}
        defaultSort="-openedAt"
        columns={columns(t)}
        filters={[
          { id: 'standing', label: t('requests.state'), options: choices('standing', standings) },
          { id: 'kind', label: t('requests.kindLabel'), options: choices('kind', kinds) },
          {
            id: 'channel',
            label: t('requests.channelLabel'),
            options: choices('channel', channels),
          },
          { id: 'customer', label: t('requests.customerKey') },
        ]}
        sheet={(id) => <RequestSheet id={id} />}
        empty={<EmptyState title={t('requests.none')}>{t('requests.noneWhat')}</EmptyState>}
      />
      <Sheet opened={asking === 'open'} onClose={close} label={t('requests.add')}>
        <SheetHeader title={t('requests.add')} sentence={t('requests.addSentence')} />
        <OpenForm done={close} />
      </Sheet>
      <Sheet opened={asking === 'settings'} onClose={close} label={t('requests.settings')}>
        <SheetHeader title={t('requests.settings')} />
        <SettingsForm done={close} />
      </Sheet>
      <Sheet opened={asking === 'figures'} onClose={close} label={t('requests.figures')}>
        <SheetHeader title={t('requests.figures')} />
        <RequestFigures />
      </Sheet>
    </Page>
  );
}

/** How many wait, and how long answers took lately. */
function RequestsSentence() {
  const t = useWords('clauses/retention');
  const read = useRead(useApi<typeof requestRoutes>().readRequestFigures, {});
  if (!read.data) return null;
  const { open, late, medianDays } = read.data;
  return (
    <>
      {t('requests.waiting', { open, late })}
      {medianDays !== null && ` ${t('requests.median', { days: Math.round(medianDays) })}`}
    </>
  );
}

function columns(t: Words): readonly Column<RequestItem>[] {
  return [
    {
      id: 'customer',
      label: t('requests.who'),
      value: (request) => (
        <span>
          {request.customer?.name ?? (request.fromName || t('requests.unknown'))}{' '}
          <span className="kept-soft">
            {t('requests.number', { number: String(request.number) })}
          </span>
        </span>
      ),
      sort: true,
      width: 'minmax(12rem, 2fr)',
    },
    {
      id: 'kind',
      label: t('requests.kindLabel'),
      value: ({ kind }) => t(`requests.kind.${kind}`),
      width: 'minmax(9rem, 1fr)',
    },
    {
      id: 'standing',
      label: t('requests.state'),
      value: ({ standing }) => t(`requests.standing.${standing}`),
      width: 'minmax(12rem, 1fr)',
    },
    {
      id: 'dueAt',
      label: t('requests.dueOrAnswered'),
      value: (request) => <RelativeTime at={request.answeredAt ?? request.dueAt} />,
      sort: true,
      width: 'minmax(8rem, 1fr)',
    },
    {
      id: 'owner',
      label: t('requests.owner'),
      value: ({ owner, answeredBy }) => (answeredBy ?? owner)?.name ?? t('requests.nobody'),
      priority: 3,
    },
    {
      id: 'channel',
      label: t('requests.channelLabel'),
      value: ({ channel }) => t(`requests.channel.${channel}`),
      priority: 3,
    },
    {
      id: 'openedAt',
      label: t('requests.received'),
      value: ({ receivedOn }) => <RelativeTime at={receivedOn} />,
      sort: true,
      priority: 3,
    },
  ];
}
