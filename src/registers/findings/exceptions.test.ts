import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { execute, executeAs } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import type { Check } from '../../policy/check.ts';
import type { Request } from '../../policy/route.ts';
import { exceptionEnds } from './facts.ts';
import { findingRoutes } from './routes.ts';
import { endExceptions, exceptionFlow } from './store.exceptions.ts';

const world = await testWorld();
const { db } = world.database;
const [owner, officer, subject] = [world.newId(), world.newId(), world.newId()];
await sql`
  insert into person (id, name) values (${owner}, 'Owner'), (${officer}, 'Officer'), (${subject}, 'Subject')`.execute(
  db,
);

async function finding(): Promise<string> {
  const id = world.newId();
  await sql`
    insert into finding (id, check_id, promise, subject_kind, subject_id, label, detail, owner_id, opened_at, due_at)
    values (${id}, 'leavers', 'ACC-7', 'person', ${subject}, 'Subject', '{"count": 3}', ${owner},
      ${world.now()}, ${world.now().add({ hours: 24 })})`.execute(db);
  return id;
}

const as = (id: string) => actorWith(id, 'security-officer');
const grant = (findingId: string, until: string) =>
  ({ do: 'grantException', findingId, until, reason: 'replaced next month' }) as const;

const checkOf = (id: string): Check | undefined =>
  id === 'leavers'
    ? ({
        finding: { en: '{label} holds {count}', ja: '{label}が{count}件' },
        path: '/console/people/{id}',
      } as unknown as Check)
    : undefined;

function request(language: 'en' | 'ja' = 'en'): Request {
  return {
    db,
    execute: executeAs(world, as(officer)),
    actor: as(officer),
    now: world.now(),
    zone: 'Asia/Tokyo',
    language,
    may: () => true,
    url: world.url,
  };
}

describe('exceptions of findings', () => {
  test('neither its owner, nor whom it is about, nor a program without a person grants one', async () => {
    const id = await finding();
    const refusal = { ok: false, refusal: { code: 'ownFinding' } };
    expect(await execute(world, exceptionFlow, grant(id, '2026-02-01'), as(owner))).toMatchObject(
      refusal,
    );
    expect(await execute(world, exceptionFlow, grant(id, '2026-02-01'), as(subject))).toMatchObject(
      refusal,
    );
    const program = {
      kind: 'token',
      id: 't',
      roles: ['security-officer'],
      person: null,
      scope: null,
    } as const;
    expect(await execute(world, exceptionFlow, grant(id, '2026-02-01'), program)).toMatchObject({
      ok: false,
      refusal: { code: 'approverNeeded' },
    });
    await sql`update finding set closed_at = ${world.now()} where id = ${id}`.execute(db);
    expect(await execute(world, exceptionFlow, grant(id, '2026-02-01'), as(officer))).toMatchObject(
      { ok: false, refusal: { code: 'findingClosed' } },
    );
  });

  test('it holds to the end of its day in the zone of the organisation, then ends by itself', async () => {
    const id = await finding();
    expect(await execute(world, exceptionFlow, grant(id, '2026-01-04'), as(officer))).toMatchObject(
      { ok: false, refusal: { code: 'untilPast' } },
    );
    expect(await execute(world, exceptionFlow, grant(id, '2027-02-01'), as(officer))).toMatchObject(
      { ok: false, refusal: { code: 'untilTooFar' } },
    );
    expect(await execute(world, exceptionFlow, grant(id, '2026-01-31'), as(officer))).toMatchObject(
      { ok: true },
    );
    expect(await execute(world, exceptionFlow, grant(id, '2026-01-10'), as(officer))).toMatchObject(
      { ok: true },
    );
    const { rows } = await sql<{ id: string; at: Temporal.Instant }>`
      select id, due_at as at from obligation where kind = ${exceptionEnds} and subject = ${`finding/${id}`} and done_at is null`.execute(
      db,
    );
    expect(rows.map(({ at }) => at.toString())).toEqual(['2026-01-10T15:00:00Z']);
    const state = async () => {
      const answer = await findingRoutes(checkOf).getFinding.handle(request(), { id });
      return 'stream' in answer || !answer.ok ? null : answer.value.state;
    };
    expect(await state()).toBe('excepted');
    world.advance(Temporal.Instant.from('2026-01-10T15:00:00Z'));
    expect(await state()).toBe('overdue');
    const system = { kind: 'system', id: 'tick' } as const;
    const context = {
      now: world.now(),
      actor: system,
      zone: 'Asia/Tokyo',
      newId: () => world.newId(),
    };
    const due = {
      id: rows[0]?.id ?? '',
      kind: exceptionEnds,
      subject: `finding/${id}`,
      dueAt: world.now(),
    };
    await endExceptions({ db, execute: executeAs(world, system), context }, due);
    await endExceptions({ db, execute: executeAs(world, system), context }, due);
    const left = await sql<{ ended: boolean }>`
      select excepted_until is null as ended from finding where id = ${id}`.execute(db);
    expect(left.rows).toEqual([{ ended: true }]);
    const end = { do: 'endException', findingId: id } as const;
    expect(await execute(world, exceptionFlow, end, system)).toMatchObject({
      ok: false,
      refusal: { code: 'noException' },
    });
  });

  test('a finding is said in the words of its check, in the reader’s language, with the way to act', async () => {
    const { listFindings } = findingRoutes(checkOf);
    const answer = await listFindings.handle(
      request('ja'),
      listFindings.input.parse({ state: 'standing' }),
    );
    expect(answer).toMatchObject({
      ok: true,
      value: {
        items: [{ sentence: 'Subjectが3件', path: `/console/people/${subject}`, owner: 'Owner' }],
      },
    });
  });
});
