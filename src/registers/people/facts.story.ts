import { z } from 'zod';
import type { Route } from '../../policy/route.ts';
import { personId } from './facts.ts';

/**
 * A person's whole story, newest first: what the ledger says of them, and what concerned them among
 * others (trainings and signatures asked for, accesses granted and ended).
 */
export const storyInput = z.object({
  id: personId,
  limit: z.coerce.number<number | string>().int().min(1).max(500).default(100),
});

const storyLine = z.object({
  id: z.string(),
  at: z.string(),
  /** The room whose words say what happened, and the key of the sentence: `event.<type>`. */
  clause: z.string(),
  type: z.string(),
  actor: z.string().nullable(),
  /** Place in the ledger, where the line is an entry of its own. */
  index: z.int().nullable(),
  /** What it was about, in each language: a course, a document, an access. */
  about: z.object({ en: z.string(), ja: z.string() }).nullable(),
});

export const storyOutput = z.object({ items: z.array(storyLine) });
export type StoryLine = z.output<typeof storyLine>;

/** Answered by the server, which alone may look into every room. */
export type StoryRoutes = {
  readonly readPersonStory: Route<typeof storyInput, typeof storyOutput>;
};
