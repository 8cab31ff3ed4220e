import type { World } from '../../platform/world.ts';
import { abreast } from '../shared.ts';

/** What many ask for at the same time is done at once; what one asks for alone waits for the end of its turn. */

/** Done together at most. */
const togetherLimit = 100;

interface Waiting<Asked, Answer> {
  readonly asked: Asked;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (thrown: unknown) => void;
}

/**
 * Gathers what is asked for in one turn of the event loop, and, once enough acts are under way, what
 * is asked for until one of them is done; and does it in one act. Where an act for many fails, each is
 * done alone: nobody is refused for what another asked.
 *
 * @param act answers in the order asked
 * @param nameOf two of one name are never in one act
 */
export function gathered<Asked, Answer>(
  act: (asked: readonly Asked[]) => Promise<readonly Answer[]>,
  nameOf: (asked: Asked) => string,
): (asked: Asked) => Promise<Answer> {
  let waiting: Waiting<Asked, Answer>[] = [];
  let running = 0;
  let isPlanned = false;
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
    isPlanned = false;
    running += 1;
    while (waiting.length > 0) {
      const { now, later } = divided(waiting, nameOf);
      waiting = later;
      const [only] = now;
      await (now.length === 1 && only ? runOne(only) : runMany(now));
    }
    running -= 1;
  };
  return (asked) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.push({ asked, resolve, reject });
      if (isPlanned || running >= abreast) return;
      isPlanned = true;
      setImmediate(() => void run());
    });
}

/** What may be done in one act, and what has to wait for the next. */
function divided<Asked, Answer>(
  waiting: readonly Waiting<Asked, Answer>[],
  nameOf: (asked: Asked) => string,
) {
  const names = new Set<string>();
  const now: Waiting<Asked, Answer>[] = [];
  const later: Waiting<Asked, Answer>[] = [];
  for (const each of waiting) {
    const name = nameOf(each.asked);
    const fits = now.length < togetherLimit && !names.has(name);
    (fits ? now : later).push(each);
    names.add(name);
  }
  return { now, later };
}

/** Places remembered; a gathering that is under way ends by itself. */
const placesMost = 1_000;

/** As `gathered`, for each collection of each customer by itself. */
export function gatheredByPlace<Asked, Answer>(
  act: (asked: readonly Asked[]) => Promise<readonly Answer[]>,
  nameOf: (asked: Asked) => string,
): (world: World, customerId: string, collection: string) => (asked: Asked) => Promise<Answer> {
  const worlds = new WeakMap<World, Map<string, (asked: Asked) => Promise<Answer>>>();
  return (world, customerId, collection) => {
    const known = worlds.get(world) ?? new Map<string, (asked: Asked) => Promise<Answer>>();
    worlds.set(world, known);
    const place = `${customerId} ${collection}`;
    const there = known.get(place) ?? gathered(act, nameOf);
    if (known.size >= placesMost) known.clear();
    known.set(place, there);
    return there;
  };
}
