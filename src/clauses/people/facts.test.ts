import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checklistFor } from './facts.checklist.ts';
import { parseCourse, problemsOfCourse, questionsOf } from './facts.course.ts';
import {
  certificateCode,
  certificatePattern,
  drawQuestions,
  mark,
  owedTraining,
  type TrainingRecord,
} from './facts.training.ts';
import { peopleSettings } from './facts.ts';
import { isSameName } from './facts.undertaking.ts';
import { shipped, shippedChecklists, shippedTexts } from './shipped.ts';

const day = (text: string) => Temporal.PlainDate.from(text);
const settings = peopleSettings.parse({});

describe('courses are Markdown', () => {
  const small = [
    '# T',
    'About.',
    '## L',
    'Text.',
    '### ? Q',
    '- [ ] a',
    '- [x] b',
    '> because',
  ].join('\n');

  test('title, lessons, questions, options and explanations are read', () => {
    expect(parseCourse(small)).toEqual({
      title: 'T',
      intro: 'About.',
      lessons: [
        {
          title: 'L',
          markdown: 'Text.',
          questions: [
            {
              id: '1.1',
              text: 'Q',
              options: [
                { text: 'a', right: false },
                { text: 'b', right: true },
              ],
              explanation: 'because',
            },
          ],
        },
      ],
      problems: [],
    });
  });

  test.each([
    ['## L\ntext', 'titleMissing', 1],
    ['# T', 'lessonsMissing', 1],
    ['# T\n## L\n', 'lessonEmpty', 2],
    ['# T\n### ? Q\n- [x] a\n- [ ] b', 'lessonsMissing', 1],
    ['# T\n## L\nx\n### ? Q\n- [x] a', 'optionsTooFew', 4],
    ['# T\n## L\nx\n### ? Q\n- [ ] a\n- [ ] b', 'noRightOption', 4],
    ['# T\n## L\nx\n### ? Q\n- [x] a\n- [x] b', 'noWrongOption', 4],
    ['# T\n## L\nx\n### ? Q\n- [x] a\n- [ ] b\nmore', 'lineNotUnderstood', 7],
    ['# T\n# T', 'titleTwice', 2],
  ])('%j: %s in line %i', (markdown, code, line) => {
    expect(parseCourse(markdown).problems).toContainEqual({ code, line });
  });

  test('headings inside a code block are text', () => {
    const read = parseCourse('# T\n## L\n```\n# not a title\n### ? no question\n```\nafter');
    expect(read.problems).toEqual([]);
    expect(read.lessons[0]?.markdown).toContain('# not a title');
  });

  test('any text is read without throwing, and every problem names a line of it', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('# ', '## ', '### ? ', '- [x] ', '- [ ] ', '> ', '```', 'あ', ' x', '\n'),
          { maxLength: 60 },
        ),
        (pieces) => {
          const text = pieces.join('');
          const { problems, lessons } = parseCourse(text);
          const lines = text.split('\n').length;
          expect(problems.every(({ line }) => line >= 1 && line <= lines)).toBe(true);
          expect(lessons.length).toBeLessThanOrEqual(lines);
        },
      ),
    );
  });

  test('languages must agree on which options are right', () => {
    const other = small.replace('- [ ] a', '- [x] a').replace('- [x] b', '- [ ] b');
    expect(problemsOfCourse({ en: small, ja: small })).toEqual([]);
    expect(problemsOfCourse({ en: small, ja: other })).toMatchObject([
      { code: 'languagesDiffer', language: 'ja' },
    ]);
  });
});

describe('what ships', () => {
  test('two courses (PEO-5): at least 10 lessons and 40 questions, the same in both languages', async () => {
    const courses = await Promise.all(shipped.courses.map(shippedTexts));
    for (const texts of courses) expect(problemsOfCourse(texts)).toEqual([]);
    const english = courses.map(({ en }) => parseCourse(en));
    expect(english.flatMap(({ lessons }) => lessons).length).toBeGreaterThanOrEqual(10);
    expect(english.flatMap(questionsOf).length).toBeGreaterThanOrEqual(40);
    for (const { en, ja } of courses)
      for (const text of [en, ja])
        for (const question of questionsOf(parseCourse(text)))
          expect(question.explanation).not.toBe('');
  });

  test('the right answer is not always in the same place', async () => {
    const places = new Set<number>();
    for (const name of shipped.courses)
      for (const { options } of questionsOf(parseCourse((await shippedTexts(name)).en)))
        places.add(options.findIndex(({ right }) => right));
    expect(places).toEqual(new Set([0, 1, 2]));
  });

  test('undertakings, guidance and checklists are there in both languages', async () => {
    for (const name of shipped.documents) {
      const { en, ja } = await shippedTexts(name);
      expect([en, ja].every((text) => /^# .+\n\n[\s\S]{400,}/.test(text))).toBe(true);
    }
    const kinds = (await shippedChecklists()).map(({ kind, role }) => `${kind} ${role}`);
    expect(kinds).toEqual([
      'joiner null',
      'joiner engineer',
      'joiner support',
      'mover null',
      'leaver null',
    ]);
  });
});

describe('when a course is owed (PEO-5)', () => {
  const published = {
    firstPublishedOn: day('2026-01-05'),
    majorPublishedOn: day('2026-01-05'),
    major: 1,
  };
  const record = (given: Partial<TrainingRecord>): TrainingRecord => ({
    startsOn: null,
    completedOn: null,
    completedMajor: null,
    ...published,
    ...given,
  });
  test.each<[string, Partial<TrainingRecord>, string, string | null]>([
    [
      'a joiner: 30 days from the start',
      { startsOn: day('2026-03-01') },
      '2026-03-01',
      'introduction 2026-03-31',
    ],
    [
      'also when Kept learns of them late',
      { startsOn: day('2026-03-01') },
      '2026-04-20',
      'introduction 2026-03-31',
    ],
    [
      'who was here before: 30 days from the first publication',
      {},
      '2026-01-05',
      'introduction 2026-02-04',
    ],
    [
      'who began before there was a course',
      { startsOn: day('2020-04-01') },
      '2026-01-06',
      'introduction 2026-02-04',
    ],
    [
      'done: nothing until a month before the year is over',
      { completedOn: day('2026-02-10'), completedMajor: 1 },
      '2027-01-10',
      null,
    ],
    [
      'then the refresher',
      { completedOn: day('2026-02-10'), completedMajor: 1 },
      '2027-01-11',
      'refresher 2027-02-10',
    ],
    [
      '29 February comes again on the 28th',
      { completedOn: day('2028-02-29'), completedMajor: 1 },
      '2029-02-01',
      'refresher 2029-02-28',
    ],
    [
      '28 February of a year before a leap day stays the 28th',
      { completedOn: day('2027-02-28'), completedMajor: 1 },
      '2028-02-01',
      'refresher 2028-02-28',
    ],
    [
      'the 31st stays the 31st',
      { completedOn: day('2026-08-31'), completedMajor: 1 },
      '2027-08-01',
      'refresher 2027-08-31',
    ],
    [
      'a new major version: 30 days from it',
      {
        completedOn: day('2026-02-10'),
        completedMajor: 1,
        major: 2,
        majorPublishedOn: day('2026-06-01'),
      },
      '2026-06-01',
      'version 2026-07-01',
    ],
    [
      'which never puts a refresher off',
      {
        completedOn: day('2026-02-10'),
        completedMajor: 1,
        major: 2,
        majorPublishedOn: day('2027-02-01'),
      },
      '2027-02-01',
      'version 2027-02-10',
    ],
  ])('%s', (_, given, today, expected) => {
    const owed = owedTraining(record(given), day(today), settings);
    expect(owed && `${owed.because} ${owed.dueOn}`).toBe(expected);
  });

  test('a refresher every month from 31 January never skips February', () => {
    const monthly = { ...settings, refresherMonths: 1, leadDays: 5 };
    const done = record({ completedOn: day('2027-01-31'), completedMajor: 1 });
    expect(owedTraining(done, day('2027-02-25'), monthly)?.dueOn.toString()).toBe('2027-02-28');
  });
});

describe('tests are drawn and marked by the server', () => {
  const pool = questionsOf(
    parseCourse(
      `# T\n## A\nx\n${[1, 2, 3].map((n) => `### ? Q${n}\n- [x] r\n- [ ] w\n- [x] r2`).join('\n')}\n## B\nx\n### ? Q4\n- [ ] w\n- [x] r`,
    ),
  );

  test('an attempt always shows the same questions, another one others', () => {
    const draws = ['a', 'b', 'c', 'd'].map((seed) => drawQuestions(pool, 2, seed));
    expect(drawQuestions(pool, 2, 'a')).toEqual(draws[0]);
    expect(new Set(draws.map((drawn) => JSON.stringify(drawn))).size).toBeGreaterThan(1);
    for (const drawn of draws) expect(new Set(drawn.map(({ id }) => id)).size).toBe(2);
  });

  test('a question counts when exactly its right options were chosen', () => {
    const drawn = drawQuestions(pool, 4, 'seed');
    const answers = { '1.1': [2, 0], '1.2': [0], '1.3': [0, 1, 2], '2.1': [1] };
    expect(mark(pool, drawn, answers, 50)).toEqual({
      score: 2,
      asked: 4,
      passed: true,
      lessons: [1],
    });
    expect(mark(pool, drawn, answers, 51)).toMatchObject({ passed: false });
    expect(mark(pool, drawn, {}, 50)).toEqual({
      score: 0,
      asked: 4,
      passed: false,
      lessons: [1, 2],
    });
  });

  test('certificates have codes that can be read aloud', () => {
    const codes = ['a', 'b', 'c'].map(certificateCode);
    for (const code of codes) expect(code).toMatch(certificatePattern);
    expect(new Set(codes).size).toBe(3);
  });
});

test('a name is the registered one without regard to spaces, width and case', () => {
  expect(isSameName('例明子', '例 明子')).toBe(true);
  expect(isSameName('liam EXAMPLE', 'Liam Example')).toBe(true);
  expect(isSameName('Liam Exemple', 'Liam Example')).toBe(false);
  expect(isSameName('', '')).toBe(false);
});

test('a manager’s item of someone without a manager is for the people team', async () => {
  const [joining] = await shippedChecklists();
  const template = { ...joining, id: 't', version: 1 } as Parameters<typeof checklistFor>[0];
  let n = 0;
  const { checklist } = checklistFor(
    template,
    { id: 'p', managerId: null, roles: [] },
    { on: day('2026-01-31'), today: day('2026-01-30') },
    () => `${n++}`,
  );
  expect(checklist.items[0]).toMatchObject({ assigneeId: null, role: 'people' });
  expect(checklist.items[2]).toMatchObject({ assigneeId: 'p', role: null });
  expect(checklist.items.map(({ dueOn }) => dueOn.toString())).toContain('2026-03-17');
  expect(checklist.items.at(-1)?.path).toBe('/console/people/p');
});
