import { Button, Skeleton } from '@mantine/core';
import { type Unconnected, unconnectedOf } from '../../policy/unconnected.ts';
import { useApi } from '../../ui/api.ts';
import { useNow } from '../../ui/clock.ts';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import { type StatusChange, StatusStrip } from '../../ui/StatusStrip.tsx';
import { Timeline } from '../../ui/Timeline.tsx';
import { useWords } from '../../ui/words.ts';
import type { Evidence, EvidenceRoutes } from './facts.ts';
import { Upholder } from './page.upholder.tsx';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * What stands behind a promise's status, in the order in which a doubter asks: verdict, what
 * upholds it, which items violate, who did what when, history, ledger entries with their proofs.
 *
 * @example <PromiseEvidence id="ACC-5" />
 */
export default function PromiseEvidence({ id }: { id: string }) {
  const api = useApi<EvidenceRoutes>();
  const evidence = useRead(api.getEvidence, { id });
  if (evidence.error)
    return <ProblemNotice problem={evidence.error} retry={() => evidence.refetch()} />;
  if (!evidence.data) return <Skeleton height={240} />;
  return <Shown evidence={evidence.data} />;
}

function Shown({ evidence }: { evidence: Evidence }) {
  const t = useWords('registers/evidence');
  return (
    <>
      <Verdict evidence={evidence} />
      <Section title={t('upholds')}>
        {evidence.upholders.length === 0 && <p className="kept-soft">{t('nothing')}</p>}
        {evidence.upholders.map((upholder) => (
          <Upholder key={`${upholder.by}/${upholder.id}`} upholder={upholder} />
        ))}
      </Section>
      <Section title={t('history')}>
        <Strip evidence={evidence} />
      </Section>
      <Section title={t('entries')}>
        <Entries evidence={evidence} />
      </Section>
    </>
  );
}

function Verdict({ evidence }: { evidence: Evidence }) {
  const t = useWords('registers/evidence');
  const { runChecks } = useApi<EvidenceRoutes>();
  const checkNow = useCommand(runChecks, { done: t('checked') });
  const mayCheck = useMay('runChecks');
  const params = evidence.reason.params as Record<string, string | number>;
  const missing = unconnectedOf(params['source']);
  return (
    <>
      <p>
        <StatusMark status={evidence.status}>
          {missing ? t(`unconnected.${missing}.why`) : t(`reason.${evidence.reason.code}`, params)}
        </StatusMark>
        {missing && <Connect missing={missing} />}
      </p>
      {evidence.figures.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <Facts
        facts={[
          {
            label: t('provenAt'),
            value: evidence.provenAt ? <RelativeTime at={evidence.provenAt} /> : t('never'),
          },
          { label: t('since'), value: evidence.since && <RelativeTime at={evidence.since} /> },
          { label: t('iso'), value: evidence.iso27001.join(', ') },
        ]}
      />
      {mayCheck && evidence.upholders.some(({ by }) => by === 'check') && (
        <Button
          variant="default"
          size="xs"
          mt="sm"
          loading={checkNow.running}
          onClick={() => checkNow.run({})}
        >
          {t('checkNow')}
        </Button>
      )}
      {checkNow.problem && <ProblemNotice problem={checkNow.problem} />}
    </>
  );
}

/** Where each of them is connected, and who may. */
const connectedAt = {
  signIn: { path: '/console/sign-in', permission: 'manageSignIn' },
  entra: { path: '/console/connections/new', permission: 'setUpConnection' },
  identityProvider: { path: '/console/connections/new', permission: 'setUpConnection' },
  aws: { path: '/console/connections/new', permission: 'setUpConnection' },
  systems: { path: '/console/systems', permission: 'registerSystem' },
  review: { path: '/console/reviews', permission: 'openCampaign' },
  audited: { path: '/console/sources', permission: 'registerSource' },
  advisories: { path: '/console/advisory-imports', permission: 'changeFeed' },
} as const satisfies Record<Unconnected, { path: string; permission: string }>;

function Connect({ missing }: { missing: Unconnected }) {
  const t = useWords('registers/evidence');
  const { path, permission } = connectedAt[missing];
  if (!useMay(permission)) return null;
  return (
    <>
      {' '}
      <Link to={path}>{t(`unconnected.${missing}.do`)}</Link>
    </>
  );
}

function Strip({ evidence }: { evidence: Evidence }) {
  const t = useWords('registers/evidence');
  const now = useNow(3600);
  const iso = (milliseconds: number) => new Date(milliseconds).toISOString();
  return (
    <StatusStrip
      label={t('history')}
      from={iso(now - 365 * dayMs)}
      to={iso(now)}
      changes={evidence.history as readonly StatusChange[]}
    />
  );
}

function Entries({ evidence }: { evidence: Evidence }) {
  const t = useWords('registers/evidence');
  const known = ['CheckAnswered', 'PromiseStatusChanged', 'GuardRefused'];
  return (
    <>
      <Timeline
        empty={t('noEntries')}
        entries={evidence.entries.map(({ index, at, type, actor, of, answer }) => ({
          id: String(index),
          at,
          index,
          text: of ?? t(`entry.${known.includes(type) ? type : 'other'}`, { type }),
          detail: (
            <>
              {answer ? <Answer answer={answer} /> : of && t(`entry.${type}`)}{' '}
              <Link to={`/console/ledger?open=${index}`}>{t('verify')}</Link>
            </>
          ),
          actor: actor.startsWith('system/') ? undefined : actor,
        }))}
      />
      {evidence.entries.length > 0 && (
        <p>
          <Link to={`/console/ledger?subject=promise/${evidence.id}`}>{t('allEntries')}</Link>
        </p>
      )}
    </>
  );
}

/** The status that an entry tells, and what was counted. */
function Answer({ answer }: { answer: NonNullable<Evidence['entries'][number]['answer']> }) {
  const t = useWords('registers/evidence');
  const u = useWords('ui');
  const { status, examined, violated } = answer;
  return (
    <StatusMark status={status}>
      {examined === null
        ? u(`status.${status}`)
        : t('ofItems', { violated: violated ?? 0, examined })}
    </StatusMark>
  );
}
