import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiProblem, type Operation } from '../../ui/api.ts';
import { notify } from '../../ui/notify.tsx';
import { fieldErrorsOf } from '../../ui/queries.ts';
import type { Selection } from '../../ui/register/types.ts';
import { bulkLimit } from './facts.terms.ts';
import { useBacklogApi } from './page.api.ts';

interface InPartsOptions<Output> {
  /** What is said at the end, of how many items. */
  readonly said: (count: number) => string;
  readonly done: () => void;
  /** Items that one answer speaks of; all that were sent, where nothing is said. */
  readonly countOf?: (output: Output) => number;
}

/**
 * A command over any number of items: the server takes so many at once, so a large selection is several
 * commands, one after the other. What went through before a problem stays done, and is no longer selected
 * work for the next try, since commands leave alone what is so already.
 */
export function useInParts<Input, Output>(
  operation: Operation<Input, Output>,
  { said, done, countOf }: InPartsOptions<Output>,
) {
  const client = useQueryClient();
  const [running, setRunning] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | undefined>();
  const run = async (
    ids: () => Promise<readonly string[]>,
    inputOf: (part: string[]) => Input,
  ): Promise<void> => {
    setRunning(true);
    setProblem(undefined);
    try {
      const all = await ids();
      let count = 0;
      for (let from = 0; from < all.length; from += bulkLimit) {
        const part = all.slice(from, from + bulkLimit);
        const output = await operation(inputOf(part));
        count += countOf ? countOf(output) : part.length;
      }
      notify(said(count));
      done();
    } catch (cause) {
      if (!(cause instanceof ApiProblem)) throw cause;
      setProblem(cause);
    } finally {
      setRunning(false);
      await client.invalidateQueries();
    }
  };
  return { run, running, problem, fieldErrors: fieldErrorsOf(problem) };
}

/** Ids of a selection: those ticked, or all that match its filters but a few, read page by page. */
export function useSelectedIds(selection: Selection): () => Promise<readonly string[]> {
  const { listBacklog } = useBacklogApi();
  return async () => {
    if (selection.kind === 'ids') return selection.ids;
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof listBacklog>> = await listBacklog({
        ...selection.query,
        limit: 500,
        ...(cursor ? { cursor } : {}),
      });
      found.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    } while (cursor);
    const except = new Set(selection.except);
    return found.filter((id) => !except.has(id));
  };
}
