import { sql } from 'kysely';
import { execute } from '../src/platform/execute.ts';
import { sequence } from '../src/platform/ledger/sequencer.ts';
import { accountFlow } from '../src/registers/accounts/store.accounts.ts';
import { grantFlow } from '../src/registers/accounts/store.grants.ts';
import { personFlow } from '../src/registers/people/store.ts';
import { rooms } from '../src/server/composition.ts';
import { judge } from '../src/server/status/engine.ts';
import { tick } from '../src/server/tick.ts';
import { approve, hirePeople, observe } from './access.ts';
import { type Figure, within } from './figure.ts';
import { type BenchWorld, vacuum } from './ground.ts';
import { populate } from './population.ts';
import { elapsedMs, median } from './rounds.ts';

const people = 10_000;
const grants = 200_000;
const rounds = 7;

/** How long until every promise has its status: after each kind of small change, and from nothing. */
export const checks: Figure = {
  name: 'checks',
  async measure(ground) {
    const world = await ground.world('checks');
    await hirePeople(world, people);
    await observe(world, populate({ accounts: people, entitlements: 2_000, pairs: grants }));
    // Every account is approved for all it holds but one access in a thousand.
    await approve(world, 1_000);
    await tick(world, rooms);
    await vacuum(world);
    const changes = await changesOf(world);
    const times = new Map<string, number[]>(changes.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const { name, make } of changes) {
        await make(round);
        times.get(name)?.push(await elapsedMs(() => tick(world, rooms)));
      }
    }
    const medians = [...times].map(([name, each]) => ({ name, ms: median(each) }));
    const slowest = medians.reduce((worst, each) => (each.ms > worst.ms ? each : worst));
    ground.say(`  ${medians.map(({ name, ms }) => `${name} ${ms.toFixed(0)} ms`).join(', ')}`);
    const population = `${people.toLocaleString('en')} people and ${grants.toLocaleString('en')} grants`;
    return [
      within(0.2, {
        name: 'checks-change',
        says: `all checks over ${population} after one change, the slowest kind (${slowest.name})`,
        value: slowest.ms / 1000,
        unit: 's',
      }),
      within(2, {
        name: 'checks-nothing',
        says: `all checks over ${population} from nothing`,
        value: median(await fromNothing(world)) / 1000,
        unit: 's',
      }),
    ];
  },
};

interface Change {
  readonly name: string;
  make(round: number): Promise<void>;
}

/** One small change of each kind that checks wait for. */
async function changesOf(world: BenchWorld): Promise<readonly Change[]> {
  const { db } = world.database;
  const { rows } = await sql<{ person: string; account: string; grant: string }>`
    select person.id as person, account.id as account,
      (select id from access_grant where account_id = account.id limit 1) as grant
    from account join person on person.id = account.person_id order by account.name limit 100`.execute(
    db,
  );
  const at = (round: number, kind: number) => rows[round * 4 + kind] as (typeof rows)[number];
  const must = async (answer: Promise<{ readonly ok: boolean }>): Promise<void> => {
    if (!(await answer).ok) throw new Error('a change was refused');
  };
  const { officer } = world;
  return [
    {
      name: 'somebody leaves',
      make: (round) =>
        must(
          execute(
            world,
            personFlow,
            { do: 'endEmployment', id: at(round, 0).person, endsOn: '2025-03-31' },
            officer,
          ),
        ),
    },
    {
      name: 'an account becomes nobody’s',
      make: (round) =>
        must(
          execute(
            world,
            accountFlow,
            { do: 'linkAccount', id: at(round, 1).account, personId: null },
            officer,
          ),
        ),
    },
    {
      name: 'a grant ends',
      make: (round) =>
        must(execute(world, grantFlow, { do: 'endGrant', id: at(round, 2).grant }, officer)),
    },
  ];
}

/** All answers, findings and statuses thrown away, and made again. */
async function fromNothing(world: BenchWorld): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await world.database.pool.query(
      'truncate check_result, check_history, finding, promise_status, promise_status_change cascade',
    );
    times.push(await elapsedMs(() => judge(world, rooms)));
    await sequence(world);
  }
  return times;
}
