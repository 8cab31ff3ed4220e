import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { ApiProblem } from '../../ui/api.ts';
import type { Reader } from '../../ui/reader.tsx';
import { shellApi } from './shellApi.ts';

/** Who is signed in; a problem with status 401 when nobody is. */
export function useMe(): UseQueryResult<Reader, ApiProblem> {
  return useQuery<Reader, ApiProblem>({
    queryKey: ['me'],
    queryFn: ({ signal }) => shellApi.readMe({}, { signal }),
    staleTime: 60_000,
  });
}
