import { z } from 'zod';
import { instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { shownReading } from './facts.reading.ts';
import { readingFlow, readingOf } from './store.reading.ts';
import { sourceIdOf } from './store.ts';

const id = z.string().min(1).max(64);

export const readingRoutes = {
  showSourceReading: route({
    method: 'get',
    path: '/sources/{id}/reading',
    summary: 'How reading a source by itself stands: when next, what could not be read, and why.',
    permission: 'readSources',
    input: z.object({ id }),
    output: shownReading,
    handle: async ({ db }, input) => {
      const sourceId = await sourceIdOf(db, input.id);
      const found = sourceId === null ? null : await readingOf(db, sourceId);
      if (!found) return refuse('notFound');
      const text = (at: Temporal.Instant | null) => at && instantText(at);
      return ok({ ...found, nextAt: text(found.nextAt), readAt: text(found.readAt) });
    },
  }),

  readSource: route({
    method: 'post',
    path: '/sources/{id}/read',
    summary: 'Has a source read now: a repository by its connection, a website as a passer-by.',
    permission: 'askReading',
    input: z.object({ id }),
    output: z.object({ id: z.string() }),
    handle: async ({ db, execute }, input) => {
      const sourceId = await sourceIdOf(db, input.id);
      if (sourceId === null) return refuse('notFound');
      const done = await execute(readingFlow, { sourceId });
      return done.ok ? ok({ id: sourceId }) : done;
    },
  }),
};
