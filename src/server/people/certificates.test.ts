import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { questionsOf } from '../../clauses/people/facts.course.ts';
import { certificateCode } from '../../clauses/people/facts.training.ts';
import { rosterFlow, trainingFlow } from '../../clauses/people/flows.ts';
import { publishShipped, shipped } from '../../clauses/people/shipped.ts';
import { newestVersion, textIn } from '../../clauses/people/store.course.ts';
import { attemptsAt, openTraining } from '../../clauses/people/store.training.ts';
import { execute, executeAs } from '../../platform/execute.ts';
import { sequence } from '../../platform/ledger/sequencer.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import { publicPages } from '../public/public.ts';
import { certificatePdf } from './certificate.ts';
import { openPieces } from './fonts.ts';
import { storyOf } from './story.ts';

const world = await testWorld();
const { db } = world.database;
const [person, version] = [world.newId(), world.newId()];
const code = certificateCode('test');
await sql`insert into person (id, name) values (${person}, '例 髙橋 明子')`.execute(db);
await sql`
  insert into course_version (id, course, major, minor, texts, titles, lessons, questions, draw,
    pass_percent, attempts, pause_hours, digest, published_at)
  values (${version}, 'cyber-security', 2, 1, '{}', '{"en": "Cyber security", "ja": "サイバーセキュリティ入門"}',
    6, 24, 10, 80, 3, 24, ${'ab'.repeat(32)}, ${world.now()})`.execute(db);
await sql`
  insert into training (id, person_id, course, because, assigned_at, due_on, closed_at, closed_as,
    version_id, major, completed_on, score, asked, certificate)
  values (${world.newId()}, ${person}, 'cyber-security', 'introduction', ${world.now()}, '2026-02-04',
    ${world.now()}, 'completed', ${version}, 2, '2026-01-20', 9, 10, ${code})`.execute(db);

const app = await publicPages({
  db,
  now: () => world.now(),
  zone: async () => 'Asia/Tokyo',
  url: world.url,
  execute: executeAs(world, { kind: 'system', id: 'public' }),
});
const compare = async (name: string) => {
  const body = new URLSearchParams({ name });
  const answer = await app.request(`/certificates/${code}?lang=en`, { method: 'POST', body });
  return await answer.text();
};

test('a code resolves at a public page (PEO-5), which never says whose it is', async () => {
  const answer = await app.request(`/certificates/${code.toLowerCase()}?lang=ja`);
  const page = await answer.text();
  expect(answer.status).toBe(200);
  expect(page).toContain('サイバーセキュリティ入門');
  expect(page).toContain('2026年1月20日');
  expect(page).not.toMatch(/明子|髙橋/);
});

test('a code that nobody has is not found, in words', async () => {
  const answer = await app.request('/certificates/0000-0000-0000?lang=en');
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain('There is no certificate with this code');
  expect((await app.request('/certificates/%27--?lang=en')).status).toBe(404);
});

test('the name on the certificate is compared, not shown', async () => {
  expect(await compare('例髙橋明子')).toContain('Yes: this certificate');
  expect(await compare('Somebody Else')).toContain('No: this certificate');
  expect(await compare('<b>')).not.toContain('<b>');
});

test('the PDF holds every glyph it needs, Japanese as outlines', async () => {
  const pieces = await openPieces();
  const runs = pieces.runsOf('Ａ例 髙橋 x');
  expect(runs.map(({ text }) => text).join('')).toBe('Ａ例 髙橋 x');
  expect(runs.filter(({ text }) => /[^ -ÿ]/.test(text)).every(({ piece }) => piece !== null)).toBe(
    true,
  );
  const it = {
    code,
    personId: person,
    name: '例 髙橋 明子',
    course: 'cyber-security',
    titles: { en: 'Cyber security', ja: 'サイバーセキュリティ入門' },
    number: '2.1',
    digest: 'ab'.repeat(32),
    completedOn: Temporal.PlainDate.from('2026-01-20'),
    score: 9,
    asked: 10,
    lessons: 6,
  };
  const frame = { organisation: '株式会社見本', address: `${world.url}/certificates/${code}` };
  const [en, ja] = [
    await certificatePdf(it, { ...frame, language: 'en' }),
    await certificatePdf(it, { ...frame, language: 'ja' }),
  ];
  for (const pdf of [en, ja]) {
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.length).toBeLessThan(300_000);
  }
  // Outlines, not fonts: the Japanese one draws far more, and both name the built-in font alone.
  expect(ja.length).toBeGreaterThan(en.length + 5_000);
  expect(ja.toString('latin1').match(/\/BaseFont \/\S+/g)).toEqual(['/BaseFont /Helvetica']);
});

test('a person’s story joins what stands in several rooms, newest first', async () => {
  const story = await storyOf(db, person, 10);
  expect(story.map(({ type }) => type)).toEqual(['TrainingAssigned']);
  expect(story[0]?.about).toEqual({ en: 'Cyber security', ja: 'サイバーセキュリティ入門' });
});

test('a certificate names the ledger entry of the completion that it stands for', async () => {
  const trainee = world.newId();
  const actor = actorWith(trainee, 'people', 'employee');
  const startsOn = Temporal.PlainDate.from('2020-01-01');
  await sql`
    insert into person (id, name, roles, starts_on)
    values (${trainee}, 'Taro Sample', '{people,employee}', ${startsOn})`.execute(db);
  await publishShipped(executeAs(world, actor), { ...shipped, checklists: true });
  world.advance({ hours: 24 });
  await execute(world, rosterFlow, { do: 'readStaff' }, { kind: 'system', id: 'test' });
  const course = 'handling';
  await execute(world, trainingFlow, { do: 'startAttempt', course }, actor);
  const [attempt] = await attemptsAt(db, (await openTraining(db, trainee, course))?.id ?? '');
  const version = await newestVersion(db, course);
  if (!attempt || !version) throw new Error('a test was drawn');
  const right = new Map(
    questionsOf(textIn(version, 'en')).map(({ id, options }) => [
      id,
      options.flatMap((option, at) => (option.right ? [at] : [])),
    ]),
  );
  const answers = Object.fromEntries(attempt.questions.map(({ id }) => [id, right.get(id) ?? []]));
  const submitted = { do: 'submitAttempt', attemptId: attempt.id, answers } as const;
  const passed = await execute(world, trainingFlow, submitted, actor);
  const events = passed.ok ? passed.value : [];
  const completed = events.find(({ type }) => type === 'TrainingCompleted');
  const certificate = String(completed?.body['certificate']);
  const page = async () => await (await app.request(`/certificates/${certificate}?lang=en`)).text();
  expect(await page()).toContain('Ledger entry: being entered');
  await sequence(world);
  const { rows } = await sql<{ index: number }>`
    select index from ledger_entry
    where type = 'TrainingCompleted' and subject = ${`person/${trainee}`}`.execute(db);
  expect(rows).toHaveLength(1);
  expect(await page()).toContain(`Ledger entry: #${rows[0]?.index}<`);
});
