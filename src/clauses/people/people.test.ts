import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { contextFor, execute, executeAs } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import type { Check } from '../../policy/check.ts';
import { personFlow } from '../../registers/people/store.ts';
import { closeObligation, dueObligations } from '../../registers/tasks/obligations.ts';
import {
  accessRestsOnUndertakings,
  everyGrantStatesItsPurpose,
  everyoneHasSigned,
  everyoneIsTrained,
  leaversAreErased,
  leaversDisposedOfTheirs,
  sensitiveSystemsHaveStrictEntry,
} from './checks.ts';
import { questionsOf } from './facts.course.ts';
import {
  checklistFlow,
  courseFlow,
  disposalFlow,
  settingsFlow,
  trainingFlow,
  undertakingFlow,
} from './flows.ts';
import { obligations, reactions } from './obligations.ts';
import { publishShipped, shipped } from './shipped.ts';
import { newestVersion, textIn } from './store.course.ts';
import { attemptsAt, openTraining } from './store.training.ts';

const world = await testWorld();
const { db } = world.database;
const system: Actor = { kind: 'system', id: 'test' };
const person = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const team = actorWith(person(1), 'people', 'employee');
const officer = actorWith(person(2), 'security-officer', 'employee');
const worker = actorWith(person(3), 'employee');

await sql`
  insert into person (id, name, roles, manager_id, starts_on) values
    (${person(1)}, 'Pia People', '{people,employee}', null, null),
    (${person(2)}, 'Olga Officer', '{security-officer,employee}', null, null),
    (${person(3)}, 'Will Worker', '{employee}', ${person(1)}, '2020-02-29')`.execute(db);

const violations = async (check: Check) => {
  const { rows } = await check.violations(world.now(), 'Asia/Tokyo').execute(db);
  return rows.map((row) => row.subject_id).toSorted();
};
const examined = async (check: Check) =>
  (await check.population(world.now(), 'Asia/Tokyo').execute(db)).rows[0]?.examined;
const sourceOf = async (check: Check) =>
  (await check.sources?.(db, world.now()))?.[0]?.readAt ?? null;

/** Everything that is due is done, as the tick does it. */
async function drain(): Promise<void> {
  for (let round = 0; round < 400; round++) {
    const due = await dueObligations(db, world.now(), 50);
    if (due.length === 0) return;
    for (const each of due) {
      const context = await contextFor(world, system);
      await obligations[each.kind]?.({ db, execute: executeAs(world, system), context }, each);
      await closeObligation(db, each.id, world.now());
    }
  }
}
const react = async (type: string, subject = 'x', body = {}) =>
  reactions[type]?.(
    { db, execute: executeAs(world, system), context: await contextFor(world, system) },
    { entryIndex: 0, type, subject, body },
  );
const openTasks = async (kind: string) => {
  const { rows } = await sql<{
    assignee_id: string | null;
    role: string | null;
    due_at: Temporal.Instant;
  }>`
    select assignee_id, role, due_at from task where kind = ${kind} and done_at is null and cancelled_at is null
    order by assignee_id, due_at`.execute(db);
  return rows;
};
const to = async (instant: string) => {
  world.advance(Temporal.Instant.from(instant));
  await drain();
};

describe('publishing what ships', () => {
  it('before it nothing is known: unknown, never kept', async () => {
    for (const check of [
      everyoneHasSigned,
      accessRestsOnUndertakings,
      everyoneIsTrained,
      leaversDisposedOfTheirs,
    ])
      expect(await sourceOf(check)).toBe(null);
  });

  it('is for the people team, once', async () => {
    const missing = { ...shipped, checklists: true };
    expect(await publishShipped(executeAs(world, worker), missing)).toMatchObject({
      ok: false,
      refusal: { code: 'notAllowed' },
    });
    expect(await publishShipped(executeAs(world, team), missing)).toMatchObject({
      ok: true,
      value: { published: 10 },
    });
    await react('CoursePublished');
    expect(await sourceOf(everyoneIsTrained)).toEqual(world.now());
    expect(await examined(everyoneIsTrained)).toBe(3);
  });

  it('asks everyone on the staff for each signature and each course', async () => {
    expect((await openTasks('people.signUndertaking')).length).toBe(6);
    expect((await openTasks('people.acknowledgeGuidance')).length).toBe(3);
    expect((await openTasks('people.training')).map((task) => task.due_at.toString())).toEqual(
      Array.from({ length: 6 }, () => '2026-02-04T15:00:00Z'),
    );
    expect(world.sent.map(({ template }) => template)).toContain('people.trainingAssigned');
    await react('CoursePublished');
    expect((await openTasks('people.training')).length).toBe(6);
  });
});

async function undertaking(document: string) {
  const { rows } = await sql<{ id: string; digest: string }>`
    select id, digest from undertaking_version where document = ${document} order by number desc limit 1`.execute(
    db,
  );
  return rows[0] ?? { id: '', digest: '' };
}
const sign = async (actor: Actor, document: string, name?: string) => {
  const { id: versionId, digest } = await undertaking(document);
  const command = {
    do: 'sign',
    versionId,
    digest,
    language: 'ja',
    ...(name ? { name } : {}),
  } as const;
  return await execute(world, undertakingFlow, command, actor);
};

describe('undertakings (PEO-4)', () => {
  it('signedWithSecondFactor: without one the signature is refused, and the attempt is on record', async () => {
    const without = { ...worker, secondFactor: false } as Actor;
    expect(await sign(without, 'confidentiality', 'Will Worker')).toMatchObject({
      ok: false,
      refusal: { code: 'signatureNeedsSecondFactor', guard: 'PEO-4' },
    });
  });

  it('are signed with the registered name typed, in the version that was read; twice is once', async () => {
    expect(await sign(worker, 'confidentiality', 'Bill Worker')).toMatchObject({
      ok: false,
      refusal: { code: 'nameDiffers' },
    });
    expect(await sign(worker, 'confidentiality', 'will  worker')).toMatchObject({
      ok: true,
      value: [{ type: 'UndertakingSigned', body: { number: 1, secondFactor: true } }],
    });
    expect(await sign(worker, 'confidentiality', 'will worker')).toEqual({ ok: true, value: [] });
    expect((await openTasks('people.signUndertaking')).length).toBe(5);
  });

  it('noRoleWithoutUndertaking: a role needs all of them', async () => {
    const give = () =>
      execute(
        world,
        personFlow,
        {
          do: 'updatePerson',
          id: person(3),
          version: 1,
          changes: { roles: ['employee', 'support'] },
        },
        officer,
      );
    expect(await give()).toMatchObject({
      ok: false,
      refusal: { code: 'noUndertaking', guard: 'PEO-4' },
    });
    await sign(worker, 'information-security', 'Will Worker');
    expect(await give()).toMatchObject({ ok: true });
  });

  it('on paper: filed as PDF with a witness who is not the signer; only its digest is public', async () => {
    const { id: versionId } = await undertaking('confidentiality');
    const paper = Buffer.from('%PDF-1.7 signed').toString('base64');
    const file = (given: object) =>
      execute(
        world,
        undertakingFlow,
        {
          do: 'file',
          personId: person(2),
          versionId,
          language: 'en',
          signedOn: '2026-01-04',
          witnessId: person(1),
          paper,
          ...given,
        },
        team,
      );
    expect(await file({ witnessId: person(2) })).toMatchObject({
      refusal: { code: 'witnessIsSigner' },
    });
    expect(await file({ paper: Buffer.from('hello').toString('base64') })).toMatchObject({
      refusal: { code: 'paperIsNoPdf' },
    });
    expect(await file({ signedOn: '2027-01-01' })).toMatchObject({
      refusal: { code: 'signedInFuture' },
    });
    const filed = await file({});
    expect(filed).toMatchObject({
      ok: true,
      value: [{ type: 'UndertakingFiled', body: { witness: person(1) } }],
    });
    expect(JSON.stringify(filed.ok && filed.value[0]?.body)).not.toMatch(/Olga|Blob/);
    expect(await file({})).toMatchObject({ refusal: { code: 'alreadySigned' } });
  });

  it('everyoneHasSigned is broken by who is late, from the first moment after the last day', async () => {
    expect(await everyoneHasSigned.nextChange?.(db, world.now(), 'Asia/Tokyo')).toEqual(
      Temporal.Instant.from('2026-01-19T15:00:00Z'),
    );
    await to('2026-01-19T14:59:00Z');
    expect(await violations(everyoneHasSigned)).toEqual([]);
    await to('2026-01-19T15:00:00Z');
    expect(await violations(everyoneHasSigned)).toEqual([person(1), person(2)]);
    await sign(team, 'confidentiality', 'Pia People');
    await sign(team, 'information-security', 'Pia People');
    expect(await violations(everyoneHasSigned)).toEqual([person(2)]);
  });

  it('accessRestsOnUndertakings counts the grants of who is late', async () => {
    const [systemId, account, entitlement] = [person(50), person(51), person(52)];
    await sql`insert into system (id, key, name, classification, single_sign_on, second_factor, owner_id)
      values (${systemId}, 'erp', 'ERP', 'restricted', true, null, ${person(1)})`.execute(db);
    await sql`insert into account (id, system_id, name, person_id) values (${account}, ${systemId}, 'olga', ${person(2)})`.execute(
      db,
    );
    await sql`insert into entitlement (id, system_id, name) values (${entitlement}, ${systemId}, 'read')`.execute(
      db,
    );
    await sql`insert into access_grant (id, account_id, entitlement_id, system_id, purpose, granted_at)
      values (${person(53)}, ${account}, ${entitlement}, ${systemId}, ' ', ${world.now()})`.execute(
      db,
    );
    expect(await violations(accessRestsOnUndertakings)).toEqual([person(2)]);
    await sign(officer, 'information-security', 'Olga Officer');
    expect(await violations(accessRestsOnUndertakings)).toEqual([]);
  });

  it('everyGrantStatesItsPurpose finds the grant without one (PEO-2)', async () => {
    expect(await examined(everyGrantStatesItsPurpose)).toBe(1);
    expect(await violations(everyGrantStatesItsPurpose)).toEqual([person(51)]);
    await sql`update access_grant set purpose = 'closing the books'`.execute(db);
    expect(await violations(everyGrantStatesItsPurpose)).toEqual([]);
  });

  it('sensitiveSystemsHaveStrictEntry: unknown entry is not a strict one (PEO-6)', async () => {
    expect(await violations(sensitiveSystemsHaveStrictEntry)).toEqual([person(50)]);
    await sql`update system set second_factor = true`.execute(db);
    expect(await violations(sensitiveSystemsHaveStrictEntry)).toEqual([]);
  });

  it('a version that binds is asked of everyone again; one that does not is asked of nobody', async () => {
    const publish = (asksAgain: boolean, en: string) =>
      execute(
        world,
        undertakingFlow,
        {
          do: 'publish',
          document: 'confidentiality',
          kind: 'undertaking',
          titles: { en: 'C', ja: '機' },
          texts: { en, ja: en },
          asksAgain,
          signDays: 7,
        },
        team,
      );
    await publish(false, 'a word less');
    await react('UndertakingPublished');
    expect((await openTasks('people.signUndertaking')).length).toBe(0);
    await publish(true, 'another sense');
    await react('UndertakingPublished');
    expect((await openTasks('people.signUndertaking')).length).toBe(3);
    for (const [actor, name] of [
      [team, 'Pia People'],
      [officer, 'Olga Officer'],
      [worker, 'Will Worker'],
    ] as const)
      expect(await sign(actor, 'confidentiality', name)).toMatchObject({ ok: true });
    expect(await publish(true, 'another sense')).toMatchObject({
      refusal: { code: 'nothingToPublish' },
    });
  });
});

const start = (actor: Actor, course = 'cyber-security') =>
  execute(world, trainingFlow, { do: 'startAttempt', course }, actor);
async function answer(actor: Actor, right: number, course = 'cyber-security') {
  const who = actor.kind === 'person' ? actor.id : '';
  const training = await openTraining(db, who, course);
  const [attempt] = await attemptsAt(db, training?.id ?? '');
  const version = await newestVersion(db, course);
  const pool = new Map(
    questionsOf(textIn(version as NonNullable<typeof version>, 'ja')).map((each) => [
      each.id,
      each,
    ]),
  );
  const answers = Object.fromEntries(
    (attempt?.questions ?? []).map(({ id }, n) => [
      id,
      n < right
        ? (pool.get(id)?.options ?? []).flatMap((option, at) => (option.right ? [at] : []))
        : [],
    ]),
  );
  return await execute(
    world,
    trainingFlow,
    { do: 'submitAttempt', attemptId: attempt?.id ?? person(99), answers },
    actor,
  );
}
const complete = async (actor: Actor, course: string) => {
  await start(actor, course);
  return await answer(actor, 10, course);
};

describe('training (PEO-5)', () => {
  it('a test is drawn once, marked by the server, and passed with four in five', async () => {
    expect(await start(worker)).toMatchObject({ ok: true, value: [{ type: 'AttemptStarted' }] });
    expect(await start(worker)).toEqual({ ok: true, value: [] });
    expect(await answer(worker, 7)).toMatchObject({
      ok: true,
      value: [{ type: 'AttemptMarked', body: { score: 7, asked: 10, passed: false } }],
    });
    expect(await answer(worker, 10)).toMatchObject({ refusal: { code: 'attemptMarked' } });
  });

  it('nobody hands in the test of another', async () => {
    await start(worker);
    const training = await openTraining(db, person(3), 'cyber-security');
    const [attempt] = await attemptsAt(db, training?.id ?? '');
    const command = { do: 'submitAttempt', attemptId: attempt?.id ?? '', answers: {} } as const;
    expect(await execute(world, trainingFlow, command, officer)).toMatchObject({
      refusal: { code: 'attemptOfOther' },
    });
    await answer(worker, 0);
  });

  it('after three attempts there is a pause of a day', async () => {
    await start(worker);
    await answer(worker, 0);
    expect(await start(worker)).toMatchObject({
      refusal: { code: 'attemptsExhausted', params: { hours: 24 } },
    });
    world.advance({ hours: 24 });
    await drain();
    expect(await start(worker)).toMatchObject({ ok: true });
  });

  it('passing completes the occurrence with its day, its score and a certificate, and closes the task', async () => {
    const passed = await answer(worker, 8);
    expect(passed).toMatchObject({
      ok: true,
      value: [
        { type: 'AttemptMarked' },
        { type: 'TrainingCompleted', body: { score: 8, asked: 10, on: '2026-01-21' } },
      ],
    });
    expect(JSON.stringify(passed.ok && passed.value[1]?.body)).not.toContain('Will');
    expect(await start(worker)).toMatchObject({ refusal: { code: 'courseNotOwed' } });
    expect((await openTasks('people.training')).length).toBe(5);
  });

  it('reminds 7, 3 and 1 days before, those who have not done it', async () => {
    for (const actor of [team, officer])
      expect(await complete(actor, 'handling')).toMatchObject({ ok: true });
    world.sent.length = 0;
    await to('2026-01-28T01:00:00Z');
    await drain();
    const reminded = world.sent.filter(({ template }) => template === 'people.trainingReminder');
    expect(reminded.map(({ to: who, params }) => [who, params['days']])).toEqual([
      [person(1), 7],
      [person(2), 7],
      [person(3), 7],
    ]);
  });

  it('everyoneIsTrained is broken by who put it off, and whole again once they did it', async () => {
    await complete(worker, 'handling');
    await complete(team, 'cyber-security');
    await to('2026-02-04T15:00:00Z');
    expect(await violations(everyoneIsTrained)).toEqual([person(2)]);
    await complete(officer, 'cyber-security');
    expect(await violations(everyoneIsTrained)).toEqual([]);
  });

  it('a year later the refresher is its own record; the first keeps its day', async () => {
    await to('2026-12-30T01:00:00Z');
    const refresher = await openTraining(db, person(3), 'cyber-security');
    expect(refresher?.dueOn.toString()).toBe('2027-01-21');
    world.advance({ hours: 48 });
    expect(await complete(worker, 'cyber-security')).toMatchObject({ ok: true });
    const { rows } = await sql<{ because: string; on: Temporal.PlainDate }>`
      select because, completed_on as on from training
      where person_id = ${person(3)} and course = 'cyber-security' and closed_as = 'completed' order by completed_on`.execute(
      db,
    );
    expect(rows.map(({ because, on }) => `${because} ${on}`)).toEqual([
      'introduction 2026-01-21',
      'refresher 2027-01-01',
    ]);
  });

  it('a new major version is asked of those who did an older one; a minor one of nobody', async () => {
    const { rows } = await sql<{ texts: { en: string; ja: string }; revision: number }>`
      select texts, revision from course_draft where course = 'cyber-security'`.execute(db);
    const texts = { en: `${rows[0]?.texts.en ?? ''}\n`, ja: rows[0]?.texts.ja ?? '' };
    const test = { draw: 10, passPercent: 80, attempts: 3, pauseHours: 24 };
    const save = await execute(
      world,
      courseFlow,
      { do: 'saveCourse', course: 'cyber-security', texts, revision: 1 },
      team,
    );
    expect(save).toMatchObject({ ok: true });
    await execute(
      world,
      courseFlow,
      { do: 'publishCourse', course: 'cyber-security', revision: 2, major: false, ...test },
      team,
    );
    await react('CoursePublished');
    expect(await openTraining(db, person(3), 'cyber-security')).toBe(null);
    await execute(
      world,
      courseFlow,
      { do: 'publishCourse', course: 'cyber-security', revision: 2, major: true, ...test },
      team,
    );
    await react('CoursePublished');
    expect((await openTraining(db, person(3), 'cyber-security'))?.dueOn.toString()).toBe(
      '2027-01-31',
    );
    const small = {
      do: 'publishCourse',
      course: 'cyber-security',
      revision: 2,
      major: true,
      ...test,
      draw: 99,
    } as const;
    expect(await execute(world, courseFlow, small, team)).toMatchObject({
      refusal: { code: 'poolTooSmall' },
    });
  });
});

describe('joiners, movers, leavers', () => {
  let joiner = '';
  const register = async (startsOn: string) => {
    const done = await execute(
      world,
      personFlow,
      personFlow.command.parse({
        do: 'registerPerson',
        person: { name: 'Jo Joiner', managerId: person(3), startsOn },
      }),
      team,
    );
    return done.ok ? (done.value[0]?.subject.split('/')[1] ?? '') : '';
  };
  const items = async (kind: string) => {
    const { rows } = await sql<{ id: string; due_on: Temporal.PlainDate; owner: string }>`
      select i.id, i.due_on, i.owner from checklist_item i join checklist c on c.id = i.checklist_id
      where c.person_id = ${joiner} and c.kind = ${kind} and c.closed_at is null order by i.position`.execute(
      db,
    );
    return rows;
  };

  it('a joiner gets the checklist of joiners, dated from the first day', async () => {
    joiner = await register('2027-01-25');
    await react('PersonRegistered', `person/${joiner}`);
    const [first, , sign1] = await items('joiner');
    expect([first?.due_on.toString(), sign1?.due_on.toString()]).toEqual([
      '2027-01-22',
      '2027-01-26',
    ]);
    await react('PersonRegistered', `person/${joiner}`);
    expect((await items('joiner')).length).toBe(8);
  });

  it('items are done by their owner or the people team, and by nobody else', async () => {
    const [prepare] = await items('joiner');
    const done = (actor: Actor) =>
      execute(world, checklistFlow, { do: 'completeItem', itemId: prepare?.id ?? '' }, actor);
    expect(await done(actorWith(joiner, 'employee'))).toMatchObject({
      refusal: { code: 'itemNotYours' },
    });
    expect(await done(worker)).toMatchObject({ ok: true, value: [{ type: 'ChecklistItemDone' }] });
    expect(await done(team)).toEqual({ ok: true, value: [] });
    for (const { id } of await items('joiner'))
      await execute(world, checklistFlow, { do: 'completeItem', itemId: id }, team);
    expect((await items('joiner')).length).toBe(0);
  });

  it('a mover gets theirs when department, manager or roles change, but not while joining', async () => {
    await react('PersonUpdated', `person/${joiner}`, { changed: ['department'] });
    expect((await items('mover')).length).toBe(0);
    await to('2027-03-10T01:00:00Z');
    await react('PersonUpdated', `person/${joiner}`, { changed: ['name'] });
    expect((await items('mover')).length).toBe(0);
    await react('PersonUpdated', `person/${joiner}`, { changed: ['department'] });
    expect((await items('mover')).map(({ due_on }) => due_on.toString())[0]).toBe('2027-03-17');
  });

  it('a leaver’s moves with the last day, and goes with its withdrawal', async () => {
    const end = async (endsOn: string | null) => {
      await execute(world, personFlow, { do: 'endEmployment', id: joiner, endsOn }, team);
      await react(endsOn ? 'EmploymentEnded' : 'EmploymentContinued', `person/${joiner}`);
    };
    await end('2027-04-01');
    expect((await items('leaver'))[0]?.due_on.toString()).toBe('2027-03-22');
    await end('2027-04-05');
    expect((await items('leaver'))[0]?.due_on.toString()).toBe('2027-03-26');
    const tasks = await openTasks('people.leaverItem');
    expect(tasks.map(({ due_at }) => due_at.toString())).toContain('2027-03-26T15:00:00Z');
    await end(null);
    expect(await items('leaver')).toEqual([]);
    expect(await openTasks('people.leaverItem')).toEqual([]);
    await end('2027-03-31');
    expect((await items('leaver')).length).toBe(6);
  });

  const record = (actor: Actor, given: object = {}) =>
    execute(
      world,
      disposalFlow,
      {
        do: 'recordDisposal',
        medium: 'paper',
        what: 'notes',
        method: 'destroy',
        how: 'shredded',
        disposedOn: '2027-03-31',
        holderId: joiner,
        witnessId: person(1),
        ...given,
      },
      actor,
    );

  it('leaversDisposedOfTheirs (PEO-3): what they had is on the register, or they are a violation', async () => {
    await to('2027-04-08T01:00:00Z');
    expect(await violations(leaversDisposedOfTheirs)).toEqual([joiner]);
    expect(await record(worker)).toMatchObject({ refusal: { code: 'disposalNotYours' } });
    expect(await record(team, { method: 'clear' })).toMatchObject({
      refusal: { code: 'methodUnfit' },
    });
    expect(await record(team, { witnessId: null })).toMatchObject({
      refusal: { code: 'witnessNeeded' },
    });
    expect(await record(team)).toMatchObject({
      ok: true,
      value: [{ type: 'DisposalRecorded', body: { method: 'destroy' } }],
    });
    expect(await violations(leaversDisposedOfTheirs)).toEqual([]);
  });

  it('witnessIsAnother (PEO-3): nobody witnesses their own disposal, and the attempt is on record', async () => {
    expect(await record(team, { witnessId: joiner })).toMatchObject({
      refusal: { code: 'witnessIsHolder', guard: 'PEO-3' },
    });
  });

  it('who a leaver was is erased on its day; what blocks it is noted and tried again', async () => {
    await execute(
      world,
      settingsFlow,
      {
        do: 'changeSettings',
        settings: {
          introductionDays: 30,
          refresherMonths: 12,
          leadDays: 30,
          newVersionDays: 30,
          disposalDays: 7,
          erasureDays: 60,
        },
      },
      team,
    );
    await react('EmploymentEnded', `person/${joiner}`);
    await sql`insert into account (id, system_id, name, person_id) values (${person(61)}, ${person(50)}, 'jo', ${joiner})`.execute(
      db,
    );
    await sql`insert into observation (account_id, entitlement_id, system_id, first_seen_at)
      values (${person(61)}, ${person(52)}, ${person(50)}, ${world.now()})`.execute(db);
    await to('2027-06-01T01:00:00Z');
    const { rows } =
      await sql`select code, count from erasure_block where person_id = ${joiner}`.execute(db);
    expect(rows).toEqual([{ code: 'stillHoldsAccess', count: 1 }]);
    expect(await violations(leaversAreErased)).toEqual([]);
    await to('2027-06-16T01:00:00Z');
    expect(await violations(leaversAreErased)).toEqual([joiner]);
    await sql`update observation set gone_at = ${world.now()}`.execute(db);
    world.advance({ hours: 24 * 8 });
    await drain();
    expect(await violations(leaversAreErased)).toEqual([]);
    const { rows: erased } =
      await sql`select name, erased_at is not null as gone from person where id = ${joiner}`.execute(
        db,
      );
    expect(erased).toEqual([{ name: '', gone: true }]);
  });
});
