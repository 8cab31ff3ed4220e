import { useDebouncedValue } from '@mantine/hooks';
import { useQueries } from '@tanstack/react-query';
import { useRef } from 'react';
import type { ApiProblem, Page } from '../api.ts';
import type { ListOperation, ListQuery } from './types.ts';

/** Rows fetched at a time. */
const WINDOW = 100;
/** Rows beyond the visible ones that are already wanted. */
const MARGIN = 12;
/** While the reader drags the scrollbar nothing is fetched for rows that only fly by. */
const SETTLE_MS = 70;

export type RowWindows<Row> = {
  readonly total: number;
  readonly rowAt: (index: number) => Row | undefined;
  /** Nothing was ever read: draw a skeleton. */
  readonly loading: boolean;
  /** Other rows than asked for are shown while the asked ones come. */
  readonly stale: boolean;
  readonly problem: ApiProblem | undefined;
  readonly retry: () => void;
};

type Shown<Row> = {
  readonly key: string;
  readonly total: number;
  readonly rowAt: (index: number) => Row | undefined;
};

/**
 * Rows of a list of any length by windows of 100: only those in view (`first`…`last`) are fetched,
 * at their offset, so a jump into the middle of 185,294 rows costs one request.
 */
export function useRowWindows<Row>(
  list: ListOperation<Row>,
  query: ListQuery,
  first: number,
  last: number,
): RowWindows<Row> {
  const windowOf = (index: number) => Math.floor(Math.max(0, index) / WINDOW);
  const [settled] = useDebouncedValue(
    `${windowOf(first - MARGIN)}-${windowOf(Math.max(first, last) + MARGIN)}`,
    SETTLE_MS,
    { leading: true },
  );
  const [from = 0, to = 0] = settled.split('-').map(Number);
  const numbers = Array.from({ length: to - from + 1 }, (_, step) => from + step);

  const reads = useQueries({
    queries: numbers.map((number) => ({
      queryKey: [list.operation, 'window', query, number],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        list({ ...query, limit: WINDOW, offset: number * WINDOW }, { signal }),
      staleTime: 15_000,
    })),
  });

  const key = JSON.stringify(query);
  const pages = new Map<number, Page<Row>>();
  reads.forEach((read, step) => {
    const number = numbers[step];
    if (read.data !== undefined && number !== undefined) pages.set(number, read.data);
  });
  const known = pages.values().next().value;
  const fresh: Shown<Row> | undefined = known && {
    key,
    total: known.total,
    rowAt: (index) => pages.get(Math.floor(index / WINDOW))?.items[index % WINDOW],
  };

  const lastShown = useRef<Shown<Row> | undefined>(undefined);
  if (fresh) lastShown.current = fresh;
  const previous = lastShown.current;
  // Same query, other window: rows are blank until they come. Other query: the old rows stay, dimmed.
  const sameQuery = previous?.key === key;
  const shown =
    fresh ?? (previous && sameQuery ? { ...previous, rowAt: () => undefined } : previous);

  return {
    total: shown?.total ?? 0,
    rowAt: shown?.rowAt ?? (() => undefined),
    loading: shown === undefined,
    stale: fresh === undefined && !sameQuery && shown !== undefined,
    problem:
      (reads.find((read) => read.error)?.error as ApiProblem | null | undefined) ?? undefined,
    retry: () => {
      for (const read of reads) if (read.error) void read.refetch();
    },
  };
}
