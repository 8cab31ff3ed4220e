import { Checkbox, Skeleton } from '@mantine/core';
import { type MouseEvent, memo } from 'react';
import { useWords } from '../words.ts';
import classes from './register.module.css';
import type { Column } from './types.ts';

export type RegisterRowProps<Row> = {
  index: number;
  row: Row | undefined;
  top: number;
  height: number;
  template: string;
  columns: readonly Column<Row>[];
  card: boolean;
  active: boolean;
  opened: boolean;
  selected: boolean;
  selectable: boolean;
  /** Its box is shown but cannot be ticked. */
  locked: boolean;
  domId: string;
  onPress: (index: number, event: MouseEvent) => void;
  onToggle: (index: number, event: MouseEvent) => void;
};

function Row<T>(props: RegisterRowProps<T>) {
  const {
    index,
    row,
    top,
    height,
    template,
    columns,
    card,
    active,
    opened,
    selected,
    selectable,
    locked,
    domId,
  } = props;
  const t = useWords('ui');
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid hears the keys of its active row
    <div
      role="row"
      id={domId}
      tabIndex={-1}
      aria-rowindex={index + 2}
      {...(selectable ? { 'aria-selected': selected && !locked } : {})}
      className={classes.row}
      data-active={active}
      data-opened={opened}
      data-card={card}
      style={{
        transform: `translateY(${top}px)`,
        height,
        ...(card ? {} : { gridTemplateColumns: template }),
      }}
      onClick={(event) => props.onPress(index, event)}
    >
      {selectable && (
        // biome-ignore lint/a11y/useKeyWithClickEvents: `x` does the same from the keyboard
        <div
          role="gridcell"
          tabIndex={-1}
          className={classes.checkCell}
          onClick={(event) => props.onToggle(index, event)}
        >
          <Checkbox
            tabIndex={-1}
            checked={selected && !locked}
            disabled={locked}
            readOnly
            aria-label={t('register.selectRow', { row: index + 1 })}
          />
        </div>
      )}
      {card ? (
        <CardCells row={row} columns={columns} />
      ) : (
        columns.map((column) => <Cell key={column.id} column={column} row={row} />)
      )}
    </div>
  );
}

function Cell<T>({ column, row }: { column: Column<T>; row: T | undefined }) {
  return (
    <div role="gridcell" tabIndex={-1} className={classes.cell} data-align={column.align}>
      {row === undefined ? <Skeleton height={10} width="60%" animate={false} /> : column.value(row)}
    </div>
  );
}

/** On a phone a row is a card: first-priority columns as its title, second as one quiet line. */
function CardCells<T>({ row, columns }: { row: T | undefined; columns: readonly Column<T>[] }) {
  const heads = columns.filter((column, at) => (column.priority ?? (at === 0 ? 1 : 2)) === 1);
  const rest = columns.filter((column, at) => (column.priority ?? (at === 0 ? 1 : 2)) === 2);
  return (
    <div className={classes.card}>
      <div className={classes.cardHead}>
        {heads.map((column) => (
          <Cell key={column.id} column={column} row={row} />
        ))}
      </div>
      <div className={classes.cardRest}>
        {rest.map((column) => (
          <Cell key={column.id} column={column} row={row} />
        ))}
      </div>
    </div>
  );
}

/** One row, drawn again only when something of its own changed: scrolling moves thousands past. */
export const RegisterRow = memo(Row) as typeof Row;
