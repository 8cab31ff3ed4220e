import { useApi } from '../../ui/api.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { Timeline } from '../../ui/Timeline.tsx';
import { useLanguage } from '../../ui/words.ts';
import { useEventWords } from '../page.timeline.tsx';
import type { StoryRoutes } from './facts.story.ts';

/** Lines shown on a person's page; the ledger and the registers have the rest. */
const shown = 200;

/** A person's whole story in one timeline: entries, trainings, signatures, checklists, access. */
export function PersonStory({ id }: { id: string }) {
  const language = useLanguage();
  const sentenceOf = useEventWords();
  const story = useRead(useApi<StoryRoutes>().readPersonStory, { id, limit: shown });
  if (story.error) return <ProblemNotice problem={story.error} retry={() => story.refetch()} />;
  if (!story.data) return null;
  return (
    <Timeline
      entries={story.data.items.map((line) => ({
        id: line.id,
        at: line.at,
        actor: line.actor,
        text: sentenceOf(line.clause, line.type),
        detail: line.about?.[language],
        index: line.index ?? undefined,
      }))}
    />
  );
}
