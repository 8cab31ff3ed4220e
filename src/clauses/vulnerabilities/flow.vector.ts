import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context, Effect } from '../../policy/event.ts';
import { lowers } from './facts.rating.ts';
import type { ItemClass } from './facts.terms.ts';
import type {
  BacklogClassified,
  BacklogVectorAsked,
  BacklogVectorRefused,
  ClassifyItem,
  DecideVector,
  VectorRefusal,
} from './facts.vector.ts';
import type { KnownItem } from './flow.ts';

export interface ClassifyState {
  readonly item:
    | (KnownItem & { readonly ownVector: string | null; readonly class: ItemClass })
    | null;
  /** Whether the vector can be scored; true where it is taken back. */
  readonly vectorFits: boolean;
  /** Class that the item would have by it. */
  readonly classThen: ItemClass;
  /** The vector that waits for somebody; undefined where none does. */
  readonly pending: string | null | undefined;
  readonly callerId: string | null;
  /** Who may decide, without who asks: they are told. */
  readonly officers: readonly string[];
}

/**
 * A vector of one's own says how this asset is endangered, for a reason that stays on record. One by which the
 * item is less bad than it is waits for a second person, as every exception does (VUL-4).
 */
export function decideClassifying(
  { item, vectorFits, classThen, pending, callerId }: ClassifyState,
  command: ClassifyItem,
  _context: Context,
): Result<readonly (BacklogClassified | BacklogVectorAsked)[], Refusal<VectorRefusal>> {
  if (!item) return refuse('notFound');
  const { number, state } = item;
  const { vector, reason } = command;
  if (state === 'fixed' || state === 'lapsed') return refuse('itemClosed', { number });
  if (!vectorFits) return refuse('vectorUnfit', { vector: vector ?? '' });
  const subject = `backlog/${item.id}`;
  const isLower = lowers(item.class, classThen);
  // One that stands there and does not count, what is published being worse, may still be asked for.
  if (item.ownVector === vector && !isLower) return refuse('nothingToChange');
  if (!isLower) {
    const type = 'BacklogClassified';
    const common = { body: { vector }, private: { reason }, itemId: item.id, vector };
    return ok([{ type, subject, ...common, approverId: null }]);
  }
  if (!callerId) return refuse('needsPerson');
  if (pending === vector) return refuse('vectorPending', { number });
  return ok([
    {
      type: 'BacklogVectorAsked',
      subject,
      body: { vector, from: item.class, class: classThen },
      private: { reason },
      command,
      class: classThen,
      askedBy: callerId,
    },
  ]);
}

export function mailsOfClassifying(
  event: BacklogClassified | BacklogVectorAsked,
  { item, officers }: ClassifyState,
): readonly Effect[] {
  if (event.type !== 'BacklogVectorAsked') return [];
  return officers.map((to) => ({
    kind: 'mail',
    to,
    template: 'vulnerabilities.vectorAsked',
    params: { number: item?.number ?? 0 },
    path: `/console/backlog/${event.command.id}`,
  }));
}

export interface DecidingVectorState {
  readonly item: Pick<KnownItem, 'id' | 'number' | 'state'> | null;
  readonly asked: { readonly vector: string | null; readonly askedBy: string } | null;
}

/** Approves or refuses. Nobody decides what they asked for themselves (VUL-4). */
export function decideDecidingVector(
  { item, asked }: DecidingVectorState,
  { vector: read, approve, note }: DecideVector,
  { actor }: Context,
): Result<readonly (BacklogClassified | BacklogVectorRefused)[], Refusal<VectorRefusal>> {
  if (actor.kind !== 'person') return refuse('decidingNeedsPerson');
  if (!item) return refuse('notFound');
  const { number } = item;
  if (!asked) return refuse('vectorNotAsked', { number });
  if (asked.askedBy === actor.id) return refuseByGuard('VUL-4', 'ownDecision', { number });
  if (asked.vector !== read) return refuse('vectorChanged', { number });
  if (!approve && note === '') return refuse('noteMissing');
  const { vector } = asked;
  const subject = `backlog/${item.id}`;
  const body = { vector, approverId: actor.id };
  const common = { subject, body, private: { note }, itemId: item.id };
  return ok([
    approve
      ? { type: 'BacklogClassified', ...common, vector, approverId: actor.id }
      : { type: 'BacklogVectorRefused', ...common },
  ]);
}

/** Whoever asked is told how it was decided. */
export function mailsOfDecidingVector(
  { type }: BacklogClassified | BacklogVectorRefused,
  { item, asked }: DecidingVectorState,
): readonly Effect[] {
  if (!item || !asked) return [];
  const approved = type === 'BacklogClassified';
  return [
    {
      kind: 'mail',
      to: asked.askedBy,
      template: approved ? 'vulnerabilities.vectorApproved' : 'vulnerabilities.vectorRefused',
      params: { number: item.number },
      path: `/console/backlog/${item.id}`,
    },
  ];
}
