import { sql } from 'kysely';
import type { Db } from '../kernel/db.ts';
import { invariant } from '../kernel/invariant.ts';
import type { World } from '../platform/world.ts';
import { connectionFlow } from '../registers/connections/store.ts';
import { createRunner, type Runner } from '../server/connections/runner.ts';
import { sealSecret } from '../server/connections/secrets.ts';
import type { Chance } from './chance.ts';
import type { Company } from './company.ts';
import { SimulatedSource } from './source.ts';

/** Of the sample systems, the one that is read by a connection. */
const connected = 'entra';
const everyHours = 120;

/** A connection of the company to a source outside, run by the real runner. */
export class SimulatedOutside {
  readonly #source: SimulatedSource;
  readonly #runner: Runner;
  #unchecked = false;
  /** How often each act stood on record; names of people who were erased since are known here alone. */
  readonly #onRecord = new Map<string, number>();

  private constructor(world: World, source: SimulatedSource) {
    this.#source = source;
    const outside = {
      connectors: { simulated: async () => source.connector },
      fetch: source.fetch,
      wait: async () => undefined,
      // Each page by itself: so that a process that dies leaves half of a read behind.
      atOnce: 1,
    };
    this.#runner = createRunner(world, outside, 'simulator');
  }

  /** Connects the company's system, and lets orders be carried out on it. */
  static async connect(world: World, company: Company, chance: Chance): Promise<SimulatedOutside> {
    const source = new SimulatedSource(connected, company.reality, chance);
    const id = world.newId();
    const seal = (use: 'reading' | 'acting') => sealSecret(world.keys, id, use, {});
    const { officer } = company;
    const set = { system: connected, kind: 'simulated', settings: {}, everyHours };
    const [made, acting] = [
      await officer(connectionFlow, { do: 'setUpConnection', id, ...set, secret: seal('reading') }),
      await officer(connectionFlow, { do: 'switchActing', id, on: true, secret: seal('acting') }),
    ];
    invariant(made.ok && acting.ok, 'the company connects a system');
    company.leaveTo(connected);
    return new SimulatedOutside(world, source);
  }

  /** What is due is read and carried out. @returns whether anything was */
  async run(): Promise<boolean> {
    // Also where it dies half-way: what it did until then is looked at as well.
    this.#unchecked = true;
    return (await this.#runner.runDue()) > 0;
  }

  /** What is wrong with what came of it; each time something may have. */
  async problems(db: Db): Promise<readonly string[]> {
    if (!this.#unchecked) return [];
    this.#unchecked = false;
    return (await Promise.all([this.#misread(db), this.#askedTwice(db)])).flat();
  }

  /** After a complete read the register shows exactly what the source showed: no more, no less. */
  async #misread(db: Db): Promise<readonly string[]> {
    const { rows } = await sql<{ next: number; held: string[]; complete: boolean }>`
      select run.next::text::int as next, read.complete, array(
        select account.name || ' ' || entitlement.name from observation
        join account on account.id = account_id join entitlement on entitlement.id = entitlement_id
        where observation.system_id = read.system_id and gone_at is null order by 1) as held
      from connection_run run join read on read.id = run.id
      where run.state = 'done' order by run.ended_at desc, run.id desc limit 1`.execute(db);
    const [newest] = rows;
    if (!newest?.complete) return [];
    const shown = this.#source.shownIn(newest.next);
    const held = new Set(newest.held);
    const wrong = [
      ...shown.filter((pair) => !held.has(pair)).map((pair) => `${pair} was shown and is not kept`),
      ...newest.held.filter((pair) => !shown.includes(pair)).map((pair) => `${pair} was not shown`),
    ];
    return wrong.map((problem) => `theRegisterIsWhatTheSourceShowed: ${problem}`);
  }

  /**
   * No access was taken away outside more often than it stands on record as asked for. To lock out who
   * is locked out is no second act: it is asked for again where a process died in the midst of it.
   */
  async #askedTwice(db: Db): Promise<readonly string[]> {
    const { rows } = await sql<{ act: string; times: number }>`
      select act || ' ' || account || ' ' || coalesce(target, '') as act, count(*)::int as times
      from connection_act where state <> 'put off' group by 1`.execute(db);
    for (const { act, times } of rows) this.#onRecord.set(act, times);
    const known = this.#onRecord;
    const removals = [...this.#source.taken].filter(([act]) => act.startsWith('removeHeld '));
    return removals.flatMap(([act, times]) =>
      times > (known.get(act) ?? 0)
        ? [`noOrderIsGivenTwice: ${act} was taken up ${times} times, not ${known.get(act) ?? 0}`]
        : [],
    );
  }
}
