import type { ReactNode } from 'react';
import type { CallOptions, OperationAddress, Page } from '../api.ts';

/** What a list operation is asked: paging, sort, search and any filters of its own. */
export type ListQuery = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * A list operation of the API. Written as a method so that an operation whose input is narrower
 * (known filters only) still fits; the server checks the query anyway.
 */
export type ListOperation<Row> = {
  call(given: ListQuery, options?: CallOptions): Promise<Page<Row>>;
}['call'] &
  OperationAddress & { readonly operation: string };

export type Column<Row> = {
  readonly id: string;
  readonly label: string;
  readonly value: (row: Row) => ReactNode;
  /** Name of the field the server sorts by; `true` when it is `id`. Left out: not sortable. */
  readonly sort?: string | true;
  /** A CSS grid track: `2fr`, `8rem`. Default `1fr`. */
  readonly width?: string;
  readonly align?: 'end';
  /** 1 always shown and first line of a card (default for the first column), 2 (default) second line of a card, 3 from 1200 px only. */
  readonly priority?: 1 | 2 | 3;
  /** Not shown until chosen. */
  readonly hidden?: boolean;
};

export type Filter = {
  /** Name of the query parameter. */
  readonly id: string;
  readonly label: string;
  /** Choices; without them the reader types a value. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  /** For typed values: the kind of input. */
  readonly type?: 'text' | 'date' | 'number';
};

/** Rows by name, or everything that matches the search and filters but a few. */
export type Selection =
  | { readonly kind: 'ids'; readonly ids: readonly string[]; readonly count: number }
  | {
      readonly kind: 'matching';
      readonly query: ListQuery;
      readonly except: readonly string[];
      readonly count: number;
    };

export type BulkAction = {
  readonly label: string;
  readonly run: (selection: Selection, clear: () => void) => void;
  readonly danger?: boolean;
};

export type RegisterTableProps<Row> = {
  /** Spoken name of the list. */
  label: string;
  /** Key under which the chosen columns are remembered; unique per register. */
  name: string;
  list: ListOperation<Row>;
  rowId: (row: Row) => string;
  columns: readonly Column<Row>[];
  filters?: readonly Filter[];
  /** Always asked and never shown as chips: a list inside a thing's page. */
  fixed?: ListQuery;
  /** `name` or `-dueAt`. */
  defaultSort?: string;
  /** Content of the sheet that a row opens. The row is absent when the address was opened from a link. */
  sheet?: (id: string, row: Row | undefined) => ReactNode;
  bulk?: readonly BulkAction[];
  /** Rows that `bulk` may be done on; the others show a disabled box. All, where nothing is said. */
  selectable?: (row: Row) => boolean;
  /** Shown when the register is empty without any filter: an `EmptyState` that says what to do first. */
  empty?: ReactNode;
  /** Default true: offers the filtered list as CSV. */
  csv?: boolean;
  /** Two registers on one page: prefixes this one's names in the address. */
  prefix?: string;
};
