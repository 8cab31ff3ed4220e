import { lazy, Suspense, useState } from 'react';
import { useAddressValue } from '../../ui/address.ts';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { JobProgress, type JobState } from '../../ui/JobProgress.tsx';
import { Link } from '../../ui/Link.tsx';
import { FactsAndTimeline, Page, Section } from '../../ui/Page.tsx';
import { type Action, PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useWords } from '../../ui/words.ts';
import { SubjectTimeline } from '../page.timeline.tsx';
import { ownReasons } from './facts.connector.ts';
import type { SetUpRoutes } from './facts.setup.ts';
import { Runs } from './page.runs.tsx';
import type { routes } from './routes.ts';

const EditForm = lazy(() => import('./page.edit.tsx'));
const ActingForm = lazy(() => import('./page.acting.tsx'));

type Api = ReturnType<typeof useApi<typeof routes>>;
export type OneConnection = Awaited<ReturnType<Api['getConnection']>>;
type Asking = 'edit' | 'acting' | 'remove' | null;

/** A connection's page: how it does, what it cannot see, its runs, what happened. */
export default function ConnectionPage() {
  const t = useWords('registers/connections');
  const id = useParam('id');
  const read = useRead(useApi<typeof routes>().getConnection, { id }, { everySeconds: 10 });
  const [asking, setAsking] = useState<Asking>(null);
  const actions = useActions(read.data, setAsking);
  const close = () => setAsking(null);
  if (read.error && !read.data)
    return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  const connection = read.data;
  if (!connection) return <Page>{null}</Page>;
  const { systemName } = connection;
  return (
    <Page>
      <PageHeader
        title={systemName}
        sentence={`${t(`kinds.${connection.kind}`)} · ${t(`state.${connection.state}`)}`}
        above={<Link to="/console/connections">{t('title')}</Link>}
        {...actions}
      />
      <UnderWay connection={connection} />
      <FactsAndTimeline
        facts={
          <>
            <ConnectionFacts connection={connection} />
            <Missing connection={connection} />
            <Runs connectionId={id} />
          </>
        }
        timeline={
          <Section title={t('timeline')}>
            <SubjectTimeline subject={`connection/${id}`} />
          </Section>
        }
      />
      <Sheet opened={asking === 'edit'} onClose={close} label={t('edit.title')}>
        <SheetHeader title={t('edit.title')} sentence={systemName} />
        <Suspense>
          <EditForm key={connection.version} connection={connection} done={close} />
        </Suspense>
      </Sheet>
      <Sheet opened={asking === 'acting'} onClose={close} label={t('act.on')}>
        <SheetHeader title={t('act.title', { system: systemName })} />
        <Suspense>
          <ActingForm connection={connection} done={close} />
        </Suspense>
      </Sheet>
      <Remove connection={connection} opened={asking === 'remove'} close={close} />
    </Page>
  );
}

function useActions(connection: OneConnection | undefined, ask: (what: Asking) => void) {
  const t = useWords('registers/connections');
  const api = useApi<typeof routes & SetUpRoutes>();
  const [, setJob] = useAddressValue('job');
  const may = useMay('changeConnection');
  const read = useCommand(api.readConnectionNow, {
    done: t('read.asked'),
    onDone: ({ runId }) => setJob(runId),
  });
  const change = useCommand(api.changeConnection, {
    done: (_, { paused }) => t(paused ? 'pause.done' : 'pause.resumed'),
  });
  const acting = useCommand(api.switchActing, { done: t('act.stopped') });
  if (!connection || !may) return {};
  const { id, version, paused, acting: acts } = connection;
  const others: Action[] = [
    { label: t('read.whole'), run: () => void read.run({ id, whole: true }) },
    { label: t('edit.title'), run: () => ask('edit') },
    {
      label: t(paused ? 'pause.resume' : 'pause.verb'),
      run: () => void change.run({ id, version, paused: !paused }),
    },
    acts
      ? { label: t('act.off'), run: () => void acting.run({ id, on: false }) }
      : { label: t('act.on'), run: () => ask('acting') },
    { label: t('remove.title'), run: () => ask('remove'), danger: true },
  ];
  const now = () => void read.run({ id });
  const primary: Action = {
    label: t('read.now'),
    run: now,
    running: read.running,
    disabled: connection.runId !== null,
  };
  return { primary, others };
}

/** The run that waits or is under way, or the one that the address names: a reload changes nothing. */
function UnderWay({ connection }: { connection: OneConnection }) {
  const t = useWords('registers/connections');
  const api = useApi<typeof routes>();
  const [job] = useAddressValue('job');
  const id = connection.runId ?? job;
  if (!id) return null;
  const { getConnectionRun, cancelConnectionRun } = api;
  const read = Object.assign(
    async (...asked: Parameters<typeof getConnectionRun>): Promise<JobState> => {
      const { error, detail, ...run } = await getConnectionRun(...asked);
      const why = error && [t(`error.${error}`), detail].filter(Boolean).join(' ');
      return { ...run, problem: why };
    },
    {
      operation: getConnectionRun.operation,
      method: getConnectionRun.method,
      path: getConnectionRun.path,
    },
  );
  return (
    <JobProgress
      key={id}
      id={id}
      label={t('read.label', { system: connection.systemName })}
      read={read}
      cancel={cancelConnectionRun}
    />
  );
}

function ConnectionFacts({ connection }: { connection: OneConnection }) {
  const t = useWords('registers/connections');
  const { system, systemName, lastReadAt, nextAt, everyHours, actingSince, secretAt } = connection;
  return (
    <Facts
      facts={[
        { label: t('system'), value: <Link to={`/console/systems/${system}`}>{systemName}</Link> },
        {
          label: t('lastRead'),
          value: lastReadAt ? <RelativeTime at={lastReadAt} /> : t('never'),
        },
        { label: t('next'), value: nextAt && <RelativeTime at={nextAt} /> },
        { label: t('every'), value: t('hours', { count: everyHours }) },
        {
          label: t('acting'),
          value: actingSince ? <RelativeTime at={actingSince} /> : t('no'),
        },
        {
          label: t('secretAt'),
          value: (
            <>
              <RelativeTime at={secretAt} /> <span className="kept-soft">{t('secretHidden')}</span>
            </>
          ),
        },
      ]}
    />
  );
}

const isOwn = (message: string) => Object.hasOwn(ownReasons, message);

/** What the source would not show, and what to grant. */
function Missing({ connection: { missing, lastReadAt } }: { connection: OneConnection }) {
  const t = useWords('registers/connections');
  if (!lastReadAt) return null;
  return (
    <Section title={t('missing.title')}>
      <p className="kept-soft">{t(missing.length === 0 ? 'missing.none' : 'missing.sentence')}</p>
      <ul>
        {missing.map(({ aspect, permission, message }) => (
          <li key={`${aspect} ${permission}`}>
            <strong>{t(`aspect.${aspect}`)}</strong>:{' '}
            {permission
              ? t('missing.grant', { permission })
              : isOwn(message)
                ? t(`missing.${message}`)
                : message}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Remove({
  connection,
  opened,
  close,
}: {
  connection: OneConnection;
  opened: boolean;
  close: () => void;
}) {
  const t = useWords('registers/connections');
  const remove = useCommand(useApi<typeof routes>().removeConnection, {
    done: t('remove.done'),
    onDone: close,
  });
  return (
    <ConfirmDialog
      opened={opened}
      onClose={close}
      title={t('remove.of', { system: connection.systemName })}
      verb={t('remove.verb')}
      run={() => void remove.run({ id: connection.id })}
      running={remove.running}
      problem={remove.problem}
      danger
    >
      <p>{t('remove.what')}</p>
    </ConfirmDialog>
  );
}
