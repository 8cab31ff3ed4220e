import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { ApiProblem } from '../../ui/api.ts';
import { useLanguage } from '../../ui/words.ts';
import { type Refused, shellApi, type Ways } from '../shell/shellApi.ts';

const said = ['refused', 'reason', 'reference', 'said'] as const;

/** What this installation lets people sign in with, and why the provider's word was refused last. */
export function useWays(): UseQueryResult<Ways, ApiProblem> {
  const language = useLanguage();
  const address = new URLSearchParams(window.location.search);
  const refused: Refused = Object.fromEntries(
    said.flatMap((name) => (address.has(name) ? [[name, address.get(name) ?? '']] : [])),
  );
  return useQuery<Ways, ApiProblem>({
    queryKey: ['ways', language, refused],
    queryFn: ({ signal }) => shellApi.readWays(refused, { signal }),
    staleTime: 60_000,
  });
}
