import { useApi } from '../../ui/api.ts';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useList } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { RunItem } from './list.ts';
import type { routes } from './routes.ts';

/** Runs shown on the page; the list of the API has the rest. */
const shown = 20;

/** The newest runs of a connection: what each read, how long it took, what went wrong. */
export function Runs({ connectionId }: { connectionId: string }) {
  const t = useWords('registers/connections');
  const runs = useList(useApi<typeof routes>().listConnectionRuns, {
    id: connectionId,
    limit: shown,
  });
  return (
    <Section title={t('runs.title')}>
      {runs.error && <ProblemNotice problem={runs.error} retry={() => void runs.refetch()} />}
      {runs.data?.items.length === 0 && <p className="kept-soft">{t('runs.none')}</p>}
      <ul>
        {runs.data?.items.map((run) => (
          <li key={run.id}>
            {run.askedAt && <RelativeTime at={run.askedAt} />} · {t(`runs.${run.reads}`)} ·{' '}
            {resultOf(run, t)}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function resultOf(run: RunItem, t: Words): string {
  const { state, error, detail } = run;
  const why = error ? [t(`error.${error}`), detail ?? ''].filter(Boolean).join(' ') : '';
  switch (state) {
    case 'waiting':
      return why ? `${why} ${t('runs.retry')}` : t('runs.waiting');
    case 'running':
      return t('runs.running', { count: run.observations });
    case 'cancelled':
      return t('runs.cancelled');
    case 'failed':
      return why;
    case 'done':
      return doneOf(run, t);
  }
}

function doneOf({ counts, complete, seconds, gaps }: RunItem, t: Words): string {
  const number = (name: string) => Number(counts?.[name] ?? 0);
  const found = t('runs.done', {
    pairs: number('pairs'),
    accounts: number('accounts'),
    added: number('added'),
    gone: number('gone'),
  });
  const missing = [...new Set(gaps.map(({ aspect }) => t(`aspect.${aspect}`)))].join(', ');
  return [
    found,
    complete ? '' : t('runs.partial'),
    missing && `${t('missing.title')}: ${missing}`,
    seconds === null ? '' : t('runs.seconds', { count: Math.round(seconds * 10) / 10 }),
  ]
    .filter(Boolean)
    .join(' · ');
}
