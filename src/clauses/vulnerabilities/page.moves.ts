import { useMay, useReader } from '../../ui/reader.tsx';
import type { BacklogItem } from './facts.shown.ts';

/** Columns of the board, in the order in which work goes. */
export const columnIds = ['open', 'working', 'asked', 'notAffected', 'accepted', 'fixed'] as const;
export type ColumnId = (typeof columnIds)[number];

/** What the list is asked for a column; what waits for a decision stands in a column of its own. */
export function queryOf(id: ColumnId) {
  switch (id) {
    case 'open':
    case 'working':
      return { state: id, asked: 'false', sort: 'due' } as const;
    case 'asked':
      return { state: id, sort: 'due' } as const;
    case 'fixed':
      return { state: id, sort: '-closed' } as const;
    default:
      return { state: id, sort: 'due' } as const;
  }
}

/** Who may do what to which decisions. */
export interface Mover {
  readonly id: string | undefined;
  readonly mayWork: boolean;
  readonly mayAsk: boolean;
  readonly mayDecide: boolean;
}

/**
 * Whether a command leads from one column to another. None leads to fixed, and to what is decided only
 * somebody else's approval of what was asked for.
 */
export function canMove(
  item: Pick<BacklogItem, 'decision'>,
  from: ColumnId,
  to: ColumnId,
  { id, mayWork, mayAsk, mayDecide }: Mover,
): boolean {
  const { decision } = item;
  const own = decision?.askedBy?.id === id;
  switch (from) {
    case 'open':
      return (to === 'working' && mayWork) || (to === 'asked' && mayAsk);
    case 'working':
      return (to === 'open' && mayWork) || (to === 'asked' && mayAsk);
    case 'asked':
      return (
        (to === decision?.kind && mayDecide && !own) ||
        (to === 'open' && mayAsk && (own || mayDecide))
      );
    case 'notAffected':
    case 'accepted':
      return to === 'open' && decision !== null && mayAsk && (own || mayDecide);
    case 'fixed':
      return false;
  }
}

export function useMoves() {
  const mover: Mover = {
    id: useReader().person?.id,
    mayWork: useMay('changeBacklog'),
    mayAsk: useMay('askDecision'),
    mayDecide: useMay('decideDecision'),
  };
  const mayMove = (item: BacklogItem, from: ColumnId, to: ColumnId) =>
    canMove(item, from, to, mover);
  return {
    mayMove,
    movesOf: (item: BacklogItem, from: ColumnId) =>
      columnIds.filter((to) => to !== from && mayMove(item, from, to)),
  };
}
