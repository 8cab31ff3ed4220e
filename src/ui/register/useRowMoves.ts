import { useCallback, useEffect, useRef, useState } from 'react';
import type { RegisterTableProps } from './types.ts';
import type { RowWindows } from './useRowWindows.ts';
import type { SelectionControl } from './useSelection.ts';

type MovesProps<Row> = Pick<RegisterTableProps<Row>, 'rowId' | 'sheet' | 'selectable'> & {
  windows: RowWindows<Row>;
  address: {
    readonly open: string | undefined;
    readonly setOpen: (id: string | undefined, push?: boolean) => void;
  };
  control: SelectionControl;
  listKey: string;
  canSelect: boolean;
};

/** The active row, and what keys and presses do with it. */
export function useRowMoves<Row>(props: MovesProps<Row>) {
  const { rowId, sheet, windows, address, control, listKey, canSelect } = props;
  const [held, setHeld] = useState({ listKey, index: -1 });
  const active = held.listKey === listKey ? Math.min(held.index, windows.total - 1) : -1;
  const ticks = useTicks(props);

  const open = (index: number, push: boolean) => {
    const row = windows.rowAt(index);
    if (sheet && row !== undefined) address.setOpen(rowId(row), push);
  };
  const move = (index: number) => {
    if (windows.total === 0) return;
    const next = Math.max(0, Math.min(index, windows.total - 1));
    setHeld({ listKey, index: next });
    // With a sheet open, walking the list walks the sheet; Back still leads out of it in one step.
    if (address.open !== undefined) open(next, false);
  };
  const toggle = (index: number, reach: boolean) => {
    setHeld({ listKey, index });
    ticks(index, reach);
  };
  const press = (index: number) => {
    setHeld({ listKey, index });
    open(index, address.open === undefined);
  };
  const step = (by: number) => (event: KeyboardEvent) => {
    event.preventDefault();
    move(active + by);
  };
  const leave = () => {
    if (address.open !== undefined) address.setOpen(undefined, false);
    else if (control.selection.count > 0) control.clear();
    else setHeld({ listKey, index: -1 });
  };
  const keys = {
    j: step(1),
    k: step(-1),
    ArrowDown: step(1),
    ArrowUp: step(-1),
    g: () => move(0),
    G: () => move(windows.total - 1),
    Enter: () => active >= 0 && press(active),
    x: () => canSelect && active >= 0 && toggle(active, false),
    X: () => canSelect && active >= 0 && toggle(active, true),
    Escape: leave,
  };
  const findRow = (id: string) => {
    const near = windows.rowAt(active);
    return near !== undefined && rowId(near) === id ? near : undefined;
  };
  return { active, keys, press: useSteady(press), toggle: useSteady(toggle), findRow };
}

/** Ticks one row, or with `reach` every loaded row from the last one ticked to this one. */
function useTicks<Row>({ rowId, selectable, windows, control }: MovesProps<Row>) {
  const anchor = useRef(-1);
  const tickableAt = (index: number) => {
    const row = windows.rowAt(index);
    return row === undefined || selectable?.(row) === false ? undefined : rowId(row);
  };
  return (index: number, reach: boolean) => {
    const start = reach && anchor.current >= 0 ? anchor.current : index;
    const [from, to] = [Math.min(start, index), Math.max(start, index)];
    const ids = Array.from({ length: to - from + 1 }, (_, step) => tickableAt(from + step)).filter(
      (id) => id !== undefined,
    );
    anchor.current = index;
    if (reach) control.add(ids);
    else if (ids[0] !== undefined) control.toggle(ids[0]);
  };
}

/** The same function at every render, doing what the newest one does: rows need not be drawn again for it. */
function useSteady<Given extends readonly unknown[]>(act: (...given: Given) => void) {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  return useCallback((...given: Given) => latest.current(...given), []);
}
