import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context, Effect } from '../../policy/event.ts';
import type { ItemState } from './facts.terms.ts';
import type { ItemCommand, ItemEvent, ItemRefusal } from './facts.ts';
import { type Evidence, touchedBy } from './flow.settling.ts';

/** An item as a decision about it needs it. */
export interface KnownItem {
  readonly id: string;
  readonly number: number;
  readonly state: ItemState;
  readonly assigneeId: string | null;
}

export interface ItemsState {
  /** Those of the command that are there. */
  readonly items: readonly KnownItem[];
  /** Whether the proposed assignee works here; true where none is proposed. */
  readonly assigneeKnown: boolean;
  /** Who acts, where it is a person. */
  readonly callerId: string | null;
  /** Lines of ids, with their digest. */
  readonly evidenceOf: (ids: readonly string[]) => Evidence;
}

type Decision = Result<readonly ItemEvent[], Refusal<ItemRefusal>>;

/**
 * Giving, starting and putting back. An item is fixed by no act of anybody: that is not among the
 * commands.
 */
export function decideItems(state: ItemsState, command: ItemCommand, _context: Context): Decision {
  if (state.items.length !== new Set(command.ids).size) return refuse('notFound');
  const closed = state.items.find(({ state: at }) => at === 'fixed' || at === 'lapsed');
  if (closed) return refuse('itemClosed', { number: closed.number });
  switch (command.do) {
    case 'assignBacklog':
      return assign(state, command.assigneeId);
    case 'startBacklog':
      return start(state);
    case 'putBackBacklog':
      return putBack(state);
  }
}

function assign(state: ItemsState, assigneeId: string | null): Decision {
  if (!state.assigneeKnown) return refuse('assigneeUnknown');
  const ids = state.items.filter((item) => item.assigneeId !== assigneeId).map(({ id }) => id);
  return acted('BacklogAssigned', ids, state, assigneeId);
}

/** Who starts on what nobody has takes it. */
function start(state: ItemsState): Decision {
  const decided = state.items.find(({ state: at }) => at === 'notAffected' || at === 'accepted');
  if (decided) return refuse('itemDecided', { number: decided.number });
  const ids = state.items.filter((item) => item.state === 'open').map(({ id }) => id);
  return acted('BacklogStarted', ids, state, state.callerId);
}

function putBack(state: ItemsState): Decision {
  const ids = state.items.filter((item) => item.state === 'working').map(({ id }) => id);
  return acted('BacklogPutBack', ids, state, null);
}

function acted(
  type: ItemEvent['type'],
  ids: readonly string[],
  { evidenceOf }: ItemsState,
  assigneeId: string | null,
): Decision {
  const [only] = ids;
  if (only === undefined) return ok([]);
  const given = type === 'BacklogAssigned' ? { assigneeId } : {};
  if (ids.length === 1) {
    return ok([
      { type, subject: `backlog/${only}`, body: { count: 1, ...given }, ids, assigneeId },
    ]);
  }
  const { bytes, sha256 } = evidenceOf(ids);
  return ok([
    {
      type,
      subject: 'backlog/bulk',
      body: { count: ids.length, itemsBlob: sha256, ...given },
      blobs: { itemsBlob: bytes },
      touches: touchedBy(ids),
      ids,
      assigneeId,
    },
  ]);
}

/** Who is given something by somebody else is told, once, however much it is. */
export function mailsOfItems(
  { type, ids, assigneeId }: ItemEvent,
  { callerId }: ItemsState,
): readonly Effect[] {
  if (type !== 'BacklogAssigned' || assigneeId === null || assigneeId === callerId) return [];
  return [
    {
      kind: 'mail',
      to: assigneeId,
      template: 'vulnerabilities.assigned',
      params: { count: ids.length },
      path: `/console/backlog?assignee=${assigneeId}`,
    },
  ];
}
