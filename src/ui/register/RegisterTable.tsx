import { lazy, type ReactNode, Suspense, useCallback, useRef, useState } from 'react';
import { hrefOf } from '../api.ts';
import { EmptyState } from '../EmptyState.tsx';
import { formatNumber } from '../format.ts';
import { ProblemNotice } from '../ProblemNotice.tsx';
import { Sheet } from '../Sheet.tsx';
import { useKeys } from '../useKeys.ts';
import { useLanguage, useWords } from '../words.ts';
import { BulkBar } from './BulkBar.tsx';
import { RegisterGrid } from './RegisterGrid.tsx';
import { RegisterToolbar } from './RegisterToolbar.tsx';
import classes from './register.module.css';
import type { RegisterTableProps } from './types.ts';
import { useRegisterAddress } from './useRegisterAddress.ts';
import { useRowMoves } from './useRowMoves.ts';
import { useRowWindows } from './useRowWindows.ts';
import { useSelection } from './useSelection.ts';

/** A dialog that few open and all would load. */
const KeyHelp = lazy(() => import('./KeyHelp.tsx'));

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
  const { filters = NONE, bulk = NONE, label } = props;
  const t = useWords('ui');
  const help = useHelp();
  const searchField = useRef<HTMLInputElement>(null);
  const { address, range, onRange, windows, control, moves, listKey } = useRegister(props);
  useKeys({
    ...moves.keys,
    '?': help.show,
    '/': (event) => {
      event.preventDefault();
      searchField.current?.focus();
    },
  });
  const nothing = !windows.loading && !windows.problem && windows.total === 0;
  const hasRows = windows.total > 0 || (!windows.problem && !nothing);
  const { query, sort, open } = address;
  return (
    <div className={classes.register}>
      <RegisterToolbar
        address={address}
        filters={filters}
        columns={props.columns}
        csvHref={
          props.csv === false ? undefined : hrefOf(props.list, { ...query, sort, format: 'csv' })
        }
        searchRef={searchField}
        onHelp={help.show}
        label={label}
      />
      {windows.problem && <ProblemNotice problem={windows.problem} retry={windows.retry} />}
      {nothing && <Nothing filtered={address.filtered} empty={props.empty} clear={address.clear} />}
      {hasRows && (
        <RegisterGrid
          {...props}
          windows={windows}
          columns={address.shownColumns}
          columnsPicked={address.columnsPicked}
          sort={sort}
          setSort={address.setSort}
          control={bulk.length > 0 ? control : undefined}
          active={moves.active}
          opened={open}
          onRange={onRange}
          onPress={moves.press}
          onToggle={moves.toggle}
          listKey={listKey}
        />
      )}
      <BulkBar control={control} actions={bulk} total={windows.total} />
      <Footer total={windows.total} loading={windows.loading} {...range} />
      <Help {...help} />
      {props.sheet && (
        <Sheet
          opened={open !== undefined}
          onClose={() => address.setOpen(undefined, false)}
          label={t('details')}
        >
          {open !== undefined && props.sheet(open, moves.findRow(open))}
        </Sheet>
      )}
    </div>
  );
}

/** Whether the help is shown; once it was, its chunk stays. */
function useHelp() {
  const [opened, setOpened] = useState<boolean | undefined>(undefined);
  const show = useCallback(() => setOpened(true), []);
  return { opened, show, close: () => setOpened(false) };
}

function Help({ opened, close }: ReturnType<typeof useHelp>) {
  if (opened === undefined) return null;
  return (
    <Suspense fallback={null}>
      <KeyHelp opened={opened} onClose={close} />
    </Suspense>
  );
}

/** What a register knows: its address, its rows in view, what is selected, which row is active. */
function useRegister<Row>(props: RegisterTableProps<Row>) {
  const { filters = NONE, bulk = NONE, columns, fixed, defaultSort, name, prefix = '' } = props;
  const address = useRegisterAddress({ name, prefix, columns, filters, fixed, defaultSort });
  const [range, setRange] = useState({ first: 0, last: 0 });
  const onRange = useCallback(
    (first: number, last: number) =>
      setRange((before) =>
        before.first === first && before.last === last ? before : { first, last },
      ),
    [],
  );
  const { query, sort } = address;
  const asked = sort ? { ...query, sort } : query;
  const windows = useRowWindows(props.list, asked, range.first, range.last);
  const control = useSelection(query, windows.total);
  const listKey = JSON.stringify(asked);
  const canSelect = bulk.length > 0;
  const moves = useRowMoves({ ...props, windows, address, control, listKey, canSelect });
  return { address, range, onRange, windows, control, moves, listKey };
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
