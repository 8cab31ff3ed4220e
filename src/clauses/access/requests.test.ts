import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { contextFor, execute, executeAs } from '../../platform/execute.ts';
import { newestCheckpoint, readEntry } from '../../platform/ledger/reading.ts';
import { sequence } from '../../platform/ledger/sequencer.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { readFlow } from '../../registers/accounts/store.reads.ts';
import * as flows from './flows.ts';
import { obligations, reactions } from './obligations.ts';
import { endAccess } from './store.leaving.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [olga, owen, ann, ben, erp, order, pay] = [1, 2, 3, 4, 11, 31, 32].map(id) as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
];
const as = (person: string) =>
  person === olga ? actorWith(olga, 'security-officer', 'employee') : actorWith(person, 'employee');
const kept = { kind: 'system', id: 'tick' } as const;

/** Owen owns the ERP, Ann and Ben work with it and Ann is Ben's manager, Olga is the officer. */
async function company(): Promise<TestWorld> {
  const world = await testWorld({ start: '2026-02-02T00:00:00Z' });
  const { db } = world.database;
  await sql`
    insert into person (id, name, email, roles, manager_id) values
      (${olga}, 'Olga', 'olga@example.com', '{employee,security-officer}', null),
      (${owen}, 'Owen', 'owen@example.com', '{employee}', null),
      (${ann}, 'Ann', 'ann@example.com', '{employee}', null),
      (${ben}, 'Ben', 'ben@example.com', '{employee}', ${ann})`.execute(db);
  await sql`insert into system (id, key, name, owner_id) values (${erp}, 'erp', 'ERP', ${owen})`.execute(
    db,
  );
  await sql`
    insert into entitlement (id, system_id, name, privileged) values
      (${order}, ${erp}, 'order', false), (${pay}, ${erp}, 'pay', true)`.execute(db);
  return world;
}

type Refusable = { ok: boolean; refusal?: { code: string; guard?: string } };
function outcome(answer: Refusable): string {
  if (answer.ok) return 'done';
  return answer.refusal?.guard
    ? `${answer.refusal.code} (${answer.refusal.guard})`
    : (answer.refusal?.code ?? '');
}

async function ask(
  world: TestWorld,
  who: string,
  entitlementId: string,
  more: { endsOn?: string; personId?: string } = {},
) {
  const command = { purpose: 'closing the books', endsOn: '2026-03-31', personId: null, ...more };
  const done = await execute(world, flows.askAccess, { entitlementId, ...command }, as(who));
  return { said: outcome(done), id: (done.ok && done.value[0]?.subject.split('/')[1]) || '' };
}

async function decide(
  world: TestWorld,
  who: string,
  decision: 'approve' | 'refuse',
  ...ids: string[]
) {
  const reason = decision === 'refuse' ? 'not needed' : '';
  return execute(world, flows.decideRequests, { ids, decision, reason }, as(who));
}

async function read(world: TestWorld, lines: readonly string[]): Promise<void> {
  const pairs = lines.map((line) => line.split(' ') as [string, string]);
  const accounts = [...new Set(pairs.map(([account]) => account))];
  const names = ['order', 'pay'];
  const command = {
    do: 'recordRead' as const,
    system: 'erp',
    source: 'test',
    complete: true,
    empty: true,
    accounts: accounts.map((name) => ({ name })),
    entitlements: [{ name: 'order' }, { name: 'pay', privileged: true }],
    pairs: pairs.flatMap(([account, name]) => [accounts.indexOf(account), names.indexOf(name)]),
  };
  const done = await execute(world, readFlow, command, as(olga));
  if (!done.ok) throw new Error(done.refusal.code);
  await react(world, 'AccessObserved', `system/${erp}`);
}

async function room(world: TestWorld) {
  const context = await contextFor(world, kept);
  return { db: world.database.db, execute: executeAs(world, kept), context };
}

async function react(world: TestWorld, type: string, subject: string): Promise<void> {
  await reactions[type]?.(await room(world), { entryIndex: 0, type, subject, body: {} });
}

/** Hands an obligation over as the tick would, twice: the second time must change nothing. */
async function due(world: TestWorld, kind: string, subject: string): Promise<void> {
  const handed = { id: id(1000), kind, subject, dueAt: world.now() };
  await obligations[kind]?.(await room(world), handed);
  await obligations[kind]?.(await room(world), handed);
}

async function facts(world: TestWorld) {
  const { rows } = await sql<{ line: string }>`
    select concat_ws(' ', person.name, entitlement.name, case when revoked_at is null then 'until ' || access_grant.ends_on else 'ended' end) as line
    from access_grant join account on account.id = account_id join person on person.id = account.person_id
    join entitlement on entitlement.id = entitlement_id order by granted_at, 1`.execute(
    world.database.db,
  );
  return rows.map(({ line }) => line);
}

const tasks = async (world: TestWorld, kind: string) =>
  (
    await sql<{ line: string }>`
      select concat_ws(' ', coalesce(person.name, role), case when done_at is not null then 'done'
        when cancelled_at is not null then 'cancelled' when missed_at is not null then 'missed' else 'open' end) as line
      from task left join person on person.id = assignee_id where kind = ${kind} order by opened_at, task.id`.execute(
      world.database.db,
    )
  ).rows.map(({ line }) => line);

/** Refusals of guards as they stand in the ledger: promise and code. */
async function guarded(world: TestWorld) {
  await sequence(world);
  const { size } = (await newestCheckpoint(world.database.db)) ?? { size: 0 };
  const all = await Promise.all(
    Array.from({ length: size }, (_, index) => readEntry(world.database.db, index)),
  );
  return all.flatMap((read) =>
    read?.entry.type === 'GuardRefused'
      ? [`${read.entry.body['promise']} ${read.entry.body['code']}`]
      : [],
  );
}

describe('ACC-4: access by need', () => {
  let world: TestWorld;
  let request: string;
  beforeAll(async () => {
    world = await company();
  });

  test('is asked for, with a purpose and an end, of the owner of the system', async () => {
    const asked = await ask(world, ann, order);
    expect(asked.said).toBe('done');
    request = asked.id;
    expect(await tasks(world, 'access.decideRequest')).toEqual(['Owen open']);
    expect(world.sent.map((effect) => [effect.to, effect.template])).toEqual([
      [owen, 'access.accessRequested'],
    ]);
    expect((await ask(world, ann, order)).said).toBe('alreadyAsked');
    expect((await ask(world, ann, pay, { endsOn: '2026-02-01' })).said).toBe('endInPast');
    expect((await ask(world, ann, pay, { endsOn: '2028-02-01' })).said).toBe('endTooFar');
    expect((await ask(world, ann, id(99))).said).toBe('entitlementUnknown');
    expect((await ask(world, ben, pay, { personId: ann })).said).toBe('notYourReport');
  });

  test('nobodyApprovesTheirOwnAccess: neither who asks nor who would have it', async () => {
    expect(outcome(await decide(world, ann, 'approve', request))).toBe('ownRequest (ACC-4)');
    const forBen = await ask(world, ann, order, { personId: ben });
    expect(outcome(await decide(world, ann, 'approve', forBen.id))).toBe('ownRequest (ACC-4)');
    expect(outcome(await decide(world, ben, 'approve', forBen.id))).toBe('ownRequest (ACC-4)');
    // What the owner asks for themselves is for the role; the officer's own is for somebody else.
    const owens = await ask(world, owen, order);
    expect(await tasks(world, 'access.decideRequest')).toContain('security-officer open');
    expect(outcome(await decide(world, owen, 'approve', owens.id))).toBe('ownRequest (ACC-4)');
    expect(await guarded(world)).toHaveLength(4);
    expect(outcome(await decide(world, olga, 'refuse', forBen.id, owens.id))).toBe('done');
  });

  test('only whoever answers for the system decides', async () => {
    expect(outcome(await decide(world, ben, 'approve', request))).toBe('notYourRequests');
  });

  test('is granted until its day, on an account of the person’s own', async () => {
    expect(outcome(await decide(world, owen, 'approve', request))).toBe('done');
    expect(await facts(world)).toEqual(['Ann order until 2026-03-31']);
    expect(await tasks(world, 'access.decideRequest')).toContain('Owen done');
    expect(outcome(await decide(world, owen, 'approve', request))).toBe('notOpen');
    // The account that the grant expects is the one that the read finds.
    await read(world, ['ann@example.com order']);
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from account`.execute(world.database.db);
    expect(rows[0]?.n).toBe(1);
  });

  test('more time is asked for and given in the same way', async () => {
    expect((await ask(world, ann, order, { endsOn: '2026-03-31' })).said).toBe('alreadyGranted');
    const more = await ask(world, ann, order, { endsOn: '2026-04-30' });
    expect(more.said).toBe('done');
    expect(outcome(await decide(world, owen, 'approve', more.id))).toBe('done');
    expect(await facts(world)).toEqual(['Ann order ended', 'Ann order until 2026-04-30']);
  });

  test('its holder is told before the end; with the end it is ordered to go', async () => {
    const warned = () => world.sent.filter((effect) => effect.template === 'access.grantsEnding');
    world.advance(Temporal.Instant.from('2026-04-17T00:00:00Z'));
    await due(world, 'access.sweepGrants', 'grants/daily');
    expect(warned().map(({ to, params }) => [to, params['count'], params['day']])).toEqual([
      [ann, 1, '2026-04-30'],
    ]);
    world.advance(Temporal.Instant.from('2026-04-30T14:59:59Z'));
    await due(world, 'access.sweepGrants', 'grants/daily');
    expect(warned()).toHaveLength(2);
    expect(await facts(world)).toContain('Ann order until 2026-04-30');
    world.advance(Temporal.Instant.from('2026-04-30T15:00:00Z'));
    await due(world, 'access.sweepGrants', 'grants/daily');
    await react(world, 'GrantsExpired', 'grants/2026-05-01');
    expect(await facts(world)).toEqual(['Ann order ended', 'Ann order ended']);
    const orders = () =>
      sql<{ kind: string; proven: boolean }>`
        select kind, proven_at is not null as proven from revoke_order join revoke_origin on id = origin_id`.execute(
        world.database.db,
      );
    expect((await orders()).rows).toEqual([{ kind: 'expiry', proven: false }]);
    world.advance({ hours: 1 });
    await read(world, []);
    expect((await orders()).rows).toEqual([{ kind: 'expiry', proven: true }]);
  });
});

describe('ACC-4: noConflictingDuties', () => {
  test('is refused at asking and at approving, in one bulk act too, unless excepted', async () => {
    const world = await company();
    const both = [(await ask(world, ann, order)).id, (await ask(world, ann, pay)).id];
    const rule = { do: 'writeRule' as const, id: null, name: 'Order and pay', reason: 'four eyes' };
    const change = (command: Parameters<typeof flows.changeDuties.decide>[1], who = olga) =>
      execute(world, flows.changeDuties, command, as(who));
    const written = await change({ ...rule, firstId: order, secondId: pay, severity: 'forbid' });
    const ruleId = (written.ok && written.value[0]?.subject.split('/')[1]) || '';
    expect(
      outcome(await change({ ...rule, firstId: pay, secondId: order, severity: 'warn' })),
    ).toBe('ruleExists');
    expect(outcome(await decide(world, owen, 'approve', ...both))).toBe(
      'conflictingDuties (ACC-4)',
    );
    expect(outcome(await decide(world, owen, 'approve', both[0] ?? ''))).toBe('done');
    expect(outcome(await decide(world, owen, 'approve', both[1] ?? ''))).toBe(
      'conflictingDuties (ACC-4)',
    );
    expect((await ask(world, ben, order)).said).toBe('done');
    await sql`update access_request set state = 'withdrawn' where person_id = ${ann} and state = 'open'`.execute(
      world.database.db,
    );
    expect((await ask(world, ann, pay)).said).toBe('conflictingDuties (ACC-4)');
    const except = { do: 'except' as const, ruleId, reason: 'holidays', endsOn: '2026-02-28' };
    expect(outcome(await change({ ...except, personId: olga }))).toBe('ownException (ACC-4)');
    expect(outcome(await change({ ...except, personId: ann }))).toBe('done');
    expect((await ask(world, ann, pay)).said).toBe('done');
  });
});

describe('PEO-4: noAccessWithoutUndertaking', () => {
  test('who has not signed is left out of a bulk approval, and alone refused by the guard', async () => {
    const world = await company();
    const { db } = world.database;
    await sql`
      insert into undertaking_version (id, document, number, titles, texts, digest, binding, sign_days, published_at)
      values (${id(61)}, 'confidentiality', 1, '{}', '{}', ${'a'.repeat(64)}, true, 14, ${world.now()})`.execute(
      db,
    );
    await sql`
      insert into undertaking (id, person_id, version_id, document, number, digest, how, signed_at, filed_at, language)
      values (${id(62)}, ${ben}, ${id(61)}, 'confidentiality', 1, ${'a'.repeat(64)}, 'signed', ${world.now()},
        ${world.now()}, 'en')`.execute(db);
    const [anns, bens] = [await ask(world, ann, order), await ask(world, ben, order)];
    const done = await decide(world, owen, 'approve', anns.id, bens.id);
    expect(done.ok && done.value[0]?.body).toMatchObject({ count: 1, undertakingExcluded: 1 });
    expect(await facts(world)).toEqual(['Ben order until 2026-03-31']);
    expect(outcome(await decide(world, owen, 'approve', anns.id))).toBe('noUndertaking (PEO-4)');
    expect(await guarded(world)).toEqual(['PEO-4 noUndertaking']);
    expect(outcome(await decide(world, owen, 'refuse', anns.id))).toBe('done');
  });
});

describe('requests that nobody decides, and those of who leaves', () => {
  test('lapse by the clock, and the task counts as missed', async () => {
    const world = await company();
    const asked = await ask(world, ann, order);
    world.advance({ hours: 24 * 13 });
    await due(world, 'access.lapseRequest', `request/${asked.id}`);
    expect(await tasks(world, 'access.decideRequest')).toEqual(['Owen open']);
    world.advance({ hours: 24 });
    await due(world, 'access.lapseRequest', `request/${asked.id}`);
    expect(await tasks(world, 'access.decideRequest')).toEqual(['Owen missed']);
    expect(outcome(await decide(world, owen, 'approve', asked.id))).toBe('notOpen');
  });

  test('ACC-7: the leaver’s are withdrawn, and what they were to decide passes to the role', async () => {
    const world = await company();
    await ask(world, owen, order);
    const anns = await ask(world, ann, order);
    const context = await contextFor(world, kept);
    const taken = await world.database.db
      .transaction()
      .execute((tx) => endAccess(tx, owen, context));
    expect(taken).toMatchObject({ requests: 1, tasks: 1 });
    expect(await tasks(world, 'access.decideRequest')).toEqual([
      'security-officer cancelled',
      'security-officer open',
    ]);
    expect(outcome(await decide(world, olga, 'approve', anns.id))).toBe('done');
  });

  test('of somebody who is erased keep no prose', async () => {
    const world = await company();
    await ask(world, ann, order);
    await react(world, 'PersonErased', `person/${ann}`);
    const { rows } = await sql<{ purpose: string }>`select purpose from access_request`.execute(
      world.database.db,
    );
    expect(rows).toEqual([{ purpose: '' }]);
  });

  test('are withdrawn by who asked, and by nobody else', async () => {
    const world = await company();
    const asked = await ask(world, ann, order);
    const withdraw = (who: string) =>
      execute(world, flows.withdrawRequest, { id: asked.id }, as(who));
    expect(outcome(await withdraw(ben))).toBe('notYourRequests');
    expect(outcome(await withdraw(ann))).toBe('done');
    expect(outcome(await withdraw(ann))).toBe('notOpen');
    expect(await tasks(world, 'access.decideRequest')).toEqual(['Owen cancelled']);
  });
});

test('what is given back ends, and is ordered to go where it is still seen', async () => {
  const world = await company();
  await read(world, ['ann@example.com order']);
  const { rows } = await sql<{ id: string }>`select id from account`.execute(world.database.db);
  const back = (who: string) =>
    execute(world, flows.giveBack, { accountId: rows[0]?.id ?? '', entitlementId: order }, as(who));
  expect(outcome(await back(ben))).toBe('notYourAccess');
  expect(outcome(await back(ann))).toBe('done');
  const orders = await sql<{ kind: string }>`
    select kind from revoke_order join revoke_origin on id = origin_id`.execute(world.database.db);
  expect(orders.rows).toEqual([{ kind: 'return' }]);
});
