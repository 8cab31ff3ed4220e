import { useQuery } from '@tanstack/react-query';
import { type ApiProblem, createApi } from '../../ui/api.ts';
import type { Reader } from '../../ui/reader.tsx';

/** `me` is of the shell itself and not in the table of operations of any clause. */
const shellApi = createApi<unknown>({ readMe: { method: 'GET', path: '/me' } }) as {
  readMe: (given: object, options: { signal: AbortSignal }) => Promise<Reader>;
};

/** Who is signed in; a problem with status 401 when nobody is. */
export function useMe() {
  return useQuery<Reader, ApiProblem>({
    queryKey: ['me'],
    queryFn: ({ signal }) => shellApi.readMe({}, { signal }),
    staleTime: 60_000,
  });
}
