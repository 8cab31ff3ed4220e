import { type RawBuilder, sql } from 'kysely';
import {
  type AccessFilters,
  accessConditions,
  accessList,
} from '../src/registers/accounts/list.grants.ts';
import { listPage } from '../src/registers/list.ts';
import { approve, hirePeople, observe } from './access.ts';
import type { Figure } from './figure.ts';
import type { BenchWorld } from './ground.ts';
import { large, populate } from './population.ts';
import { elapsedMs, quantile } from './rounds.ts';

const limit = 50;
const rounds = 5;
const today = Temporal.PlainDate.from('2026-06-01');

/** What somebody looks for in the list, as its query and as SQL written by hand. */
interface Question {
  readonly filters: AccessFilters;
  readonly q?: string;
  readonly sort: string;
  readonly where: RawBuilder<unknown>;
  readonly order: RawBuilder<unknown>;
  /** Pages asked for, as parts of the whole. */
  readonly pages: readonly number[];
}

const everywhere = [0, 0.1, 0.5, 0.999];

const questions: readonly Question[] = [
  { filters: {}, sort: 'account', where: sql`true`, order: sql`account.name`, pages: everywhere },
  {
    filters: {},
    sort: '-entitlement',
    where: sql`true`,
    order: sql`entitlement.name desc`,
    pages: everywhere,
  },
  {
    filters: { system: 'erp' },
    sort: 'person',
    where: sql`system.key = 'erp'`,
    order: sql`person.name`,
    pages: everywhere,
  },
  {
    filters: { department: 'Department 7' },
    sort: 'entitlement',
    where: sql`person.department = 'Department 7'`,
    order: sql`entitlement.name`,
    pages: everywhere,
  },
  {
    filters: { state: 'unapproved' },
    sort: 'observedSince',
    where: sql`access_grant.id is null`,
    order: sql`observation.first_seen_at`,
    pages: everywhere,
  },
  {
    filters: {},
    q: 'p0001',
    sort: '-account',
    where: sql`(account.name like '%p0001%' or lower(person.name) like '%p0001%' or entitlement.name like '%p0001%')`,
    order: sql`account.name desc`,
    pages: everywhere,
  },
];

/** Any page of a large list, however filtered and sorted, against the same question in SQL by hand. */
export const lists: Figure = {
  name: 'lists',
  async measure(ground) {
    const world = await ground.world('lists');
    await hirePeople(world, large.accounts);
    await observe(world, populate(large));
    await approve(world, 20);
    const ours: number[] = [];
    const hand: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      for (const question of questions) {
        const total = await countByHand(world, question);
        for (const part of question.pages) {
          const offset = Math.floor((total - 1) * part);
          const listMs = await elapsedMs(() => pageOfList(world, question, offset));
          const handMs = await elapsedMs(() => pageByHand(world, question, offset));
          // The first round fills the caches.
          if (round === 0) continue;
          ours.push(listMs);
          hand.push(handMs);
        }
      }
    }
    const [value, baseline] = [quantile(ours, 0.99), quantile(hand, 0.99)];
    return [
      {
        name: 'lists',
        says: `a page of ${large.pairs.toLocaleString('en')} grants, filtered and sorted, 99th of 100, against SQL by hand`,
        value,
        baseline,
        ratio: value / baseline,
        unit: 'ms',
        target: { of: 'ratio', atMost: 5 },
      },
    ];
  },
};

async function pageOfList(world: BenchWorld, question: Question, offset: number): Promise<void> {
  const { filters, q, sort } = question;
  const list = accessList(today, filters.state);
  const page = await listPage(
    world.database.db,
    list,
    { limit, offset, sort, q },
    accessConditions(filters, today),
  );
  if (!page.ok || page.value.items.length === 0)
    throw new Error(`no page of the list at ${offset}`);
}

const joined = sql`
  from observation
  join account on account.id = observation.account_id
  join entitlement on entitlement.id = observation.entitlement_id
  join system on system.id = observation.system_id
  left join person on person.id = account.person_id
  left join access_grant on access_grant.account_id = observation.account_id
    and access_grant.entitlement_id = observation.entitlement_id and access_grant.revoked_at is null
  left join person approver on approver.id = access_grant.approver_id`;

async function pageByHand(world: BenchWorld, question: Question, offset: number): Promise<void> {
  const page = sql`
    select account.id as account_id, account.name as account, account.kind, person.id as person_id,
      person.name as person, person.department, entitlement.id as entitlement_id, entitlement.name as entitlement,
      entitlement.privileged, system.key, system.name as system, observation.first_seen_at,
      access_grant.id as grant_id, access_grant.granted_at, approver.name as approver, access_grant.purpose
    ${joined}
    where observation.gone_at is null and ${question.where}
    order by ${question.order}, account.id, entitlement.id limit ${limit} offset ${offset}`;
  await Promise.all([page.execute(world.database.db), countByHand(world, question)]);
}

async function countByHand(world: BenchWorld, { where }: Question): Promise<number> {
  const { rows } = await sql<{ total: number }>`
    select count(*)::int as total ${joined} where observation.gone_at is null and ${where}`.execute(
    world.database.db,
  );
  return rows[0]?.total ?? 0;
}
