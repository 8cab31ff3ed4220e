import { Button, Group } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { output } from 'zod';
import { useView, ViewTabs } from '../../registers/page.tabs.tsx';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useList } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { Wanted } from './page.asking.tsx';
import classes from './page.campaign.module.css';
import { RequestsTable } from './page.requesttable.tsx';
import type { routes } from './routes.ts';

const AskDialog = lazily(async () => (await import('./page.asking.tsx')).AskDialog);
const EmergencyDialog = lazily(async () => (await import('./page.asking.tsx')).EmergencyDialog);

type Held = output<(typeof routes)['listMyAccess']['output']>['items'][number];

const states = ['approved', 'unapproved', 'unused'] as const;

/** What I hold, until when; ask for more, or give it back. */
export default function MyAccessPage() {
  const t = useWords('clauses/access');
  const navigate = useNavigate();
  const view = useView(['held', 'requests']);
  const [dialog, setDialog] = useState<'ask' | 'emergency' | Wanted | null>(null);
  const mayAsk = useMay('askAccess');
  const mayTake = useMay('takeEmergency');
  return (
    <Page wide>
      <PageHeader
        title={t('mine.title')}
        sentence={t('mine.sentence')}
        primary={mayAsk ? { label: t('ask.title'), run: () => setDialog('ask') } : undefined}
        others={[
          ...(mayTake
            ? [{ label: t('emergency.take'), run: () => setDialog('emergency'), danger: true }]
            : []),
          { label: t('offers.title'), run: () => void navigate({ to: '/console/offers' }) },
        ]}
      />
      <ViewTabs
        view={view}
        views={[
          { id: 'held', label: t('mine.held') },
          { id: 'requests', label: t('mine.requests') },
        ]}
      />
      {view === 'held' ? (
        <HeldTable extend={setDialog} />
      ) : (
        <RequestsTable name="my-requests" prefix="r-" fixed={{ own: 'true' }} />
      )}
      {dialog === 'emergency' && <EmergencyDialog close={() => setDialog(null)} />}
      {dialog && dialog !== 'emergency' && (
        <AskDialog
          wanted={dialog === 'ask' ? undefined : dialog}
          extension={dialog !== 'ask'}
          close={() => setDialog(null)}
        />
      )}
    </Page>
  );
}

function HeldTable({ extend }: { extend: Extend }) {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  return (
    <RegisterTable
      name="my-access"
      label={t('mine.title')}
      list={api.listMyAccess}
      rowId={(held) => `${held.accountId}_${held.entitlementId}`}
      defaultSort="system"
      columns={columns(t)}
      filters={[
        {
          id: 'state',
          label: t('mine.state'),
          options: states.map((value) => ({ value, label: t(`heldState.${value}`) })),
        },
      ]}
      sheet={(id) => <HeldSheet id={id} extend={extend} />}
      empty={<EmptyState title={t('mine.none')}>{t('mine.noneWhy')}</EmptyState>}
    />
  );
}

function Until({ held }: { held: Held }) {
  const t = useWords('clauses/access');
  if (held.emergencyEndsAt) return <RelativeTime at={held.emergencyEndsAt} />;
  if (held.endsOn) return <RelativeTime at={held.endsOn} />;
  return held.grantedAt ? t('mine.noEnd') : t('none');
}

function columns(t: Words): readonly Column<Held>[] {
  return [
    {
      id: 'system',
      label: t('item.system'),
      value: (held) => held.systemName,
      sort: true,
      width: 'minmax(7rem, 1fr)',
    },
    {
      id: 'entitlement',
      label: t('item.entitlement'),
      value: (held) =>
        held.privileged
          ? t('item.privileged', { entitlement: held.entitlement })
          : held.entitlement,
      sort: true,
      priority: 1,
      width: 'minmax(8rem, 1.5fr)',
    },
    {
      id: 'account',
      label: t('item.account'),
      value: (held) => held.account,
      sort: true,
      priority: 3,
      width: 'minmax(8rem, 1fr)',
    },
    {
      id: 'state',
      label: t('mine.state'),
      value: (held) => t(held.emergencyId ? 'heldState.emergency' : `heldState.${held.state}`),
      width: '12rem',
    },
    {
      id: 'endsOn',
      label: t('mine.until'),
      value: (held) => <Until held={held} />,
      sort: true,
      width: '9rem',
    },
    {
      id: 'request',
      label: t('mine.request'),
      value: (held) => (held.requestId ? t('mine.moreAsked') : null),
      priority: 3,
      width: '9rem',
    },
  ];
}

type Extend = (wanted: Wanted) => void;

/** `id` is `account_entitlement`. Read by itself: a link may open one that the list has not come to yet. */
function HeldSheet({ id, extend }: { id: string; extend: Extend }) {
  const [account = '', entitlement = ''] = id.split('_');
  const api = useApi<typeof routes>();
  const read = useList(api.listMyAccess, { account, entitlement, limit: 1 });
  const [held] = read.data?.items ?? [];
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  return held ? <HeldFacts held={held} extend={extend} /> : null;
}

function HeldFacts({ held, extend }: { held: Held; extend: Extend }) {
  const t = useWords('clauses/access');
  const { entitlementId, entitlement: name } = held;
  return (
    <>
      <SheetHeader title={name} sentence={held.systemName} />
      <p>{t(held.emergencyId ? 'heldSentence.emergency' : `heldSentence.${held.state}`)}</p>
      <Facts
        facts={[
          { label: t('offer.description'), value: held.description },
          { label: t('item.account'), value: held.account },
          { label: t('mine.until'), value: <Until held={held} /> },
          {
            label: t('request.purpose'),
            value: held.purpose && <span className={classes.reason}>{held.purpose}</span>,
          },
          { label: t('request.decidedBy'), value: held.approver },
          {
            label: t('mine.granted'),
            value: held.grantedAt && <RelativeTime at={held.grantedAt} />,
          },
          {
            label: t('mine.seen'),
            value: held.observedSince && <RelativeTime at={held.observedSince} />,
          },
        ]}
      />
      <Group gap="xs" mt="md">
        {!held.requestId && !held.emergencyId && (
          <Button onClick={() => extend({ entitlementId, name })}>
            {t(held.grantedAt ? 'mine.askMore' : 'mine.askGrant')}
          </Button>
        )}
        <GiveBack held={held} />
      </Group>
    </>
  );
}

function GiveBack({ held }: { held: Held }) {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const [asking, setAsking] = useState(false);
  const done = { done: t('mine.givenBack'), onDone: () => setAsking(false) };
  const give = useCommand(api.giveBackAccess, done);
  const end = useCommand(api.endEmergency, done);
  const { accountId, entitlementId, emergencyId } = held;
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {t(emergencyId ? 'emergency.end' : 'mine.giveBack')}
      </Button>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('mine.giveBackTitle', { entitlement: held.entitlement, system: held.systemName })}
        verb={t(emergencyId ? 'emergency.end' : 'mine.giveBack')}
        run={() =>
          void (emergencyId ? end.run({ id: emergencyId }) : give.run({ accountId, entitlementId }))
        }
        running={give.running || end.running}
        problem={give.problem ?? end.problem}
        danger
      >
        {t('mine.giveBackWill')}
      </ConfirmDialog>
    </>
  );
}
