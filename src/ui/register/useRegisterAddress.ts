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
  const write: Write = useCallback(
    (patch: Record<string, string | undefined>, push = false) =>
      set(Object.fromEntries(Object.entries(patch).map(([key, value]) => [prefix + key, value])), {
        push,
      }),
    [set, prefix],
  );

  const q = read('q') ?? '';
  const sort = read('sort') ?? defaultSort;
  const found = filters.flatMap(({ id }) => (read(id) ? [[id, read(id) as string]] : []));
  // Compared by their text: `search` is a new object whenever anything in the address changes.
  const valuesText = JSON.stringify(Object.fromEntries(found));
  const values = useMemo(() => JSON.parse(valuesText) as Record<string, string>, [valuesText]);
  const queryText = JSON.stringify({ ...fixed, ...(q && { q }), ...values });
  const query = useMemo(() => JSON.parse(queryText) as ListQuery, [queryText]);

  const { shown, picked, remember } = useChosenColumns(name, columns, read('columns'));
  const acts = useActs({ filters, defaultSort, write, remember });
  const open = read('open');
  // One object as long as nothing in it changed: the toolbar is drawn again only for a reason.
  return useMemo(
    () => ({
      q,
      sort,
      values,
      query,
      open,
      filtered: q !== '' || Object.keys(values).length > 0,
      shownColumns: shown,
      /** The reader picked them: then none is left out for want of room. */
      columnsPicked: picked,
      ...acts,
    }),
    [q, sort, values, query, open, shown, picked, acts],
  );
}

type Write = (patch: Record<string, string | undefined>, push?: boolean) => void;

type ActsProps = {
  filters: readonly Filter[];
  defaultSort: string | undefined;
  write: Write;
  remember: (columns: string) => void;
};

/** What can be changed in the address of a register. */
function useActs({ filters, defaultSort, write, remember }: ActsProps) {
  return useMemo(
    () => ({
      setSearch: (next: string) => write({ q: next || undefined }),
      setSort: (next: string) => write({ sort: next === defaultSort ? undefined : next }),
      setFilter: (id: string, value: string | undefined) => write({ [id]: value }),
      setOpen: (id: string | undefined, push = true) => write({ open: id }, push),
      setColumns: (ids: readonly string[]) => {
        remember(ids.join(','));
        write({ columns: ids.join(',') });
      },
      clear: () =>
        write({ q: undefined, ...Object.fromEntries(filters.map(({ id }) => [id, undefined])) }),
    }),
    [filters, defaultSort, write, remember],
  );
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
