import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import type { output } from 'zod';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column, Filter, ListQuery, Selection } from '../../ui/register/types.ts';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import { requestStates } from './facts.terms.ts';
import classes from './page.campaign.module.css';
import type { Asked, Decision } from './page.requestdecision.tsx';
import type { routes } from './routes.ts';

const DecisionDialog = lazily(
  async () => (await import('./page.requestdecision.tsx')).DecisionDialog,
);

type RequestLine = output<(typeof routes)['listAccessRequests']['output']>['items'][number];
type Detail = output<(typeof routes)['getAccessRequest']['output']>;
type RequestsTableProps = {
  name: string;
  prefix?: string;
  fixed?: ListQuery;
  filters?: readonly Filter[];
  /** Whether many may be decided at once here. */
  deciding?: boolean;
};

/** Requests for access, and the dialog that decides on one or many of them. */
export function RequestsTable({ deciding = false, ...table }: RequestsTableProps) {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const [asked, setAsked] = useState<Asked | null>(null);
  const { name, prefix, fixed, filters = [] } = table;
  const act = (decision: Decision) => (rows: Selection, clear: () => void) => {
    if (rows.kind === 'ids') setAsked({ decision, ids: rows.ids, clear });
  };
  return (
    <>
      <RegisterTable
        name={name}
        {...(prefix ? { prefix } : {})}
        {...(fixed ? { fixed } : {})}
        label={t('requests.title')}
        list={api.listAccessRequests}
        rowId={(request) => request.id}
        defaultSort="-askedAt"
        columns={columns(t)}
        filters={[
          {
            id: 'state',
            label: t('request.state'),
            options: requestStates.map((value) => ({ value, label: t(`requestState.${value}`) })),
          },
          ...filters,
        ]}
        bulk={
          deciding
            ? [
                { label: t('request.approve'), run: act('approve') },
                { label: t('request.refuse'), run: act('refuse'), danger: true },
              ]
            : []
        }
        selectable={(request) => request.mine}
        sheet={(id) => (
          <RequestSheet
            id={id}
            decide={(decision) => setAsked({ decision, ids: [id], clear: () => undefined })}
          />
        )}
        empty={<EmptyState title={t('requests.none')}>{t('requests.noneWhy')}</EmptyState>}
      />
      {asked && <DecisionDialog asked={asked} close={() => setAsked(null)} />}
    </>
  );
}

function columns(t: Words): readonly Column<RequestLine>[] {
  return [
    {
      id: 'person',
      label: t('item.person'),
      value: (request) => request.person,
      sort: true,
      width: 'minmax(8rem, 1fr)',
    },
    {
      id: 'entitlement',
      label: t('item.entitlement'),
      value: (request) =>
        request.privileged
          ? t('item.privileged', { entitlement: request.entitlement })
          : request.entitlement,
      sort: true,
      priority: 1,
      width: 'minmax(8rem, 1.5fr)',
    },
    {
      id: 'system',
      label: t('item.system'),
      value: (request) => request.system,
      sort: true,
      width: 'minmax(6rem, 1fr)',
    },
    {
      id: 'state',
      label: t('request.state'),
      value: (request) => t(`requestState.${request.state}`),
      width: '8rem',
    },
    {
      id: 'endsOn',
      label: t('request.endsOn'),
      value: (request) => <RelativeTime at={request.endsOn} />,
      sort: true,
      width: '8rem',
    },
    {
      id: 'purpose',
      label: t('request.purpose'),
      value: (request) => request.purpose,
      priority: 3,
    },
    {
      id: 'approver',
      label: t('request.approver'),
      value: (request) => request.decidedBy ?? request.approver ?? t('item.role'),
      priority: 3,
    },
    {
      id: 'askedAt',
      label: t('request.asked'),
      value: (request) => <RelativeTime at={request.askedAt} />,
      sort: true,
      width: '8rem',
    },
  ];
}

function RequestSheet({ id, decide }: { id: string; decide: (decision: Decision) => void }) {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const read = useRead(api.getAccessRequest, { id });
  const request = read.data;
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  if (!request) return null;
  return (
    <>
      <SheetHeader title={`${request.person} · ${request.entitlement}`} />
      <p>{sentenceOf(t, request)}</p>
      <Objections request={request} />
      <RequestFacts request={request} />
      {request.mine && (
        <Group gap="xs" mt="md">
          <Button onClick={() => decide('approve')}>{t('request.approve')}</Button>
          <Button variant="default" onClick={() => decide('refuse')}>
            {t('request.refuse')}
          </Button>
        </Group>
      )}
      {request.own && request.state === 'open' && <Withdraw request={request} />}
    </>
  );
}

function sentenceOf(t: Words, { state, approver }: Detail): string {
  if (state !== 'open') return t(`requestSentence.${state}`);
  return approver ? t('requestSentence.open', { approver }) : t('requestSentence.openRole');
}

/** What stands against a request that is open: said before somebody tries to approve it. */
function Objections({ request }: { request: Detail }) {
  const t = useWords('clauses/access');
  return (
    <>
      {request.lacksUndertaking && <p className="kept-will">{t('request.lacksUndertaking')}</p>}
      {request.conflicts.map(({ rule, severity, other }) => (
        <p key={rule + other} className="kept-will">
          {t(`request.conflict.${severity}`, { rule, other })}
        </p>
      ))}
    </>
  );
}

function RequestFacts({ request }: { request: Detail }) {
  const t = useWords('clauses/access');
  const prose = (text: string) => text && <span className={classes.reason}>{text}</span>;
  return (
    <Facts
      facts={[
        { label: t('request.purpose'), value: prose(request.purpose) },
        { label: t('request.endsOn'), value: <RelativeTime at={request.endsOn} /> },
        {
          label: t('request.kind'),
          value: t(request.extension ? 'request.extension' : 'request.new'),
        },
        { label: t('item.system'), value: request.system },
        { label: t('offer.description'), value: prose(request.description) },
        {
          label: t('request.requester'),
          value: request.requesterId === request.personId ? null : request.requester,
        },
        { label: t('request.asked'), value: <RelativeTime at={request.askedAt} /> },
        {
          label: t('request.due'),
          value: request.state === 'open' && <RelativeTime at={request.dueAt} />,
        },
        { label: t('request.approver'), value: request.approver ?? t('item.role') },
        { label: t('request.decidedBy'), value: request.decidedBy },
        {
          label: t('request.decided'),
          value: request.decidedAt && <RelativeTime at={request.decidedAt} />,
        },
        { label: t('item.reason'), value: prose(request.reason) },
        { label: t('offer.instructions'), value: prose(request.instructions) },
      ]}
    />
  );
}

function Withdraw({ request }: { request: Detail }) {
  const t = useWords('clauses/access');
  const [asking, setAsking] = useState(false);
  const withdraw = useCommand(useApi<typeof routes>().withdrawAccessRequest, {
    done: t('request.withdrawn'),
    onDone: () => setAsking(false),
  });
  return (
    <>
      <Button variant="default" mt="md" onClick={() => setAsking(true)}>
        {t('request.withdraw')}
      </Button>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('request.withdrawTitle', { entitlement: request.entitlement })}
        verb={t('request.withdraw')}
        run={() => void withdraw.run({ id: request.id })}
        running={withdraw.running}
        problem={withdraw.problem}
      >
        {t('request.withdrawWill')}
      </ConfirmDialog>
    </>
  );
}
