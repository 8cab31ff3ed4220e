import { z } from 'zod';
import type { Route } from '../../policy/route.ts';

/** What happened to an account, newest first: its own entries, those of its cases and its requests. */
export const storyInput = z.object({
  id: z.string(),
  limit: z.coerce.number<number | string>().int().min(1).max(500).default(100),
});

const storyLine = z.object({
  id: z.string(),
  at: z.string(),
  clause: z.string(),
  type: z.string(),
  /** `case/ID` or `request/ID`, where it did not happen to the account itself. */
  subject: z.string(),
  actor: z.string().nullable(),
  index: z.int(),
});
export const storyOutput = z.object({ items: z.array(storyLine) });
export type CustomerStoryLine = z.output<typeof storyLine>;

/** Where an account stands in other rooms: the vault, its closure, cases and requests. */
export const standingInput = z.object({ id: z.string() });
export const standingOutput = z.object({
  vault: z.object({
    objects: z.int(),
    records: z.int(),
    bytes: z.number(),
    collections: z.int(),
    /** When somebody or something last opened the customer's key. */
    openedAt: z.string().nullable(),
  }),
  closure: z
    .object({
      requestedAt: z.string(),
      reopenUntil: z.string(),
      eraseBy: z.string(),
      keyDestroyedAt: z.string().nullable(),
      certifiedAt: z.string().nullable(),
      certificate: z.string().nullable(),
    })
    .nullable(),
  cases: z.object({ open: z.int(), total: z.int(), lastAt: z.string().nullable() }),
  requests: z.object({ open: z.int(), late: z.int(), total: z.int() }),
});

/** Answered by the server, which alone may look into every room. */
export type CustomerStoryRoutes = {
  readonly readCustomerStory: Route<typeof storyInput, typeof storyOutput>;
  readonly readCustomerStanding: Route<typeof standingInput, typeof standingOutput>;
};
