import { z } from 'zod';
import type { Event } from '../../policy/event.ts';
import { bulkLimit } from './facts.terms.ts';

/** What people do with items of the backlog. None of it says that something is fixed. */

export const itemId = z.uuid();
const ids = z.array(itemId).min(1).max(bulkLimit);

export const itemCommand = z.discriminatedUnion('do', [
  /** Null: nobody. */
  z.object({ do: z.literal('assignBacklog'), ids, assigneeId: z.uuid().nullable() }),
  z.object({ do: z.literal('startBacklog'), ids }),
  z.object({ do: z.literal('putBackBacklog'), ids }),
]);
export type ItemCommand = z.output<typeof itemCommand>;

/** One act over one item, or over several, whose ids are then a blob. */
export type ItemEvent = Event & {
  readonly type: 'BacklogAssigned' | 'BacklogStarted' | 'BacklogPutBack';
  readonly ids: readonly string[];
  /** Of an assignment. */
  readonly assigneeId: string | null;
};

export type ItemRefusal = 'notFound' | 'itemClosed' | 'itemDecided' | 'assigneeUnknown';
