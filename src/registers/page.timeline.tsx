import { useTranslation } from 'react-i18next';
import { useApi } from '../ui/api.ts';
import { ProblemNotice } from '../ui/ProblemNotice.tsx';
import { useRead } from '../ui/queries.ts';
import { Timeline } from '../ui/Timeline.tsx';
import type { LedgerRoutes } from './evidence/facts.ledger.ts';

/** Entries shown on a thing's page; the ledger has the rest. */
const shown = 100;

/** What happened to a thing, as the ledger has it. `subject` is `kind/id`. */
export function SubjectTimeline({ subject }: { subject: string }) {
  const sentenceOf = useEventWords();
  const entries = useRead(useApi<LedgerRoutes>().listEntries, { subject, limit: shown });
  if (entries.error) {
    return <ProblemNotice problem={entries.error} retry={() => entries.refetch()} />;
  }
  if (!entries.data) return null;
  return (
    <Timeline
      entries={entries.data.items.map((entry) => ({
        id: entry.id,
        at: entry.at,
        actor: entry.actorName ?? entry.actor.split('/')[0],
        text: sentenceOf(entry.clause, entry.type, entry.what),
        index: entry.index,
      }))}
    />
  );
}

type SentenceOf = (clause: string, type: string, what?: string | null) => string;

/**
 * What a type of entry says, in the words of the room that wrote it; the type itself where it has none. What
 * became of one thing in an act over many has words of its own: `BacklogMatched_opened`.
 */
export function useEventWords(): SentenceOf {
  const { i18n } = useTranslation('everywhere');
  return (clause, type, what) => {
    const key = [`clauses/${clause}`, `registers/${clause}`]
      .map((room) => `${room}.event.${type}`)
      .find((each) => i18n.exists(each, { ns: 'everywhere' }));
    return key ? i18n.t(key, { ns: 'everywhere', ...(what && { context: what }) }) : type;
  };
}
