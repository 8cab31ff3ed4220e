import type { Check } from '../../policy/check.ts';
import type { Register } from '../../policy/clause.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import { exceptionEnds } from './facts.ts';
import { findingRoutes } from './routes.ts';
import { endExceptions, exceptionFlow } from './store.exceptions.ts';

/** @param checkOf the check of an id, from the clauses of this installation */
export function findings(checkOf: (id: string) => Check | undefined): Register {
  return {
    id: 'findings',
    flows: { exception: exceptionFlow as unknown as AnyFlow },
    obligations: { [exceptionEnds]: endExceptions },
    routes: findingRoutes(checkOf),
  };
}
