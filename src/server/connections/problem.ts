import { ZodError } from 'zod';
import { OutgoingError } from '../../platform/http/outgoing.ts';
import { SourceProblem } from '../../registers/connections/facts.connector.ts';

/** Why a run ended without being recorded: a code with a sentence in words, and what the source said. */
export interface RunProblem {
  readonly code: string;
  readonly detail: string;
  /** Whether trying again by itself can help. */
  readonly retryable: boolean;
}

const detailLimit = 300;
const passing: ReadonlySet<string> = new Set([
  'throttled',
  'sourceFails',
  'unreachable',
  'timedOut',
  'unexpectedAnswer',
]);

export function problemOf(error: unknown): RunProblem {
  if (error instanceof ZodError) {
    const paths = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return problem('settingsWrong', paths.join('; '));
  }
  if (error instanceof SourceProblem || error instanceof OutgoingError)
    return problem(error.code, error.message);
  return problem('unexpectedAnswer', error instanceof Error ? error.message : String(error));
}

function problem(code: string, detail: string): RunProblem {
  return { code, detail: detail.slice(0, detailLimit), retryable: passing.has(code) };
}
