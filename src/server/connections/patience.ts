import type { Instant } from '../../kernel/instant.ts';

export interface Patience {
  readonly now: () => Instant;
  /** Rejects when the run is cancelled. */
  readonly wait: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
  /**
   * `reads`: asking again does no harm, whatever became of the first time. `acts`: only what the
   * source refused to take up is asked again.
   */
  readonly for: 'reads' | 'acts';
}

const attemptsLimit = 7;
const firstPauseMs = 1_000;
const pauseLimitMs = 60_000;
/** Longer than this nobody waits with a connection in hand: the run is put off instead. */
const retryAfterLimitMs = 15 * 60_000;

/**
 * `fetch` that waits as long as a source asks for (429 and 503 with `Retry-After`, RFC 9110, section
 * 10.2.3) and asks again where it fails (5xx, broken connections), with growing pauses.
 */
export function patient(ask: typeof fetch, patience: Patience): typeof fetch {
  return async (input, init) => {
    const signal = init?.signal ? AbortSignal.any([init.signal, patience.signal]) : patience.signal;
    for (let attempt = 1; ; attempt++) {
      const answer = await attemptOf(ask, input, { ...init, signal }, patience);
      const last = attempt >= attemptsLimit;
      if ('error' in answer) {
        if (last || !answer.again) throw answer.error;
        await patience.wait(pauseMs(attempt));
        continue;
      }
      const { response } = answer;
      const pause = pauseOf(response, patience, attempt);
      if (last || pause === null || pause > retryAfterLimitMs) return response;
      await patience.wait(pause);
    }
  };
}

type Answer =
  | { readonly response: Response }
  | { readonly error: unknown; readonly again: boolean };

async function attemptOf(
  ask: typeof fetch,
  input: Parameters<typeof fetch>[0],
  init: RequestInit,
  patience: Patience,
): Promise<Answer> {
  try {
    return { response: await ask(input, init) };
  } catch (error) {
    const code = (error as { code?: string }).code;
    const helps = code === 'unreachable' || code === 'timedOut';
    return { error, again: helps && patience.for === 'reads' && !patience.signal.aborted };
  }
}

/** Milliseconds until asking again makes sense; null where it does not. */
function pauseOf(response: Response, patience: Patience, attempt: number): number | null {
  const { status, headers } = response;
  const said = retryAfterMs(headers.get('retry-after'), patience.now());
  if (status === 429) return said ?? pauseMs(attempt);
  if (patience.for === 'acts' || status < 500 || status === 501) return null;
  return said ?? pauseMs(attempt);
}

/** `Retry-After` in either of its forms: seconds, or a date. */
export function retryAfterMs(header: string | null, now: Instant): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now.epochMilliseconds);
}

function pauseMs(attempt: number): number {
  return Math.min(firstPauseMs * 2 ** (attempt - 1), pauseLimitMs);
}
