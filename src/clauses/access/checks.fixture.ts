import { sql } from 'kysely';
import { expect } from 'vitest';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Check } from '../../policy/check.ts';

/** Facts from outside as connections leave them, for the tests of the checks that judge them. */

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
export const [entraSystem, awsSystem, listedSystem] = [id(1), id(2), id(3)];
export const [ada, bo] = [id(11), id(12)];
export const zone = 'Asia/Tokyo';
export const now = Temporal.Instant.from('2026-11-23T09:00:00Z');
export const daysAgo = (days: number) => now.subtract({ hours: 24 * days });

let world: TestWorld;
let serial = 100;
/** An id that no test has had yet. */
export const nextId = () => id(serial++);
export const db = () => world.database.db;

/** Everything that a test here writes, in the order in which it can go. */
const tables = [
  'credential',
  'system_setting',
  'aspect_read',
  'read_gap',
  'connection',
  'access_grant',
  'observation',
  'account',
  'entitlement',
  'read',
  'system',
  'person',
];

/** A database of its own for each file of tests. */
export async function begin(): Promise<void> {
  world = await testWorld({ start: now.toString() });
}

/** Two people; Entra ID and AWS, connected and read in full; a system known by lists alone. */
export async function prepare(): Promise<void> {
  for (const table of tables) await sql`delete from ${sql.ref(table)}`.execute(db());
  await sql`insert into person (id, name, roles) values (${ada}, 'Ada', '{employee}'), (${bo}, 'Bo', '{employee}')`.execute(
    db(),
  );
  await sql`
    insert into system (id, key, name, single_sign_on) values (${entraSystem}, 'entra', 'Entra', false),
      (${awsSystem}, 'aws', 'AWS', null), (${listedSystem}, 'erp', 'ERP', null)`.execute(db());
  for (const [system, kind] of [
    [entraSystem, 'entra'],
    [awsSystem, 'aws'],
  ] as const) {
    await sql`
      insert into connection (id, system_id, kind, settings, secret, secret_at, every_hours, created_at)
      values (${nextId()}, ${system}, ${kind}, '{}', '', ${now}, 24, ${now})`.execute(db());
  }
  await readAspects(entraSystem, 'accounts', 'secondFactors', 'passwordPolicy');
  await readAspects(
    awsSystem,
    'accounts',
    'entitlements',
    'held',
    'secondFactors',
    'signIns',
    'credentials',
    'passwordPolicy',
    'root',
    'lastAccessed',
    'trust',
    'risks',
  );
}

export async function readAspects(system: string, ...aspects: readonly string[]): Promise<void> {
  await sql`
    insert into aspect_read (system_id, aspect, at)
    select ${system}, aspect, ${daysAgo(0)} from unnest(${aspects}::text[]) aspect`.execute(db());
}

export async function lack(system: string, aspect: string, permission: string): Promise<void> {
  await sql`
    insert into read_gap (system_id, aspect, permission, message, at)
    values (${system}, ${aspect}, ${permission}, 'refused', ${now})`.execute(db());
}

interface Account {
  readonly system?: string;
  readonly person?: string | null;
  readonly kind?: string;
  readonly active?: boolean;
  readonly factor?: boolean | null;
}

export async function account(name: string, facts: Account = {}): Promise<string> {
  const { system = awsSystem, person = null, kind = 'staff', active = true, factor = true } = facts;
  const accountId = nextId();
  const key = system === listedSystem ? null : name;
  await sql`
    insert into account (id, system_id, name, person_id, kind, source_key, active, second_factor)
    values (${accountId}, ${system}, ${name}, ${person}, ${kind}, ${key}, ${active}, ${factor})`.execute(
    db(),
  );
  return accountId;
}

export async function entitlement(name: string, ...risks: readonly string[]): Promise<string> {
  const entitlementId = nextId();
  await sql`
    insert into entitlement (id, system_id, name, source_key, risks)
    values (${entitlementId}, ${awsSystem}, ${name}, ${name}, ${risks}::text[])`.execute(db());
  return entitlementId;
}

export async function hold(
  accountId: string,
  entitlementId: string,
  system = awsSystem,
): Promise<void> {
  await sql`
    insert into observation (account_id, entitlement_id, system_id, first_seen_at)
    values (${accountId}, ${entitlementId}, ${system}, ${now})`.execute(db());
}

export async function setting(system: string, name: string, value: object): Promise<void> {
  await sql`
    insert into system_setting (system_id, name, value, at)
    values (${system}, ${name}, ${JSON.stringify(value)}::jsonb, ${now})`.execute(db());
}

interface Credential {
  readonly kind?: string;
  readonly key?: string;
  readonly made?: number | null;
  readonly used?: number | null;
  readonly active?: boolean;
}

export async function credential(
  accountId: string,
  name: string,
  facts: Credential = {},
): Promise<void> {
  const { kind = 'accessKey', key = name, made = 10, used = null, active = true } = facts;
  const at = (days: number | null) => (days === null ? null : daysAgo(days));
  await sql`
    insert into credential (id, system_id, account_id, key, kind, name, active, created_at, last_used_at)
    values (${nextId()}, ${awsSystem}, ${accountId}, ${key}, ${kind}, ${name}, ${active}, ${at(made)}, ${at(used)})`.execute(
    db(),
  );
}

/** What a check finds, as `label: reason`. */
export async function found(check: Check): Promise<readonly string[]> {
  const { rows } = await sql<{
    label: string;
    detail: { why?: string; names?: string; missing?: string };
  }>`
    select label, detail from (${check.violations(now, zone)}) found order by label collate "C"`.execute(
    db(),
  );
  return rows.map(
    ({ label, detail }) => `${label}: ${detail.why ?? detail.names ?? detail.missing}`,
  );
}

export async function examined(check: Check): Promise<number> {
  const { rows } = await check.population(now, zone).execute(db());
  return rows[0]?.examined ?? -1;
}

/** Names of sources that were never read: what makes the answer unknown. */
export async function unread(check: Check): Promise<readonly string[]> {
  const sources = (await check.sources?.(db(), now)) ?? [];
  expect(sources).not.toEqual([]);
  return sources.filter(({ readAt }) => readAt === null).map(({ name }) => name);
}
