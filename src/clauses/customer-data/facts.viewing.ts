import { z } from 'zod';
import type { Route } from '../../policy/route.ts';
import { collection } from './facts.reading.ts';
import { requestCase } from './facts.ts';

/**
 * Asking for a case and reading under it, as requests of the API. The server answers them, because
 * they need the door; pages know them by these types.
 */

const scopeLine = z.object({
  collection,
  itemIds: z.array(z.uuid()).max(200).default([]),
  /** Names of objects or keys of records, as the customer gave them; looked up, and not kept. */
  names: z.array(z.string().min(1).max(1024)).max(50).default([]),
});
export type ScopeLine = z.output<typeof scopeLine>;

export const caseRequest = requestCase.extend({ scope: z.array(scopeLine).min(1).max(50) });

export const contentKinds = ['object', 'record'] as const;

export const contentsInput = z.object({
  id: z.uuid(),
  collection,
  what: z.enum(contentKinds),
  /** The last id of the page before. */
  after: z.uuid().optional(),
});

export const contentsOutput = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      /** Bytes of an object; null for a record. */
      size: z.int().nullable(),
      changedAt: z.string(),
    }),
  ),
  more: z.boolean(),
});

export const namesInput = z.object({
  id: z.uuid(),
  collection,
  what: z.enum(contentKinds),
  itemIds: z.array(z.uuid()).min(1).max(100),
});

export const namesOutput = z.object({
  names: z.array(z.object({ id: z.string(), name: z.string() })),
});

/** What the viewer shows of an object at a time; the rest of a larger one is not fetched. */
export const shownBytes = 4 * 1024 * 1024;

export const readInput = z.object({
  id: z.uuid(),
  what: z.enum(contentKinds),
  itemId: z.uuid(),
  /** The whole of it, to be saved: only where the case grants copies. */
  copy: z.boolean().default(false),
});

export const collectionsInput = z.object({ customerId: z.uuid() });

export const collectionsOutput = z.object({
  items: z.array(z.object({ collection: z.string(), objects: z.int(), records: z.int() })),
});

export const madeOutput = z.object({ id: z.string() });

/** A stream of bytes has no schema. */
export const streamOutput = z.object({});

/** What the server mounts of this room. */
export interface ViewingRoutes {
  readonly requestCase: Route<typeof caseRequest, typeof madeOutput>;
  readonly listCollectionsForCase: Route<typeof collectionsInput, typeof collectionsOutput>;
  readonly listCaseContents: Route<typeof contentsInput, typeof contentsOutput>;
  readonly listNamesUnderCase: Route<typeof namesInput, typeof namesOutput>;
  readonly readUnderCase: Route<typeof readInput, typeof streamOutput>;
}
