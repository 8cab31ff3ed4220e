import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { ApiProblem } from '../../ui/api.ts';
import { type SignInState, shellApi } from '../shell/shellApi.ts';

/** Where this browser stands on its way in; asked again after every step. */
export function useSignInState(): UseQueryResult<SignInState, ApiProblem> {
  return useQuery<SignInState, ApiProblem>({
    queryKey: ['signInState'],
    queryFn: ({ signal }) => shellApi.readSignInState({}, { signal }),
    staleTime: 0,
  });
}
