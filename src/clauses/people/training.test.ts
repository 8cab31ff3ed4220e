import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { execute } from '../../platform/execute.ts';
import { everyoneIsTrained } from './checks.ts';
import {
  begin,
  db,
  drain,
  officer,
  openTasks,
  person,
  react,
  team,
  to,
  violations,
  worker,
  world,
} from './company.test.ts';
import { questionsOf } from './facts.course.ts';
import { courseFlow, trainingFlow } from './flows.ts';
import { newestVersion, textIn } from './store.course.ts';
import { latenessTask } from './store.lateness.ts';
import { attemptsAt, openTraining } from './store.training.ts';

beforeAll(async () => {
  await begin();
  await to('2026-01-19T15:00:00Z');
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

  it('a manager hears once that somebody is late, and a new manager anew', async () => {
    const manages = (manager: string | null) =>
      sql`update person set manager_id = ${manager} where id = ${person(2)}`.execute(db);
    const lateOnes = async () =>
      (await openTasks(latenessTask)).map(({ assignee_id }) => assignee_id);
    const mails = () => world.sent.filter(({ template }) => template === 'people.trainingLate');
    await complete(worker, 'handling');
    await complete(team, 'cyber-security');
    await manages(person(1));
    world.sent.length = 0;
    await to('2026-02-04T14:00:00Z');
    await react('PersonUpdated', `person/${person(2)}`);
    expect(await lateOnes()).toEqual([]);
    await to('2026-02-04T15:00:00Z');
    expect(await lateOnes()).toEqual([person(1)]);
    await react('PersonUpdated', `person/${person(2)}`);
    expect(await lateOnes()).toEqual([person(1)]);
    expect(mails().map(({ to: who, params }) => [who, params])).toEqual([
      [person(1), { count: 1 }],
    ]);
    await manages(person(3));
    await react('PersonUpdated', `person/${person(2)}`);
    expect(await lateOnes()).toEqual([person(3)]);
    await manages(null);
    await react('PersonUpdated', `person/${person(2)}`);
    expect(await lateOnes()).toEqual([]);
    await manages(person(1));
    await react('PersonUpdated', `person/${person(2)}`);
    expect(await lateOnes()).toEqual([person(1)]);
  });

  it('everyoneIsTrained is broken by who put it off, and whole again once they did it', async () => {
    expect(await violations(everyoneIsTrained)).toEqual([person(2)]);
    await complete(officer, 'cyber-security');
    expect(await violations(everyoneIsTrained)).toEqual([]);
    expect(await openTasks(latenessTask)).toEqual([]);
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
