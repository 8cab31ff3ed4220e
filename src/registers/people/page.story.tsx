import { useApi } from '../../ui/api.ts';
import { Link } from '../../ui/Link.tsx';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { useReader } from '../../ui/reader.tsx';
import { Timeline } from '../../ui/Timeline.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
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

/** Where else a person stands: lists of other rooms, narrowed to them, for whoever may read each. */
const elsewhere = [
  { word: 'training', permission: 'readTraining', path: '/console/courses?person=' },
  {
    word: 'signatures',
    permission: 'readSignatures',
    path: '/console/undertakings/signatures?person=',
  },
  { word: 'checklists', permission: 'readChecklists', path: '/console/checklists?person=' },
  { word: 'disposals', permission: 'readDisposals', path: '/console/disposals?holder=' },
] as const;

export function PersonElsewhere({ id }: { id: string }) {
  const t = useWords('registers/people');
  const { permissions } = useReader();
  const shownTo = elsewhere.filter(({ permission }) => permissions.includes(permission));
  if (shownTo.length === 0) return null;
  return (
    <Section title={t('elsewhere.title')}>
      <ul>
        {shownTo.map(({ word, path }) => (
          <li key={word}>
            <Link to={path + id}>{t(`elsewhere.${word}`)}</Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
