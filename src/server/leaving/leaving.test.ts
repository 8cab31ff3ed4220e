import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { execute, executeAs } from '../../platform/execute.ts';
import { issueInvitation, issueToken } from '../../platform/identity/identity.ts';
import { enrolledPerson, identityApp, registered } from '../../platform/identity/testing.ts';
import type { TestBrowser } from '../../platform/testing/browser.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { readFlow } from '../../registers/accounts/store.reads.ts';
import { personFlow } from '../../registers/people/store.ts';
import { beginRooms } from '../begin.ts';
import { rooms, sources } from '../composition.ts';
import { tick } from '../tick.ts';
import { leaversHoldNothingHere } from './check.ts';
import { leavingFlow } from './flow.ts';
import { leavingRoutes } from './routes.ts';

let world: TestWorld;
let browser: TestBrowser;
let leaver: string;
const system = { kind: 'system', id: 'test' } as const;
const flow = leavingFlow(() => rooms);

/** Somebody who holds one of each thing that Kept gives. */
beforeEach(async () => {
  // The code of an authenticator app is of the real time.
  world = await testWorld({ start: Temporal.Now.instant().toString() });
  const app = await identityApp(world);
  browser = app.browser();
  leaver = (await enrolledPerson(world, browser, 'Leaving Example', 'employee', 'engineer')).id;
  const token = { name: 'nightly', roles: ['employee'], days: 30, personId: leaver } as const;
  await issueToken(world, system, token);
  await issueInvitation(world, system, leaver);
  const ids = [world.newId(), world.newId(), world.newId(), world.newId()];
  const [systemId, account, entitlement, grant] = ids;
  const { db } = world.database;
  await sql`insert into system (id, key, name) values (${systemId}, 'erp', 'ERP')`.execute(db);
  await sql`
    insert into account (id, system_id, name, person_id) values (${account}, ${systemId}, 'leaving', ${leaver})`.execute(
    db,
  );
  await sql`
    insert into entitlement (id, system_id, name) values (${entitlement}, ${systemId}, 'clerk')`.execute(
    db,
  );
  await sql`
    insert into access_grant (id, account_id, entitlement_id, system_id, purpose, granted_at)
    values (${grant}, ${account}, ${entitlement}, ${systemId}, 'bookkeeping', ${world.now()})`.execute(
    db,
  );
});

async function held(): Promise<Record<string, number> | undefined> {
  const violations = leaversHoldNothingHere.violations(world.now(), 'Asia/Tokyo');
  const { rows } = await violations.execute(world.database.db);
  return rows[0]?.detail as Record<string, number> | undefined;
}

async function entries(type: string): Promise<readonly Record<string, unknown>[]> {
  const { rows } = await sql<{ bytes: Buffer }>`
    select bytes from ledger_entry where type = ${type} order by seq`.execute(world.database.db);
  return rows.map(({ bytes }) => JSON.parse(bytes.toString()).body);
}

const today = (): string => world.now().toZonedDateTimeISO('Asia/Tokyo').toPlainDate().toString();
const counts = { sessions: 1, tokens: 1, invitations: 1, roles: 2, grants: 1 };
const signedIn = async (): Promise<number> => (await browser.get('/api/v1/me')).status;

describe('ACC-7: leaversHoldNothingHere', () => {
  test('at the end of the last day everything goes, in one entry that counts it', async () => {
    await execute(world, personFlow, { do: 'endEmployment', id: leaver, endsOn: today() }, system);
    await tick(world, rooms);
    expect(await signedIn()).toBe(200);
    expect(await entries('AccessEnded')).toEqual([]);
    world.advance({ hours: 24 });
    expect(await held()).toEqual(counts);
    await tick(world, rooms);
    const [ended, ...more] = await entries('AccessEnded');
    expect(more).toEqual([]);
    expect(ended).toMatchObject({ trigger: 'endDate', counts });
    expect(ended?.['triggeredAt']).toMatch(/T15:00:00.000Z$/);
    expect(await held()).toBeUndefined();
    expect(await signedIn()).toBe(401);
    // Nothing is left to take, and nothing is written a second time.
    await beginRooms(world, rooms, sources);
    expect(await entries('AccessEnded')).toHaveLength(1);
  });

  test('the button ends employment today and is refused to who may not press it', async () => {
    const command = {
      do: 'endAccess',
      id: leaver,
      trigger: 'button',
      triggeredAt: world.now().toString(),
    } as const;
    const colleague = await registered(world, 'Engineer Example', 'engineer');
    const engineer = actorWith(colleague.id, 'engineer', 'employee');
    expect(await execute(world, flow, command, engineer)).toMatchObject({
      ok: false,
      refusal: { code: 'notAllowed' },
    });
    expect(await signedIn()).toBe(200);
    const { id } = await registered(world, 'Personnel Example', 'people');
    const officer = actorWith(id, 'people', 'security-officer');
    expect((await execute(world, flow, command, officer)).ok).toBe(true);
    expect(await signedIn()).toBe(401);
    expect(await entries('AccessEnded')).toMatchObject([{ trigger: 'button', counts }]);
    expect(await entries('EmploymentEnded')).toEqual([{ endsOn: today() }]);
    expect(await held()).toBeUndefined();
    // The rest of the last day is no loophole.
    expect((await issueInvitation(world, officer, leaver)).ok).toBe(false);
    const version = await versionOf(leaver);
    const given = await execute(
      world,
      personFlow,
      { do: 'updatePerson', id: leaver, version, changes: { roles: ['employee'] } },
      system,
    );
    expect(given).toMatchObject({ refusal: { code: 'personHasLeft' } });
  });

  test('an end date that passed while Kept did not run is caught up at start', async () => {
    await sql`update person set ends_on = ${today()}::date - 3 where id = ${leaver}`.execute(
      world.database.db,
    );
    expect(await held()).toEqual(counts);
    await beginRooms(world, rooms, sources);
    expect(await held()).toBeUndefined();
  });

  test('an end date that was moved takes nothing yet', async () => {
    const run = executeAs(world, system);
    await run(personFlow, { do: 'endEmployment', id: leaver, endsOn: today() });
    const later = Temporal.PlainDate.from(today()).add({ days: 30 }).toString();
    await run(personFlow, { do: 'endEmployment', id: leaver, endsOn: later });
    world.advance({ hours: 48 });
    await tick(world, rooms);
    expect(await entries('AccessEnded')).toEqual([]);
    await run(personFlow, { do: 'endEmployment', id: leaver, endsOn: null });
    world.advance({ hours: 24 * 40 });
    await tick(world, rooms);
    expect(await entries('AccessEnded')).toEqual([]);
    expect(await rolesOf(leaver)).toEqual(['employee', 'engineer']);
  });

  test('who comes back gets nothing back but may be invited again', async () => {
    const run = executeAs(world, system);
    const triggeredAt = world.now().toString();
    await run(flow, { do: 'endAccess', id: leaver, trigger: 'button', triggeredAt });
    expect((await run(personFlow, { do: 'endEmployment', id: leaver, endsOn: null })).ok).toBe(
      true,
    );
    expect(await signedIn()).toBe(401);
    expect(await rolesOf(leaver)).toEqual(['employee']);
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from access_grant where revoked_at is null`.execute(
      world.database.db,
    );
    expect(rows[0]?.n).toBe(0);
    expect((await issueInvitation(world, system, leaver)).ok).toBe(true);
  });
});

describe('the page of a leaver', () => {
  /** Reads the system as a connector would: what it shows, and that this is all. */
  async function read(pairs: number[]): Promise<void> {
    const recorded = await execute(
      world,
      readFlow,
      {
        do: 'recordRead',
        system: 'erp',
        source: 'test',
        complete: true,
        empty: pairs.length === 0,
        accounts: pairs.length > 0 ? [{ name: 'leaving' }] : [],
        entitlements: pairs.length > 0 ? [{ name: 'clerk' }] : [],
        pairs,
      },
      system,
    );
    expect(recorded).toMatchObject({ ok: true });
    await tick(world, rooms);
  }

  async function departure() {
    const { getDeparture } = leavingRoutes(flow);
    const request = { db: world.database.db } as Parameters<typeof getDeparture.handle>[0];
    const answer = await getDeparture.handle(request, { id: leaver });
    if (!('ok' in answer) || !answer.ok) throw new Error('no departure');
    return answer.value;
  }

  test('shows each system from ordered to proven gone, with the seconds from the trigger', async () => {
    await read([0, 0]);
    expect(await departure()).toMatchObject({
      departure: null,
      systems: [{ key: 'erp', held: 1 }],
    });
    world.advance({ minutes: 1 });
    const triggeredAt = world.now().toString();
    await execute(
      world,
      flow,
      { do: 'endAccess', id: leaver, trigger: 'button', triggeredAt },
      system,
    );
    expect(await departure()).toMatchObject({
      departure: { trigger: 'button', counts },
      systems: [{ key: 'erp', held: 1, orders: 2, proven: 0, seconds: null }],
      seconds: null,
    });
    world.advance({ minutes: 2 });
    await read([]);
    expect(await departure()).toMatchObject({
      systems: [{ key: 'erp', held: 0, orders: 2, proven: 2, seconds: 120 }],
      seconds: 120,
    });
  });
});

describe('suspension', () => {
  test('takes every way in and leaves what was given; lifted, an invitation is possible again', async () => {
    const run = executeAs(world, system);
    expect((await run(flow, { do: 'suspendAccess', id: leaver })).ok).toBe(true);
    expect(await signedIn()).toBe(401);
    expect(await issueInvitation(world, system, leaver)).toMatchObject({
      refusal: { code: 'personSuspended' },
    });
    expect(await rolesOf(leaver)).toEqual(['employee', 'engineer']);
    expect((await run(flow, { do: 'suspendAccess', id: leaver })).ok).toBe(true);
    expect(await entries('AccessSuspended')).toHaveLength(1);
    expect((await run(flow, { do: 'liftSuspension', id: leaver })).ok).toBe(true);
    expect(await signedIn()).toBe(401);
    expect((await issueInvitation(world, system, leaver)).ok).toBe(true);
  });
});

async function rolesOf(id: string): Promise<readonly string[]> {
  const { rows } = await sql<{ roles: string[] }>`
    select roles from person where id = ${id}`.execute(world.database.db);
  return [...(rows[0]?.roles ?? [])].sort();
}

async function versionOf(id: string): Promise<number> {
  const { rows } = await sql<{ version: number }>`
    select version from person where id = ${id}`.execute(world.database.db);
  return rows[0]?.version ?? 0;
}
