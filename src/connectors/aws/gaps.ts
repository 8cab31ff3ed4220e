import {
  type Aspect,
  essentialAspects,
  type Gap,
} from '../../registers/connections/facts.connector.ts';
import { type Answer, answerOf, isDenied, isMissing, isSettled, problemOf } from './session.ts';

/** What a reading could not see, gathered while it goes on. */
export class Gaps {
  readonly #gaps = new Map<string, Gap>();

  add(gap: Gap): void {
    this.#gaps.set(`${gap.aspect}\n${gap.permission}`, gap);
  }

  /** What was gathered since the last time. */
  take(): readonly Gap[] {
    const taken = [...this.#gaps.values()];
    this.#gaps.clear();
    return taken;
  }

  /**
   * Asks AWS. Where it refuses, each of the aspects has a gap that names the permission, and the
   * reading goes on without.
   *
   * @param permission the IAM action that this needs
   * @returns null where there was no answer to be had
   * @throws where the world failed: no connection, credentials of nobody, throttled for good
   */
  async attempt<T>(
    aspects: readonly Aspect[],
    permission: string,
    ask: () => Promise<T>,
  ): Promise<T | null> {
    try {
      return await ask();
    } catch (error) {
      const answer = answerOf(error);
      if (answer === null || !this.#canGoOn(answer, aspects)) throw problemOf(error);
      const missing = isDenied(answer) ? (deniedAction(answer.message) ?? permission) : '';
      const message =
        missing === '' ? `${permission}: ${answer.name}: ${answer.message}` : answer.message;
      for (const aspect of aspects) this.add({ aspect, permission: missing, message });
      return null;
    }
  }

  /** What AWS itself fails at, time and again, ends a reading only where nothing goes without it. */
  #canGoOn(answer: Answer, aspects: readonly Aspect[]): boolean {
    if (isDenied(answer) || isSettled(answer)) return true;
    return answer.status >= 500 && aspects.every((aspect) => !essentialAspects.includes(aspect));
  }
}

/** "… is not authorized to perform: iam:ListUsers on resource: …" */
export function deniedAction(message: string): string | null {
  return /not authorized to perform:? ([a-z0-9-]+:[A-Za-z0-9]+)/.exec(message)?.[1] ?? null;
}

/** Asks for something that may not be there. */
export async function ifThere<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    const answer = answerOf(error);
    if (answer && isMissing(answer)) return null;
    throw error;
  }
}

/** Works through items, so many at a time; the first failure is the failure of all. */
export async function eachOf<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}
