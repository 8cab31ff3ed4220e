import { z } from 'zod';
import {
  type Act,
  ChangesLost,
  type Connector,
  heldKey,
  type Link,
  type Observation,
  type ReadEnd,
  type ReadFrom,
  SourceProblem,
  type Stretch,
} from '../registers/connections/facts.connector.ts';
import type { Chance } from './chance.ts';
import type { Reality } from './reality.ts';

type Pair = readonly [account: string, entitlement: string];

/** Where a read of the source is: which of its states it shows, since which, and how far it has come. */
interface Place {
  readonly state: number;
  readonly since: number | null;
  readonly at: number;
  readonly partial: boolean;
  /** An account that slips between two pages of a whole read, while what it holds is shown. */
  readonly slipped: string | null;
}

const pageLength = 6;

/**
 * A source outside that is as bad as sources are: it lags behind the truth, throttles, fails in the
 * middle, forgets what has changed since, may not show who holds what, silently loses an account
 * whose access it still shows, says that it did what it was told and did not. It outlives the process that asks it.
 */
export class SimulatedSource {
  readonly system: string;
  readonly #reality: Reality;
  readonly #chance: Chance;
  readonly #states: (readonly Pair[])[] = [];
  readonly #taken = new Map<string, number>();
  #downFor = 0;

  constructor(system: string, reality: Reality, chance: Chance) {
    this.system = system;
    this.#reality = reality;
    this.#chance = chance;
  }

  readonly connector: Connector = {
    kind: 'simulated',
    settings: z.object({}),
    secret: z.object({}),
    aspects: ['accounts', 'entitlements', 'held'],
    acts: ['disableAccount', 'removeHeld'],
    test: async () => [],
    read: (link, from) => this.#read(link, from),
    carryOut: (_, act) => this.#carryOut(act),
  };

  /** How HTTP goes on the way there. */
  readonly fetch: typeof fetch = async () => {
    if (this.#downFor > 0) this.#downFor -= 1;
    else if (this.#chance.oneIn(60)) this.#downFor = 9;
    if (this.#downFor > 0 || this.#chance.oneIn(25)) return new Response(null, { status: 500 });
    if (this.#chance.oneIn(25))
      return new Response(null, { status: 429, headers: { 'retry-after': '30' } });
    return new Response('{}');
  };

  /** What the source shows in one of its states, as `account entitlement`. */
  shownIn(state: number): readonly string[] {
    return (this.#states[state] ?? []).map((pair) => pair.join(' ')).sort();
  }

  /** How often it took up each act, as `act account`. */
  get taken(): ReadonlyMap<string, number> {
    return this.#taken;
  }

  async *#read(
    link: Link<unknown, unknown>,
    from: ReadFrom,
  ): AsyncGenerator<Stretch, ReadEnd, void> {
    let place = (from.resume as Place | null) ?? this.#begin(from);
    const observations = this.#observations(place);
    while (place.at < observations.length) {
      const answer = await link.fetch('https://source.example.com/pages');
      if (!answer.ok)
        throw new SourceProblem(answer.status === 429 ? 'throttled' : 'sourceFails', 'no page');
      const page = observations.slice(place.at, place.at + pageLength);
      place = { ...place, at: place.at + page.length };
      yield { observations: page, resume: { ...place } };
    }
    if (place.partial)
      yield {
        observations: [],
        gaps: [{ aspect: 'held', permission: 'memberships', message: 'not allowed' }],
        resume: { ...place },
      };
    return { next: place.state };
  }

  #begin(from: ReadFrom): Place {
    const since = from.read === 'changes' ? Number(from.since) : null;
    if (since !== null && (!this.#states[since] || this.#chance.oneIn(12))) throw new ChangesLost();
    // A source that lags shows what it was when it was last asked.
    const lags = this.#states.length > 0 && this.#chance.oneIn(8);
    if (!lags) this.#states.push(this.#reality.pairsOf(this.system));
    const partial = this.#chance.oneIn(10);
    const state = this.#states.length - 1;
    const accounts = (this.#states[state] ?? []).map(([account]) => account);
    const slips = since === null && accounts.length > 0 && this.#chance.oneIn(6);
    const slipped = slips ? this.#chance.pick(accounts) : null;
    return { state, since, at: 0, partial, slipped };
  }

  #observations({ state, since, partial, slipped }: Place): Observation[] {
    const now = this.#states[state] ?? [];
    const before = since === null ? [] : (this.#states[since] ?? []);
    const lines = (pairs: readonly Pair[]) => new Set(pairs.map((pair) => heldKey(...pair)));
    const [held, had] = [lines(now), lines(before)];
    const come = now.filter((pair) => !had.has(heldKey(...pair)));
    const gone = before.filter((pair) => !held.has(heldKey(...pair)));
    const shown: Observation[] = [
      ...[...new Set(come.map(([account]) => account))]
        .filter((account) => account !== slipped)
        .map(accountOf),
      ...[...new Set(come.map(([, entitlement]) => entitlement))].map(entitlementOf),
      ...come
        .filter((_, n) => !partial || n % 2 === 0)
        .map(([account, entitlement]): Observation => {
          const facts = { account, entitlement };
          return { of: 'held', key: heldKey(account, entitlement), facts };
        }),
    ];
    if (partial) return shown;
    const lost = gone.map(
      (pair): Observation => ({ of: 'held', key: heldKey(...pair), facts: null }),
    );
    // Here an account is there for as long as it holds something.
    const staying = new Set(now.map(([account]) => account));
    const left = new Set(gone.flatMap(([account]) => (staying.has(account) ? [] : [account])));
    const ended = [...left].map((key): Observation => ({ of: 'account', key, facts: null }));
    return [...shown, ...lost, ...ended];
  }

  async #carryOut({ act, account, target }: Act): Promise<void> {
    if (this.#chance.oneIn(10)) throw new SourceProblem('throttled', 'later');
    const key = `${act} ${account} ${target ?? ''}`;
    this.#taken.set(key, (this.#taken.get(key) ?? 0) + 1);
    if (this.#chance.oneIn(10)) throw new SourceProblem('sourceFails', 'failed after all');
    // Now and then it says so and does nothing.
    if (this.#chance.oneIn(8)) return;
    if (act === 'disableAccount') this.#reality.dismiss(account, this.system);
    else this.#reality.take(this.system, account, target ?? '');
  }
}

function accountOf(name: string): Observation {
  const facts = { name, email: name.includes('@') ? name : null, active: true } as const;
  const kind = name.startsWith('svc-') ? 'service' : 'staff';
  return {
    of: 'account',
    key: name,
    facts: { ...facts, kind, secondFactor: null, lastUsedAt: null },
  };
}

function entitlementOf(name: string): Observation {
  return { of: 'entitlement', key: name, facts: { name, privileged: false, risks: [] } };
}
