import { sql } from 'kysely';
import { execute } from '../src/platform/execute.ts';
import { readFlow } from '../src/registers/accounts/store.reads.ts';
import { type BenchWorld, vacuum } from './ground.ts';
import type { Population } from './population.ts';

/** People of whom each has one account, in the order of the population's accounts. */
export async function hirePeople(world: BenchWorld, count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => world.newId());
  await sql`
    insert into person (id, name, email, department, starts_on, manager_id)
    select id, 'Person ' || n, 'u' || lpad(n::text, 6, '0') || '@example.com', 'Department ' || n % 40, '2024-04-01',
      ${world.officer.id}
    from unnest(${ids}::uuid[]) with ordinality as t (id, n)`.execute(world.database.db);
}

/** Lets Kept read a population as what a system shows, each account belonging to a person. */
export async function observe(world: BenchWorld, population: Population): Promise<void> {
  const { db } = world.database;
  await sql`
    insert into system (id, key, name, owner_id)
    values (${world.newId()}, 'erp', 'ERP', ${world.officer.id})`.execute(db);
  const read = await execute(
    world,
    readFlow,
    {
      do: 'recordRead',
      system: 'erp',
      source: 'bench',
      complete: true,
      empty: false,
      accounts: population.accounts.map((name) => ({ name, email: `${name}@example.com` })),
      entitlements: population.entitlements.map((name) => ({ name })),
      pairs: [...population.pairs],
    },
    world.officer,
  );
  if (!read.ok) throw new Error(`the population was not read: ${read.refusal.code}`);
}

/** Approves all that is observed, one in so many left out. */
export async function approve(world: BenchWorld, leaveOut: number): Promise<void> {
  await sql`
    insert into access_grant (id, account_id, entitlement_id, system_id, purpose, approver_id, granted_at)
    select md5(account_id || '/' || entitlement_id)::uuid, account_id, entitlement_id, system_id, 'Daily work',
      ${world.officer.id}, ${world.now()}
    from (select *, row_number() over () as n from observation) o
    where n % ${leaveOut}::int <> 0`.execute(world.database.db);
  await vacuum(world);
}
