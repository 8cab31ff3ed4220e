import { Button, Progress } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { ApiProblem, Operation } from './api.ts';
import { useNow } from './clock.ts';
import { formatNumber, formatSpan } from './format.ts';
import { ProblemNotice } from './ProblemNotice.tsx';
import { useCommand } from './queries.ts';
import classes from './small.module.css';
import { type Language, useLanguage, useWords } from './words.ts';

/** How a long work stands, as the server tells. */
export type JobState = {
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly done: number;
  /** Null while it is not known yet. */
  readonly total: number | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Why it failed, in the reader's language. */
  readonly problem?: string | null;
};

type JobProgressProps = {
  /** Kept in the address (`useAddressValue('job')`), so that the view survives a reload. */
  id: string;
  /** What is being done: "Importing grants of erp". */
  label: string;
  read: Operation<{ id: string }, JobState>;
  cancel?: Operation<{ id: string }, unknown>;
  onDone?: (job: JobState) => void;
};

/**
 * Long work: count, rate, time left, cancel.
 *
 * @example {job && <JobProgress id={job} label={t('importing')} read={api.readJob} cancel={api.cancelJob} />}
 */
export function JobProgress({ id, label, read, cancel, onDone }: JobProgressProps) {
  const t = useWords('ui');
  const queries = useQueryClient();
  const job = useQuery<JobState, ApiProblem>({
    queryKey: [read.operation, { id }],
    queryFn: ({ signal }) => read({ id }, { signal }),
    refetchInterval: (query) => (isOver(query.state.data) ? false : 1000),
  });
  const over = isOver(job.data);
  const told = useRef(false);
  useEffect(() => {
    if (!over || told.current || !job.data) return;
    told.current = true;
    void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== read.operation });
    onDone?.(job.data);
  }, [over, job.data, queries, read.operation, onDone]);
  if (job.error && !job.data)
    return <ProblemNotice problem={job.error} retry={() => void job.refetch()} />;
  const state = job.data;
  const share = state?.total ? (state.done / state.total) * 100 : 0;
  return (
    <section className={classes.job} aria-label={label} aria-busy={!over}>
      <div className={classes.jobLine}>
        <strong>{label}</strong>
        {cancel && !over && <CancelButton id={id} cancel={cancel} />}
      </div>
      <Progress
        value={state?.state === 'done' ? 100 : share}
        size="sm"
        aria-label={label}
        {...(state?.state === 'failed' ? { color: 'red' } : {})}
      />
      <p className={classes.jobSentence} aria-live="polite">
        {state ? <Sentence job={state} /> : t('loading')}
      </p>
      {state?.problem && <p>{state.problem}</p>}
    </section>
  );
}

function CancelButton({ id, cancel }: { id: string; cancel: Operation<{ id: string }, unknown> }) {
  const t = useWords('ui');
  const command = useCommand(cancel);
  return (
    <Button
      variant="default"
      size="compact-sm"
      loading={command.running}
      onClick={() => void command.run({ id })}
    >
      {t('job.cancel')}
    </Button>
  );
}

function Sentence({ job }: { job: JobState }) {
  const t = useWords('ui');
  const language = useLanguage();
  const now = useNow(1);
  const started = job.startedAt === null ? undefined : Date.parse(job.startedAt);
  const ended = job.endedAt === null ? now : Date.parse(job.endedAt);
  const seconds = started === undefined ? 0 : Math.max(0, (ended - started) / 1000);
  if (job.state === 'done')
    return t('job.done', { done: job.done, span: formatSpan(seconds, language) });
  if (job.state === 'failed') return t('job.failed', { done: job.done });
  if (job.state === 'cancelled') return t('job.cancelled', { done: job.done });
  if (job.state === 'waiting' || started === undefined) return t('job.waiting');
  const count =
    job.total === null
      ? formatNumber(job.done, language)
      : t('job.progress', { done: job.done, total: job.total });
  const pace = paceOf(job, seconds, language, t);
  return [count, ...pace].join(language === 'ja' ? '・' : ' · ');
}

/** Rate and time left, once there is enough to tell them from. */
function paceOf(
  job: JobState,
  seconds: number,
  language: Language,
  t: ReturnType<typeof useWords>,
): string[] {
  if (seconds < 2 || job.done === 0) return [];
  const rate = job.done / seconds;
  const told = t('job.rate', { rate: rate >= 10 ? Math.round(rate) : Math.round(rate * 10) / 10 });
  if (job.total === null) return [told];
  return [told, t('job.left', { span: formatSpan((job.total - job.done) / rate, language) })];
}

const isOver = (job: JobState | undefined) =>
  job?.state === 'done' || job?.state === 'failed' || job?.state === 'cancelled';
