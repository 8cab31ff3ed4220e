import { z } from 'zod';
import type { Event } from '../../policy/event.ts';
import type { ItemClass } from './facts.terms.ts';
import { itemId } from './facts.ts';

/** An item's own vector: what endangers this asset, in the words of CVSS. */

/** Gives an item a vector of its own, or takes it back (null): the score is this asset's alone. */
export const classifyItem = z.object({
  id: itemId,
  vector: z.string().trim().min(1).max(500).nullable(),
  reason: z.string().trim().min(1).max(2000),
});
export type ClassifyItem = z.output<typeof classifyItem>;

/** Approves or refuses a vector by which an item would be less bad than it is. */
export const decideVector = z.object({
  id: itemId,
  /** The one that was read: where another is asked for by now nothing is decided. */
  vector: z.string().trim().max(500).nullable(),
  approve: z.boolean(),
  note: z.string().trim().max(2000).default(''),
});
export type DecideVector = z.output<typeof decideVector>;

export type BacklogClassified = Event & {
  readonly type: 'BacklogClassified';
  readonly itemId: string;
  readonly vector: string | null;
  /** Who approved it; null where nobody had to. */
  readonly approverId: string | null;
};

/** The class stays until somebody else has decided. */
export type BacklogVectorAsked = Event & {
  readonly type: 'BacklogVectorAsked';
  readonly command: ClassifyItem;
  readonly class: ItemClass;
  readonly askedBy: string;
};

export type BacklogVectorRefused = Event & {
  readonly type: 'BacklogVectorRefused';
  readonly itemId: string;
};

export type VectorRefusal =
  | 'notFound'
  | 'itemClosed'
  | 'vectorUnfit'
  | 'nothingToChange'
  | 'needsPerson'
  | 'decidingNeedsPerson'
  | 'vectorPending'
  | 'vectorNotAsked'
  | 'vectorChanged'
  | 'ownDecision'
  | 'noteMissing';
