/**
 * Reading and writing by hooks.
 *
 * @example
 * const person = useRead(api.readPerson, { id });
 * const people = useList(api.listPeople, { limit: 20 });
 * const end = useCommand(api.endEmployment, { done: t('ended') });
 * <Button loading={end.running} onClick={() => end.run({ id, endsOn })}>…</Button>
 * {end.problem && <ProblemNotice problem={end.problem} />}
 */
import {
  keepPreviousData,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useRef } from 'react';
import { ApiProblem, type Operation, type Page } from './api.ts';
import { freshKey } from './chance.ts';
import { notify } from './notify.tsx';

type Named = { readonly operation: string };

/** Reads one thing. `skip` waits, for an input that is not known yet. */
export function useRead<Input, Output>(
  operation: Operation<Input, Output>,
  given: NoInfer<Input>,
  how: { skip?: boolean; everySeconds?: number } = {},
): UseQueryResult<Output, ApiProblem> {
  return useQuery<Output, ApiProblem>({
    queryKey: [operation.operation, given],
    queryFn: ({ signal }) => operation(given, { signal }),
    enabled: how.skip !== true,
    refetchInterval: how.everySeconds === undefined ? false : how.everySeconds * 1000,
  });
}

/** Reads one page of a list and keeps showing the last one while the next loads. */
export function useList<Input, Row>(
  operation: Operation<Input, Page<Row>>,
  given: NoInfer<Input>,
  how: { skip?: boolean } = {},
): UseQueryResult<Page<Row>, ApiProblem> {
  return useQuery<Page<Row>, ApiProblem>({
    queryKey: [operation.operation, given],
    queryFn: ({ signal }) => operation(given, { signal }),
    enabled: how.skip !== true,
    placeholderData: keepPreviousData,
  });
}

export type CommandOptions<Input, Output> = {
  /** Said in a notification once it is done. */
  readonly done?: string | ((output: Output, given: Input) => string);
  /** Operations to read again. Left out: everything on screen is read again. */
  readonly invalidates?: readonly Named[];
  readonly onDone?: (output: Output, given: Input) => void;
};

export type Command<Input, Output> = {
  /** Runs it; resolves to the output, or to undefined after a problem (which is then in `problem`). */
  readonly run: (given: Input) => Promise<Output | undefined>;
  readonly running: boolean;
  readonly problem: ApiProblem | undefined;
  /** Message per field path, from problem details. */
  readonly fieldErrors: Readonly<Record<string, string>>;
  readonly reset: () => void;
};

/**
 * A write. A try that got no answer is repeated under the same idempotency key,
 * so pressing the button again after a broken connection does not act twice.
 */
export function useCommand<Input, Output>(
  operation: Operation<Input, Output>,
  options: CommandOptions<NoInfer<Input>, NoInfer<Output>> = {},
): Command<Input, Output> {
  const client = useQueryClient();
  const attempt = useRef<{ fingerprint: string; key: string } | undefined>(undefined);

  const mutation = useMutation<Output, ApiProblem, Input>({
    mutationFn: async (given) => {
      const fingerprint = JSON.stringify(given);
      if (attempt.current?.fingerprint !== fingerprint)
        attempt.current = { fingerprint, key: freshKey() };
      try {
        const output = await operation(given, { idempotencyKey: attempt.current.key });
        attempt.current = undefined;
        return output;
      } catch (cause) {
        if (!(cause instanceof ApiProblem)) throw cause;
        if (cause.status !== 0) attempt.current = undefined;
        throw cause;
      }
    },
    onSuccess: async (output, given) => {
      const message =
        typeof options.done === 'function' ? options.done(output, given) : options.done;
      if (message) notify(message);
      options.onDone?.(output, given);
      if (options.invalidates === undefined) await client.invalidateQueries();
      else
        await Promise.all(
          options.invalidates.map((one) => client.invalidateQueries({ queryKey: [one.operation] })),
        );
    },
  });

  const { mutateAsync, reset } = mutation;
  const run = useCallback(
    (given: Input) =>
      mutateAsync(given).catch((cause: unknown) => {
        if (cause instanceof ApiProblem) return undefined;
        throw cause;
      }),
    [mutateAsync],
  );
  const problem = mutation.error instanceof ApiProblem ? mutation.error : undefined;
  return {
    run,
    running: mutation.isPending,
    problem,
    fieldErrors: fieldErrorsOf(problem),
    reset,
  };
}

/** First message per field path. */
export function fieldErrorsOf(problem: ApiProblem | undefined): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { path, message } of problem?.errors ?? []) found[path] ??= message;
  return found;
}
