import { useCallback, useState } from 'react';
import type { ListQuery, Selection } from './types.ts';

type State = {
  readonly query: ListQuery;
  /** In `matching` mode these are the exceptions. */
  readonly ids: ReadonlySet<string>;
  readonly matching: boolean;
};

export type SelectionControl = {
  readonly selection: Selection;
  readonly has: (id: string) => boolean;
  readonly toggle: (id: string) => void;
  readonly add: (ids: readonly string[]) => void;
  readonly all: () => void;
  readonly clear: () => void;
};

const nothing: ReadonlySet<string> = new Set();

/** What is selected. Another search or filter is another list: the selection falls with it. */
export function useSelection(query: ListQuery, total: number): SelectionControl {
  const [held, setHeld] = useState<State>({ query, ids: nothing, matching: false });
  const state = held.query === query ? held : { query, ids: nothing, matching: false };
  const { ids, matching } = state;

  const toggle = useCallback(
    (id: string) =>
      setHeld((before) => ({
        ...current(before, query),
        ids: toggled(current(before, query).ids, id),
      })),
    [query],
  );
  const add = useCallback(
    (more: readonly string[]) =>
      setHeld((before) => {
        const now = current(before, query);
        const next = new Set(now.ids);
        for (const id of more) now.matching ? next.delete(id) : next.add(id);
        return { ...now, ids: next };
      }),
    [query],
  );
  const all = useCallback(() => setHeld({ query, ids: nothing, matching: true }), [query]);
  const clear = useCallback(() => setHeld({ query, ids: nothing, matching: false }), [query]);

  const selection: Selection = matching
    ? { kind: 'matching', query, except: [...ids], count: Math.max(0, total - ids.size) }
    : { kind: 'ids', ids: [...ids], count: ids.size };
  return { selection, has: (id) => ids.has(id) !== matching, toggle, add, all, clear };
}

const current = (state: State, query: ListQuery): State =>
  state.query === query ? state : { query, ids: nothing, matching: false };

function toggled(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return next;
}
