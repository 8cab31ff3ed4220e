import { useLocalStorage } from '@mantine/hooks';
import { useCallback, useMemo } from 'react';
import { useAddress } from '../address.ts';
import type { Column, Filter, ListQuery } from './types.ts';

type Wanted<Row> = {
  name: string;
  prefix: string;
  columns: readonly Column<Row>[];
  filters: readonly Filter[];
  fixed: ListQuery | undefined;
  defaultSort: string | undefined;
};

/** The state of a register as it stands in the address: search, filters, sort, columns, open row. */
export function useRegisterAddress<Row>({
  name,
  prefix,
  columns,
  filters,
  fixed,
  defaultSort,
}: Wanted<Row>) {
  const { search, set } = useAddress();
  const read = useCallback((key: string) => search[prefix + key], [search, prefix]);
  const write = useCallback(
    (patch: Record<string, string | undefined>, push = false) =>
      set(Object.fromEntries(Object.entries(patch).map(([key, value]) => [prefix + key, value])), {
        push,
      }),
    [set, prefix],
  );

  const q = read('q') ?? '';
  const sort = read('sort') ?? defaultSort;
  const values = Object.fromEntries(
    filters.flatMap(({ id }) => (read(id) ? [[id, read(id) as string]] : [])),
  );
  // The query is compared by its text: `search` is a new object whenever anything in the address changes.
  const text = JSON.stringify({ ...fixed, ...(q && { q }), ...values });
  const query = useMemo(() => JSON.parse(text) as ListQuery, [text]);

  const chosen = useChosenColumns(name, columns, read('columns'));
  return {
    q,
    sort,
    values,
    query,
    open: read('open'),
    filtered: q !== '' || Object.keys(values).length > 0,
    shownColumns: chosen.shown,
    /** The reader picked them: then none is left out for want of room. */
    columnsPicked: chosen.picked,
    setSearch: useCallback((next: string) => write({ q: next || undefined }), [write]),
    setSort: useCallback(
      (next: string) => write({ sort: next === defaultSort ? undefined : next }),
      [write, defaultSort],
    ),
    setFilter: useCallback(
      (id: string, value: string | undefined) => write({ [id]: value }),
      [write],
    ),
    setOpen: useCallback(
      (id: string | undefined, push = true) => write({ open: id }, push),
      [write],
    ),
    setColumns: (ids: readonly string[]) => {
      chosen.remember(ids.join(','));
      write({ columns: ids.join(',') });
    },
    clear: useCallback(
      () =>
        write({ q: undefined, ...Object.fromEntries(filters.map(({ id }) => [id, undefined])) }),
      [write, filters],
    ),
  };
}

/** Columns by the address, else as this reader chose them last, else as the page declares them. */
function useChosenColumns<Row>(
  name: string,
  columns: readonly Column<Row>[],
  inAddress: string | undefined,
) {
  const [remembered, remember] = useLocalStorage<string>({
    key: `kept.columns.${name}`,
    defaultValue: '',
    getInitialValueInEffect: false,
  });
  const wanted = (inAddress ?? remembered) || undefined;
  const shown = useMemo(() => {
    const ids = wanted?.split(',');
    const found = ids ? columns.filter((column) => ids.includes(column.id)) : [];
    return found.length > 0 ? found : columns.filter((column) => !column.hidden);
  }, [columns, wanted]);
  return { shown, picked: wanted !== undefined, remember };
}

/** What the toolbar needs of it; the columns only by name, whatever their rows. */
export type RegisterAddress = Omit<ReturnType<typeof useRegisterAddress<never>>, 'shownColumns'> & {
  readonly shownColumns: readonly { readonly id: string }[];
};
