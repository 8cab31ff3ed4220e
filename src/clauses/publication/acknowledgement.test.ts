import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { contextFor, execute, executeAs } from '../../platform/execute.ts';
import { newestCheckpoint, readEntry } from '../../platform/ledger/reading.ts';
import { sequence } from '../../platform/ledger/sequencer.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Check } from '../../policy/check.ts';
import { compareFindings } from '../../registers/findings/store.ts';
import { everyoneAcknowledged, policyIsPublished } from './checks.ts';
import { publication } from './clause.ts';
import { publishFirstPolicy } from './first.ts';
import { acknowledgementFlow, officeFlow } from './flows.ts';
import { promisesInForce, promisesOfVersion, versionInForce } from './store.version.ts';

const person = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const officer = actorWith(person(1), 'security-officer', 'employee');
const engineer = actorWith(person(3), 'engineer', 'employee');
const system: Actor = { kind: 'system', id: 'tick' };

let world: TestWorld;
const clauses = ['access', 'people', 'publication'];

async function shippedTexts() {
  const texts = [];
  for (const clause of clauses) {
    for (const language of ['en', 'ja'] as const) {
      const markdown = await readFile(
        join(import.meta.dirname, '..', clause, `policy.${language}.md`),
        'utf8',
      );
      texts.push({ clause, language, markdown });
    }
  }
  return texts;
}

/** Runs what has fallen due, as the tick does. */
async function tick(): Promise<void> {
  const { rows } = await sql<{
    id: string;
    kind: string;
    subject: string;
    due_at: Temporal.Instant;
  }>`
    select id, kind, subject, due_at from obligation
    where done_at is null and due_at <= ${world.now()} order by due_at, id`.execute(
    world.database.db,
  );
  for (const row of rows) {
    const context = await contextFor(world, system);
    const room = { db: world.database.db, execute: executeAs(world, system), context };
    const handler = publication.obligations?.[row.kind];
    await handler?.(room, { id: row.id, kind: row.kind, subject: row.subject, dueAt: row.due_at });
    await sql`update obligation set done_at = ${world.now()} where id = ${row.id}`.execute(
      world.database.db,
    );
  }
}

async function react(type: string): Promise<void> {
  const context = await contextFor(world, system);
  const room = { db: world.database.db, execute: executeAs(world, system), context };
  await publication.reactions?.[type]?.(room, { entryIndex: 0, type, subject: 'x/y', body: {} });
}

async function violations(check: Check): Promise<string[]> {
  const { rows } = await check.violations(world.now(), 'Asia/Tokyo').execute(world.database.db);
  return rows.map((row) => row.subject_id);
}

async function count(
  table: 'task' | 'acknowledgement_request',
  where: ReturnType<typeof sql>,
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from ${sql.ref(table)} where ${where}`.execute(world.database.db);
  return rows[0]?.n ?? -1;
}

const openTasks = () =>
  count(
    'task',
    sql`kind = 'publication.acknowledge' and done_at is null and missed_at is null and cancelled_at is null`,
  );

/** Entries of a type about a subject, as the ledger holds them. */
async function entriesOf(
  type: string,
): Promise<readonly { subject: string; body: JsonObject; text: string }[]> {
  await sequence(world);
  const size = (await newestCheckpoint(world.database.db))?.size ?? 0;
  const read = await Promise.all(
    Array.from({ length: size }, (_, index) => readEntry(world.database.db, index)),
  );
  return read.flatMap((each) =>
    each?.entry.type === type ? [{ ...each.entry, text: JSON.stringify(each.entry) }] : [],
  );
}

beforeAll(async () => {
  world = await testWorld({ start: '2026-01-05T00:00:00Z' });
  await sql`
    insert into person (id, name, roles, starts_on, department) values
      (${person(1)}, 'Ono Officer', '{security-officer,employee}', '2020-01-01', 'Security'),
      (${person(2)}, 'Carla Commerce', '{commercial-officer,employee}', '2020-01-01', 'Sales'),
      (${person(3)}, 'Ed Engineer', '{engineer,employee}', '2021-01-01', 'Engineering'),
      (${person(4)}, 'Sam Support', '{support,employee}', '2021-01-01', 'Support'),
      (${person(5)}, 'Lea Left', '{employee}', '2019-01-01', 'Support')`.execute(world.database.db);
  await sql`update person set ends_on = '2025-12-31' where id = ${person(5)}`.execute(
    world.database.db,
  );
});

describe('the first policy', () => {
  it('is unknown before it is published', async () => {
    expect(await everyoneAcknowledged.sources?.(world.database.db, world.now())).toMatchObject([
      { readAt: null },
    ]);
    expect(await violations(policyIsPublished)).toEqual(['en', 'ja']);
    expect(await promisesInForce(world.database.db)).toBe(null);
  });

  it('is drafted by Kept from what ships, and approved by the administrator', async () => {
    const texts = await shippedTexts();
    const upholders = [{ promise: 'ACC-5', upholder: 'duty access.review', kind: 'duty' as const }];
    const declare = () => execute(world, officeFlow, { do: 'declare', texts, upholders }, system);
    expect(await declare()).toMatchObject({ ok: true, value: [{ type: 'PolicyDeclared' }] });
    expect(await declare()).toEqual({ ok: true, value: [] });
    const published = await publishFirstPolicy(
      { asSystem: executeAs(world, system), asApprover: executeAs(world, officer) },
      { languages: ['en', 'ja'], name: { en: 'Example Engineering', ja: '株式会社サンプル' } },
    );
    expect(published).toMatchObject({ ok: true });
    await react('PolicyPublished');
    const version = await versionInForce(world.database.db);
    expect(version).toMatchObject({
      number: 1,
      state: 'published',
      effectiveOn: Temporal.PlainDate.from('2026-01-05'),
    });
    const promises = await promisesOfVersion(world.database.db, version?.id ?? '');
    expect(promises[4]).toMatchObject({
      id: 'ACC-5',
      clause: 'access',
      upholders: ['duty access.review'],
    });
    expect(promises.map((promise) => promise.clause)).toEqual(
      promises.map(({ clause }) => clause).toSorted(),
    );
    expect(await violations(policyIsPublished)).toEqual([]);
  });

  it('asks everyone now on the staff, and nobody who left', async () => {
    expect(await openTasks()).toBe(4);
    expect(world.sent.map((effect) => effect.to)).toEqual([1, 2, 3, 4].map(person));
    expect(await violations(everyoneAcknowledged)).toEqual([]);
  });

  it("counts as the year's review, and opens the next", async () => {
    const { rows } = await sql<{ done: boolean; due_at: Temporal.Instant }>`
      select done_at is not null as done, due_at from task where kind = 'publication.policyReview' order by due_at
    `.execute(world.database.db);
    expect(rows.map((row) => [row.done, row.due_at.toString()])).toEqual([
      [true, '2026-01-05T00:00:00Z'],
      [false, '2027-01-05T15:00:00Z'],
    ]);
  });
});

describe('acknowledging (PEO-1)', () => {
  const acknowledge = async (actor: Actor, digest?: string) => {
    const version = await versionInForce(world.database.db);
    const command = {
      do: 'acknowledge',
      digest: digest ?? version?.digest ?? '',
      language: 'ja',
    } as const;
    return await execute(world, acknowledgementFlow, command, actor);
  };

  it('acknowledgedWithSecondFactor: is refused without one, by token too, and the attempt is on record', async () => {
    const without = { ...engineer, secondFactor: false } as Actor;
    expect(await acknowledge(without)).toMatchObject({
      ok: false,
      refusal: { code: 'secondFactorNeeded', guard: 'PEO-1' },
    });
    const token: Actor = {
      kind: 'token',
      id: person(9),
      roles: ['employee'],
      person: person(3),
      scope: null,
    };
    expect(await acknowledge(token)).toMatchObject({
      ok: false,
      refusal: { code: 'secondFactorNeeded' },
    });
    const refused = await entriesOf('GuardRefused');
    expect(refused.map((entry) => entry.subject)).toEqual(['promise/PEO-1', 'promise/PEO-1']);
  });

  it('is refused for a text other than the one in force', async () => {
    expect(await acknowledge(engineer, 'a'.repeat(64))).toMatchObject({
      ok: false,
      refusal: { code: 'textSuperseded' },
    });
  });

  it('stores version, digest, language and time, and closes the task; twice is once', async () => {
    expect(await acknowledge(engineer)).toMatchObject({
      ok: true,
      value: [{ type: 'PolicyAcknowledged', body: { number: 1, language: 'ja' } }],
    });
    expect(await acknowledge(engineer)).toEqual({ ok: true, value: [] });
    expect(await openTasks()).toBe(3);
  });

  it('reminds 7, 3 and 1 days before, once each, and only those who still owe', async () => {
    world.sent.length = 0;
    world.advance(Temporal.Instant.from('2026-01-12T00:30:00Z'));
    await tick();
    await tick();
    expect(world.sent).toMatchObject(
      [1, 2, 4].map((n) => ({
        to: person(n),
        template: 'publication.acknowledgementReminder',
        params: { days: 7 },
      })),
    );
    await acknowledge(officer);
    world.sent.length = 0;
    world.advance(Temporal.Instant.from('2026-01-16T00:30:00Z'));
    await tick();
    world.advance(Temporal.Instant.from('2026-01-18T00:30:00Z'));
    await tick();
    expect(world.sent.map((effect) => [effect.to, effect.params['days']])).toEqual([
      [person(2), 3],
      [person(4), 3],
      [person(2), 1],
      [person(4), 1],
    ]);
  });

  it('is broken by whoever is late, from the first moment after the last day', async () => {
    expect(
      await everyoneAcknowledged.nextChange?.(world.database.db, world.now(), 'Asia/Tokyo'),
    ).toEqual(Temporal.Instant.from('2026-01-19T15:00:00Z'));
    world.advance(Temporal.Instant.from('2026-01-19T14:59:00Z'));
    expect(await violations(everyoneAcknowledged)).toEqual([]);
    world.advance(Temporal.Instant.from('2026-01-19T15:00:00Z'));
    await tick();
    expect((await violations(everyoneAcknowledged)).toSorted()).toEqual([person(2), person(4)]);
    const compared = await world.database.db
      .transaction()
      .execute((tx) => compareFindings(tx, everyoneAcknowledged, world.now(), 'Asia/Tokyo'));
    expect(compared).toMatchObject({ examined: 4, violated: 2, opened: 2 });
    const { rows } = await sql<{ detail: unknown }>`select detail from finding limit 1`.execute(
      world.database.db,
    );
    expect(rows[0]?.detail).toEqual({ number: 1, dueOn: '2026-01-19' });
  });

  it('asks a newcomer by 14 days from the start, even when Kept learns of them late', async () => {
    await sql`
      insert into person (id, name, roles, starts_on) values
        (${person(6)}, 'Nell New', '{employee}', '2026-01-19'),
        (${person(7)}, 'Old Timer', '{employee}', '2015-04-01'),
        (${person(8)}, 'Fay Future', '{employee}', '2026-06-01')`.execute(world.database.db);
    await react('PersonRegistered');
    const { rows } = await sql<{ person_id: string; due_at: Temporal.Instant; because: string }>`
      select person_id, due_at, because from acknowledgement_request
      where person_id = any(${[6, 7, 8].map(person)}::uuid[]) order by 1`.execute(
      world.database.db,
    );
    expect(rows.map((row) => [row.person_id, row.due_at.toString(), row.because])).toEqual([
      [person(6), '2026-02-02T15:00:00Z', 'joined'],
      [person(7), '2026-02-03T15:00:00Z', 'joined'],
    ]);
  });

  it('asks nothing more of a leaver', async () => {
    await sql`update person set ends_on = '2026-01-19' where id = ${person(4)}`.execute(
      world.database.db,
    );
    const before = await openTasks();
    await react('EmploymentEnded');
    expect(await openTasks()).toBe(before - 1);
    expect(await violations(everyoneAcknowledged)).toEqual([person(2)]);
  });

  it('is unknown once nobody has looked for a day and a half who joined', async () => {
    const [source] = (await everyoneAcknowledged.sources?.(world.database.db, world.now())) ?? [];
    expect(source).toMatchObject({ readAt: world.now(), staleAfterHours: 36 });
  });
});
