import { useMediaQuery } from '@mantine/hooks';
import { type ReactNode, useCallback, useRef, useState } from 'react';
import { hrefOf } from '../api.ts';
import { EmptyState } from '../EmptyState.tsx';
import { formatNumber } from '../format.ts';
import { ProblemNotice } from '../ProblemNotice.tsx';
import { Sheet } from '../Sheet.tsx';
import { useKeys } from '../useKeys.ts';
import { useLanguage, useWords } from '../words.ts';
import { BulkBar } from './BulkBar.tsx';
import { KeyHelp } from './KeyHelp.tsx';
import { RegisterGrid } from './RegisterGrid.tsx';
import { RegisterToolbar } from './RegisterToolbar.tsx';
import classes from './register.module.css';
import type { RegisterTableProps } from './types.ts';
import { useRegisterAddress } from './useRegisterAddress.ts';
import { useRowWindows } from './useRowWindows.ts';
import { type SelectionControl, useSelection } from './useSelection.ts';

const NONE: readonly never[] = [];

/**
 * The list of Kept: pages, sorts and filters on the server, of any length; state in the address;
 * j/k, x, Enter, Esc, /, ?; selection with bulk acts; CSV; a row opens as a sheet over the list.
 *
 * @example
 * <RegisterTable name="people" label={t('title')} list={api.listPeople} rowId={(p) => p.id} defaultSort="name"
 *   columns={[{ id: 'name', label: t('name'), value: (p) => p.name, sort: true, width: '2fr' }]}
 *   filters={[{ id: 'status', label: t('status'), options: [{ value: 'active', label: t('active') }] }]}
 *   sheet={(id) => <PersonSheet id={id} />} empty={<EmptyState title={t('none')} />} />
 */
export function RegisterTable<Row>(props: RegisterTableProps<Row>) {
  const { list, rowId, filters = NONE, bulk = NONE, label } = props;
  const t = useWords('ui');
  const card = useMediaQuery('(max-width: 40em)', undefined, { getInitialValueInEffect: false });
  const roomy = useMediaQuery('(min-width: 75em)', undefined, { getInitialValueInEffect: false });
  const address = useRegisterAddress({
    name: props.name,
    prefix: props.prefix ?? '',
    columns: props.columns,
    filters,
    fixed: props.fixed,
    defaultSort: props.defaultSort,
  });
  const [range, setRange] = useState({ first: 0, last: 0 });
  const onRange = useCallback(
    (first: number, last: number) =>
      setRange((before) =>
        before.first === first && before.last === last ? before : { first, last },
      ),
    [],
  );
  const { query, sort } = address;
  const windows = useRowWindows(list, sort ? { ...query, sort } : query, range.first, range.last);
  const control = useSelection(query, windows.total);
  const [help, setHelp] = useState(false);
  const searchField = useRef<HTMLInputElement>(null);
  const listKey = JSON.stringify({ ...query, sort });
  const moves = useRowMoves({
    ...props,
    windows,
    address,
    control,
    listKey,
    canSelect: bulk.length > 0,
  });
  useKeys({
    ...moves.keys,
    '?': () => setHelp(true),
    '/': (event) => {
      event.preventDefault();
      searchField.current?.focus();
    },
  });

  const columns = address.shownColumns.filter(
    (column) => roomy || address.columnsPicked || column.priority !== 3,
  );
  const nothing = !windows.loading && !windows.problem && windows.total === 0;
  const openRow = address.open === undefined ? undefined : moves.findRow(address.open);
  return (
    <div className={classes.register}>
      <RegisterToolbar
        address={address}
        filters={filters}
        columns={props.columns}
        csvHref={props.csv === false ? undefined : hrefOf(list, { ...query, sort, format: 'csv' })}
        searchRef={searchField}
        onHelp={() => setHelp(true)}
        label={label}
      />
      {windows.problem && <ProblemNotice problem={windows.problem} retry={windows.retry} />}
      {nothing && <Nothing filtered={address.filtered} empty={props.empty} clear={address.clear} />}
      {windows.total === 0 && (windows.problem || nothing) ? null : (
        <RegisterGrid
          label={label}
          windows={windows}
          columns={columns}
          card={card}
          rowId={rowId}
          sort={sort}
          setSort={address.setSort}
          control={bulk.length > 0 ? control : undefined}
          selectable={props.selectable}
          active={moves.active}
          opened={address.open}
          onRange={onRange}
          onPress={moves.press}
          onToggle={moves.toggle}
          listKey={listKey}
        />
      )}
      <BulkBar control={control} actions={bulk} total={windows.total} />
      <Footer
        total={windows.total}
        loading={windows.loading}
        first={range.first}
        last={range.last}
      />
      <KeyHelp opened={help} onClose={() => setHelp(false)} />
      {props.sheet && (
        <Sheet
          opened={address.open !== undefined}
          onClose={() => address.setOpen(undefined)}
          label={t('details')}
        >
          {address.open !== undefined && props.sheet(address.open, openRow)}
        </Sheet>
      )}
    </div>
  );
}

type MovesProps<Row> = Pick<RegisterTableProps<Row>, 'rowId' | 'sheet' | 'selectable'> & {
  windows: ReturnType<typeof useRowWindows<Row>>;
  address: Pick<ReturnType<typeof useRegisterAddress<Row>>, 'open' | 'setOpen'>;
  control: SelectionControl;
  listKey: string;
  canSelect: boolean;
};

/** The active row, and what keys and presses do with it. */
function useRowMoves<Row>({
  rowId,
  sheet,
  windows,
  address,
  control,
  listKey,
  selectable,
  canSelect,
}: MovesProps<Row>) {
  const [held, setHeld] = useState({ listKey, index: -1 });
  const active = held.listKey === listKey ? Math.min(held.index, windows.total - 1) : -1;
  const anchor = useRef(-1);
  const idAt = (index: number) => {
    const row = windows.rowAt(index);
    return row === undefined ? undefined : rowId(row);
  };
  const tickableAt = (index: number) => {
    const row = windows.rowAt(index);
    return row === undefined || selectable?.(row) === false ? undefined : rowId(row);
  };
  const open = (index: number, push: boolean) => {
    const id = idAt(index);
    if (sheet && id !== undefined) address.setOpen(id, push);
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
    const [from, to] =
      reach && anchor.current >= 0
        ? [Math.min(anchor.current, index), Math.max(anchor.current, index)]
        : [index, index];
    const ids = Array.from({ length: to - from + 1 }, (_, step) => tickableAt(from + step)).filter(
      (id) => id !== undefined,
    );
    anchor.current = index;
    if (reach) control.add(ids);
    else if (ids[0] !== undefined) control.toggle(ids[0]);
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
    if (address.open !== undefined) address.setOpen(undefined);
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
  return { active, keys, press, toggle, findRow };
}

type NothingProps = { filtered: boolean; empty: ReactNode; clear: () => void };

/** In place of rows: that there is nothing, and what to do first. */
function Nothing({ filtered, empty, clear }: NothingProps) {
  const t = useWords('ui');
  if (!filtered) return empty ?? <EmptyState title={t('register.empty')} />;
  const undo = (
    <button type="button" className={classes.plain} onClick={clear}>
      {t('register.clear')}
    </button>
  );
  return (
    <EmptyState title={t('register.noMatch')} action={undo}>
      {t('register.noMatchHint')}
    </EmptyState>
  );
}

function Footer({
  total,
  loading,
  first,
  last,
}: {
  total: number;
  loading: boolean;
  first: number;
  last: number;
}) {
  const t = useWords('ui');
  const language = useLanguage();
  if (loading || total === 0) return <div className={classes.footer} aria-live="polite" />;
  const n = (value: number) => formatNumber(value, language);
  return (
    <div className={classes.footer}>
      <span aria-live="polite">{t('register.total', { count: total })}</span>
      <span>
        {t('register.range', { first: n(first + 1), last: n(Math.min(last + 1, total)) })}
      </span>
    </div>
  );
}
