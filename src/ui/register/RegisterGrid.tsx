import { Skeleton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type MouseEvent, useCallback, useEffect, useId, useMemo, useRef } from 'react';
import { RegisterHeader } from './RegisterHeader.tsx';
import { RegisterRow } from './RegisterRow.tsx';
import classes from './register.module.css';
import type { Column, RegisterTableProps } from './types.ts';
import type { RowWindows } from './useRowWindows.ts';
import type { SelectionControl } from './useSelection.ts';

const ROW_PX = 36;
const CARD_PX = 60;
const HEAD_PX = 36;
/** Below this width per column the grid scrolls sideways instead of crushing its columns. */
const COLUMN_REM = 6.5;

type RegisterGridProps<Row> = Pick<RegisterTableProps<Row>, 'label' | 'rowId' | 'selectable'> & {
  windows: RowWindows<Row>;
  columns: readonly Column<Row>[];
  /** The reader picked the columns: then none is left out for want of room. */
  columnsPicked: boolean;
  sort: string | undefined;
  setSort: (sort: string) => void;
  control: SelectionControl | undefined;
  active: number;
  opened: string | undefined;
  onRange: (first: number, last: number) => void;
  onPress: (index: number) => void;
  onToggle: (index: number, reach: boolean) => void;
  /** Changes when the list becomes another one: scroll back to its beginning. */
  listKey: string;
};

/** The scrolling grid. One tab stop; the active row is named by `aria-activedescendant`. */
export function RegisterGrid<Row>(props: RegisterGridProps<Row>) {
  const { windows, control, active } = props;
  const id = useId();
  const card = useMediaQuery('(max-width: 40em)', undefined, { getInitialValueInEffect: false });
  const roomy = useMediaQuery('(min-width: 75em)', undefined, { getInitialValueInEffect: false });
  const all = props.columns;
  const keepAll = roomy || props.columnsPicked;
  // The same array at every render, or every row would be drawn again at every key.
  const columns = useMemo(
    () => all.filter((column) => keepAll || column.priority !== 3),
    [all, keepAll],
  );
  const { scroller, virtual } = useScroller(props, card);
  const widths = columns.map((column) => column.width ?? 'minmax(6rem, 1fr)');
  const template = (control ? ['2.25rem', ...widths] : widths).join(' ');
  return (
    <div
      ref={scroller}
      className={classes.grid}
      role="grid"
      aria-label={props.label}
      aria-rowcount={windows.total + 1}
      aria-busy={windows.loading || windows.stale}
      data-stale={windows.stale}
      tabIndex={0}
      {...(control ? { 'aria-multiselectable': true } : {})}
      {...(active >= 0 ? { 'aria-activedescendant': `${id}-${active}` } : {})}
    >
      <div style={card ? {} : { minWidth: `${columns.length * COLUMN_REM}rem` }}>
        {!card && (
          <RegisterHeader
            columns={columns}
            template={template}
            sort={props.sort}
            setSort={props.setSort}
            control={control}
            total={windows.total}
          />
        )}
        {windows.loading && <LoadingRows />}
        <Rows
          {...props}
          columns={columns}
          card={card}
          template={template}
          id={id}
          virtual={virtual}
        />
      </div>
    </div>
  );
}

/** Follows the active row, tells which rows are in view, and begins anew with another list. */
function useScroller<Row>(
  { windows, onRange, listKey, active }: RegisterGridProps<Row>,
  card: boolean,
) {
  const scroller = useRef<HTMLDivElement>(null);
  const height = card ? CARD_PX : ROW_PX;
  const virtual = useVirtualizer({
    count: windows.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
    // The sticky head hides as much of the box as a row stands lower than its own offset.
    scrollPaddingEnd: card ? 0 : HEAD_PX,
  });
  // The range is worked out when the items are asked for, and would else be that of the drawing before.
  virtual.getVirtualItems();
  const first = virtual.range?.startIndex ?? 0;
  const last = virtual.range?.endIndex ?? 0;
  useEffect(() => onRange(first, last), [onRange, first, last]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured anew when they become cards
  useEffect(() => virtual.measure(), [virtual, height]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the list
  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [listKey]);
  useEffect(() => {
    if (active >= 0) virtual.scrollToIndex(active, { align: 'auto' });
  }, [virtual, active]);
  return { scroller, virtual };
}

type RowsProps<Row> = RegisterGridProps<Row> & {
  card: boolean;
  template: string;
  id: string;
  virtual: ReturnType<typeof useScroller>['virtual'];
};

/** The rows in view, each at its place in a box as high as the whole list. */
function Rows<Row>({ windows, control, rowId, virtual, id, ...props }: RowsProps<Row>) {
  const { onToggle } = props;
  const toggle = useCallback(
    (index: number, event: MouseEvent) => {
      event.stopPropagation();
      onToggle(index, event.shiftKey);
    },
    [onToggle],
  );
  return (
    <div role="rowgroup" className={classes.rows} style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map((item) => {
        const row = windows.rowAt(item.index);
        const key = row === undefined ? undefined : rowId(row);
        return (
          <RegisterRow
            key={item.key}
            domId={`${id}-${item.index}`}
            index={item.index}
            row={row}
            top={item.start}
            height={item.size}
            template={props.template}
            columns={props.columns}
            card={props.card}
            active={item.index === props.active}
            opened={key !== undefined && key === props.opened}
            selectable={control !== undefined}
            locked={row !== undefined && props.selectable?.(row) === false}
            selected={key !== undefined && (control?.has(key) ?? false)}
            onPress={props.onPress}
            onToggle={toggle}
          />
        );
      })}
    </div>
  );
}

/** Quiet bars in place of rows until the first answer. */
function LoadingRows() {
  return (
    <div aria-hidden="true">
      {Array.from({ length: 12 }, (_, index) => (
        <div key={String(index)} className={classes.loadingRow}>
          <Skeleton height={10} width={`${30 + ((index * 37) % 50)}%`} />
        </div>
      ))}
    </div>
  );
}
