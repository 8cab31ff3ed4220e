import type { World } from '../../platform/world.ts';
import { abreast } from '../shared.ts';

/** What many ask for at the same time is done at once; what one asks for alone waits for the end of its turn. */

/**
 * Acts under way at the same time for what comes a thousand times a second: while PostgreSQL is at
 * one, the next gathers. More of them would be smaller, and each costs a journey and a commit.
 */
export const fewAbreast = 2;

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
 * @param nameOf two of one name are never in one act; null: with whomever
 * @param most acts under way at the same time
 */
export function gathered<Asked, Answer>(
  act: (asked: readonly Asked[]) => Promise<readonly Answer[]>,
  nameOf: (asked: Asked) => string | null,
  most = abreast,
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
      if (isPlanned || running >= most) return;
      isPlanned = true;
      setImmediate(() => void run());
    });
}

/** What may be done in one act, and what has to wait for the next. */
function divided<Asked, Answer>(
  waiting: readonly Waiting<Asked, Answer>[],
  nameOf: (asked: Asked) => string | null,
) {
  const names = new Set<string>();
  const now: Waiting<Asked, Answer>[] = [];
  const later: Waiting<Asked, Answer>[] = [];
  for (const each of waiting) {
    const name = nameOf(each.asked);
    const fits = now.length < togetherLimit && (name === null || !names.has(name));
    (fits ? now : later).push(each);
    if (name !== null) names.add(name);
  }
  return { now, later };
}

/** Places remembered; a gathering that is under way ends by itself. */
const placesMost = 1_000;

/** As `gathered`, for each place by itself: a collection of a customer, and what else tells acts apart. */
export function gatheredByPlace<Asked, Answer>(
  act: (asked: readonly Asked[]) => Promise<readonly Answer[]>,
  nameOf: (asked: Asked) => string | null,
  most = abreast,
): (world: World, ...place: readonly string[]) => (asked: Asked) => Promise<Answer> {
  const worlds = new WeakMap<World, Map<string, (asked: Asked) => Promise<Answer>>>();
  return (world, ...words) => {
    const known = worlds.get(world) ?? new Map<string, (asked: Asked) => Promise<Answer>>();
    worlds.set(world, known);
    const place = words.join('\n');
    const there = known.get(place) ?? gathered(act, nameOf, most);
    if (known.size >= placesMost) known.clear();
    known.set(place, there);
    return there;
  };
}
