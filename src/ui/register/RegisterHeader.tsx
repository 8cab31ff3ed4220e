import { Checkbox } from '@mantine/core';
import { Icon } from '../icons.tsx';
import { useWords } from '../words.ts';
import classes from './register.module.css';
import type { Column } from './types.ts';
import type { SelectionControl } from './useSelection.ts';

type RegisterHeaderProps<Row> = {
  columns: readonly Column<Row>[];
  template: string;
  sort: string | undefined;
  setSort: (sort: string) => void;
  control: SelectionControl | undefined;
  total: number;
};

/** Sticky head: names of columns, sort by pressing one, select everything that matches. */
export function RegisterHeader<Row>({
  columns,
  template,
  sort,
  setSort,
  control,
  total,
}: RegisterHeaderProps<Row>) {
  const t = useWords('ui');
  const chosen = control?.selection.count ?? 0;
  return (
    <div role="rowgroup" className={classes.head}>
      <div
        role="row"
        aria-rowindex={1}
        className={classes.headRow}
        style={{ gridTemplateColumns: template }}
      >
        {control && (
          <div role="columnheader" className={classes.checkCell}>
            <Checkbox
              checked={total > 0 && chosen === total}
              indeterminate={chosen > 0 && chosen < total}
              onChange={() => (chosen > 0 ? control.clear() : control.all())}
              aria-label={t('register.selectAll', { count: total })}
            />
          </div>
        )}
        {columns.map((column) => (
          <HeaderCell key={column.id} column={column} sort={sort} setSort={setSort} />
        ))}
      </div>
    </div>
  );
}

function HeaderCell<Row>({
  column,
  sort,
  setSort,
}: {
  column: Column<Row>;
  sort: string | undefined;
  setSort: (sort: string) => void;
}) {
  if (!column.sort) {
    return (
      <div role="columnheader" className={classes.headCell} data-align={column.align}>
        {column.label}
      </div>
    );
  }
  const field = column.sort === true ? column.id : column.sort;
  const direction = sort === field ? 'ascending' : sort === `-${field}` ? 'descending' : 'none';
  return (
    <div
      role="columnheader"
      aria-sort={direction}
      className={classes.headCell}
      data-align={column.align}
    >
      <button
        type="button"
        onClick={() => setSort(direction === 'ascending' ? `-${field}` : field)}
      >
        {column.label}
        {direction !== 'none' && (
          <Icon name={direction === 'ascending' ? 'up' : 'down'} size={12} />
        )}
      </button>
    </div>
  );
}
