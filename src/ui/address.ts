/**
 * The address bar holds the exact view: filters, sort, the open sheet. Values are plain strings.
 *
 * @example
 * const [open, setOpen] = useAddressValue('open');
 * setOpen('p_123', { push: true });   // a new history entry: Back closes it again
 * setOpen(undefined);
 */
import { useRouter, useRouterState } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';

export type AddressPatch = Readonly<Record<string, string | undefined>>;

/** Plain `?a=b` both ways; TanStack's default would write strings that look like numbers in quotes. */
export function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

/** Inverse of {@link parseSearch}; empty and absent values are left out. */
export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** The whole search part of the address and a way to change some of it. */
export function useAddress() {
  const router = useRouter();
  const searchText = useRouterState({ select: (state) => state.location.searchStr });
  const search = useMemo(() => parseSearch(searchText), [searchText]);
  const set = useCallback(
    (patch: AddressPatch, how: { push?: boolean } = {}) => {
      // Read at call time: two changes in one event must not undo each other.
      const { pathname, search: current } = router.history.location;
      const href = pathname + stringifySearch({ ...parseSearch(current), ...patch });
      if (how.push) router.history.push(href);
      else router.history.replace(href);
    },
    [router],
  );
  return { search, set };
}

/** One value of the address. */
export function useAddressValue(name: string) {
  const { search, set } = useAddress();
  const write = useCallback(
    (value: string | undefined, how?: { push?: boolean }) => set({ [name]: value }, how),
    [name, set],
  );
  return [search[name], write] as const;
}
