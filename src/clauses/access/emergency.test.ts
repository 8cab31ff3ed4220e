import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { contextFor, execute, executeAs } from '../../platform/execute.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import * as flows from './flows.ts';
import { obligations } from './obligations.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [olga, owen, ann, ben, erp, pay] = [1, 2, 3, 4, 11, 32].map(id) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const as = (person: string) => actorWith(person, 'employee');

/** Owen owns the ERP, Ann and Ben work with it, Olga is the officer. */
async function company(): Promise<TestWorld> {
  const world = await testWorld({ start: '2026-02-02T00:00:00Z' });
  const { db } = world.database;
  await sql`
    insert into person (id, name, email, roles) values
      (${olga}, 'Olga', 'olga@example.com', '{employee,security-officer}'),
      (${owen}, 'Owen', 'owen@example.com', '{employee}'),
      (${ann}, 'Ann', 'ann@example.com', '{employee}'),
      (${ben}, 'Ben', 'ben@example.com', '{employee}')`.execute(db);
  await sql`insert into system (id, key, name, owner_id) values (${erp}, 'erp', 'ERP', ${owen})`.execute(
    db,
  );
  await sql`
    insert into entitlement (id, system_id, name, privileged) values (${pay}, ${erp}, 'pay', true)`.execute(
    db,
  );
  return world;
}

type Refusable = { ok: boolean; refusal?: { code: string; guard?: string } };
function outcome(answer: Refusable): string {
  if (answer.ok) return 'done';
  return answer.refusal?.guard
    ? `${answer.refusal.code} (${answer.refusal.guard})`
    : (answer.refusal?.code ?? '');
}

/** Hands an obligation over as the tick would, twice: the second time must change nothing. */
async function due(world: TestWorld, kind: string, subject: string): Promise<void> {
  const kept = { kind: 'system', id: 'tick' } as const;
  const room = {
    db: world.database.db,
    execute: executeAs(world, kept),
    context: await contextFor(world, kept),
  };
  const handed = { id: id(1000), kind, subject, dueAt: world.now() };
  await obligations[kind]?.(room, handed);
  await obligations[kind]?.(room, handed);
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

describe('access in an emergency', () => {
  let world: TestWorld;
  let taken: string;
  const take = (who: string) =>
    execute(
      world,
      flows.takeEmergency,
      { entitlementId: pay, reason: 'outage', hours: 4 },
      as(who),
    );
  const review = (who: string) =>
    execute(world, flows.reviewEmergency, { id: taken, verdict: 'justified', note: 'ok' }, as(who));

  beforeAll(async () => {
    world = await company();
  });

  test('is taken only where the owner of the system offers it', async () => {
    expect(outcome(await take(ann))).toBe('notForEmergencies');
    const offer = { do: 'describe' as const, entitlementId: pay, description: 'Pays bills' };
    const command = { ...offer, requestable: true, emergency: true };
    expect(outcome(await execute(world, flows.changeOffer, command, as(ann)))).toBe(
      'notYourSystem',
    );
    expect(outcome(await execute(world, flows.changeOffer, command, as(owen)))).toBe('done');
  });

  test('is there at once; owner and officers are told now', async () => {
    const done = await take(ann);
    taken = (done.ok && done.value[0]?.subject.split('/')[1]) || '';
    expect(await facts(world)).toEqual(['Ann pay until 2026-02-02']);
    expect(world.sent.map((effect) => [effect.to, effect.template])).toEqual([
      [owen, 'access.emergencyTaken'],
      [olga, 'access.emergencyTaken'],
    ]);
    expect(outcome(await take(ann))).toBe('alreadyGranted');
    expect(outcome(await review(owen))).toBe('emergencyNotEnded');
  });

  test('ends by itself, is ordered to go, and waits for its review', async () => {
    await due(world, 'access.endEmergency', `emergency/${taken}`);
    expect(await facts(world)).toEqual(['Ann pay until 2026-02-02']);
    world.advance({ hours: 4 });
    await due(world, 'access.endEmergency', `emergency/${taken}`);
    expect(await facts(world)).toEqual(['Ann pay ended']);
    const { rows } = await sql<{ kind: string }>`
      select kind from revoke_order join revoke_origin on id = origin_id`.execute(
      world.database.db,
    );
    expect(rows).toEqual([{ kind: 'emergency' }]);
    expect(await tasks(world, 'access.reviewEmergency')).toEqual(['Owen open']);
  });

  test('ACC-4: nobody reviews their own; unreviewed it is missed, and may be reviewed late', async () => {
    expect(outcome(await review(ann))).toBe('ownEmergency (ACC-4)');
    expect(outcome(await review(ben))).toBe('notYourSystem');
    world.advance({ hours: 24 * 3 });
    await due(world, 'access.missEmergencyReview', `emergency/${taken}`);
    expect(await tasks(world, 'access.reviewEmergency')).toEqual(['Owen missed']);
    expect(outcome(await review(owen))).toBe('done');
    expect(outcome(await review(owen))).toBe('alreadyReviewed');
  });
});
