/** What many ask for at the same time is done at once; what one asks for alone is done without waiting. */

/** Done together at most. */
const togetherLimit = 100;

interface Waiting<Asked, Answer> {
  readonly asked: Asked;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (thrown: unknown) => void;
}

/**
 * Gathers what is asked for while something is under way, and does it in one act next. Where an act
 * for many fails, each is done alone: nobody is refused for what another asked.
 *
 * @param act answers in the order asked
 * @param nameOf two of one name are never in one act
 */
export function gathered<Asked, Answer>(
  act: (asked: readonly Asked[]) => Promise<readonly Answer[]>,
  nameOf: (asked: Asked) => string,
): (asked: Asked) => Promise<Answer> {
  let waiting: Waiting<Asked, Answer>[] = [];
  let running = false;
  const runOne = async ({ asked, resolve, reject }: Waiting<Asked, Answer>): Promise<void> => {
    try {
      const [answer] = await act([asked]);
      resolve(answer as Answer);
    } catch (thrown) {
      reject(thrown);
    }
  };
  const runMany = async (many: readonly Waiting<Asked, Answer>[]): Promise<void> => {
    const answers = await act(many.map(({ asked }) => asked)).catch(() => null);
    if (answers) for (const [n, each] of many.entries()) each.resolve(answers[n] as Answer);
    else for (const each of many) await runOne(each);
  };
  const run = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) {
      const names = new Set<string>();
      const now: Waiting<Asked, Answer>[] = [];
      const later: Waiting<Asked, Answer>[] = [];
      for (const each of waiting) {
        const name = nameOf(each.asked);
        const fits = now.length < togetherLimit && !names.has(name);
        (fits ? now : later).push(each);
        names.add(name);
      }
      waiting = later;
      const [only] = now;
      await (now.length === 1 && only ? runOne(only) : runMany(now));
    }
    running = false;
  };
  return (asked) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.push({ asked, resolve, reject });
      if (!running) void run();
    });
}
