import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { execute, executeAs } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import type { Request } from '../../policy/route.ts';
import { newPerson } from './facts.ts';
import { routes } from './routes.ts';
import { personFlow } from './store.ts';

const world = await testWorld();
const { db } = world.database;
const officer = actorWith('00000000-0000-7000-8000-000000000001', 'security-officer');

function request(): Request {
  return {
    db,
    execute: executeAs(world, officer),
    actor: officer,
    now: world.now(),
    zone: 'Asia/Tokyo',
    language: 'en',
    may: (action) => world.authorizer.allows(officer, { action }),
    url: world.url,
  };
}

async function list(query: Record<string, unknown> = {}) {
  const answer = await routes.listPeople.handle(request(), routes.listPeople.input.parse(query));
  if ('stream' in answer || !answer.ok) throw new Error('no page');
  return answer.value;
}

async function csv(query: Record<string, unknown>): Promise<string> {
  const answer = await routes.listPeople.handle(
    request(),
    routes.listPeople.input.parse({ ...query, format: 'csv' }),
  );
  if (!('stream' in answer)) throw new Error('no stream');
  const pieces: (string | Uint8Array)[] = [];
  for await (const piece of answer.stream) pieces.push(piece);
  return pieces.join('');
}

const file = [
  '氏名,読み,メールアドレス,部署,上長,入社日,退職日',
  '佐藤 花子,さとう はなこ,hanako@example.com,営業,,2020-04-01,',
  'Jiro Tanaka,,jiro@example.com,Engineering,hanako@example.com,2021/4/1,',
  '=cmd,,c@example.com,Engineering,hanako@example.com,2021-04-01,2025-12-31',
  'Soon,,soon@example.com,,jiro@example.com,2026-04-01,',
].join('\r\n');

describe('people in the database', () => {
  test('a preview writes nothing; an import writes all of it; again it changes nothing', async () => {
    const preview = await routes.previewPeople.handle(request(), { text: file });
    expect(preview).toMatchObject({
      ok: true,
      value: { total: 4, added: 4, changed: 0, problemCount: 0 },
    });
    expect((await list()).total).toBe(0);
    const base64 = Buffer.from(file).toString('base64');
    expect(await routes.importPeople.handle(request(), { base64 })).toEqual({
      ok: true,
      value: { added: 4, changed: 0, unchanged: 0 },
    });
    expect(await routes.importPeople.handle(request(), { text: file })).toEqual({
      ok: true,
      value: { added: 0, changed: 0, unchanged: 4 },
    });
  });

  test('a file with one bad row imports nothing and says where', async () => {
    const answer = await routes.importPeople.handle(request(), {
      text: `${file}\r\nX,,x@example.com,,nobody@example.com,,`,
    });
    expect(answer).toMatchObject({
      ok: false,
      refusal: {
        code: 'rowsUnfit',
        params: {
          count: 1,
          line: 6,
          column: '上長',
          why: 'No person has the address nobody@example.com.',
        },
      },
    });
    expect((await list()).total).toBe(4);
  });

  test('what only the register knows is told by the header that the file has, too', async () => {
    const answer = await routes.previewPeople.handle(request(), {
      text: 'Wer,E-Mail-Adresse,Chef\r\n"Ito\r\nKen",ito@example.com,\r\nIto,ITO@example.com,nobody@example.com\r\n',
      mapping: { name: 'Wer', email: 'E-Mail-Adresse', manager: 'Chef' },
    });
    expect(answer).toMatchObject({
      value: {
        problems: [
          {
            line: 4,
            column: 'E-Mail-Adresse',
            why: 'The same E-Mail-Adresse stands on line 2.',
          },
          { line: 4, column: 'Chef', code: 'unknownPerson' },
        ],
      },
    });
  });

  test('search, filters and states', async () => {
    const names = async (query: object) => (await list({ ...query })).items.map(({ name }) => name);
    expect(await names({ q: 'さとう' })).toEqual(['佐藤 花子']);
    expect(await names({ q: 'JIRO@' })).toEqual(['Jiro Tanaka']);
    expect(await names({ q: '100%' })).toEqual([]);
    expect(await names({ state: 'leaver' })).toEqual(['=cmd']);
    expect(await names({ state: 'future' })).toEqual(['Soon']);
    expect(await names({ department: 'Engineering', sort: '-name' })).toEqual([
      'Jiro Tanaka',
      '=cmd',
    ]);
    const hanako = (await list({ q: 'hanako' })).items[0];
    expect(await names({ manager: hanako?.id })).toEqual(['=cmd', 'Jiro Tanaka']);
  });

  test.each(['name', '-name', 'endsOn', '-endsOn', 'manager', '-manager', 'startsOn'])(
    'walking by %s page by page gives everyone once, in the order of one large page',
    async (sort) => {
      const whole = (await list({ sort, limit: '500' })).items.map(({ id }) => id);
      const walked: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof list>> = await list({
          sort,
          limit: '1',
          ...(cursor ? { cursor } : {}),
        });
        walked.push(...page.items.map(({ id }) => id));
        expect(page.total).toBe(4);
        cursor = page.next;
      } while (cursor);
      expect(walked).toEqual(whole);
    },
  );

  test('a cursor that is none, or of another order, is refused', async () => {
    const { next } = await list({ sort: 'name', limit: '1' });
    for (const query of [
      { cursor: 'garbage' },
      { cursor: 'e30' },
      { cursor: next, sort: '-name' },
    ]) {
      const answer = await routes.listPeople.handle(
        request(),
        routes.listPeople.input.parse(query),
      );
      expect(answer).toMatchObject({ ok: false, refusal: { code: 'invalidCursor' } });
    }
  });

  test('the CSV is all rows, safe in a spreadsheet, and can be imported again', async () => {
    const text = await csv({ bom: 'true' });
    expect(text.startsWith('\uFEFFname,reading,email')).toBe(true);
    expect(text).toContain("'=cmd");
    expect(await routes.importPeople.handle(request(), { text })).toEqual({
      ok: true,
      value: { added: 0, changed: 0, unchanged: 4 },
    });
  });

  test('an erased person leaves an id behind, and nothing of who it was', async () => {
    const leaver = (await list({ state: 'leaver' })).items[0];
    const done = await execute(
      world,
      personFlow,
      { do: 'erasePerson', id: leaver?.id ?? '' },
      officer,
    );
    expect(done.ok).toBe(true);
    const { rows } =
      await sql`select name, email, department from person where id = ${leaver?.id}`.execute(db);
    expect(rows).toEqual([{ name: '', email: null, department: '' }]);
    expect((await list()).total).toBe(3);
  });

  test('the people’s department may not give roles; an auditor may change nothing', async () => {
    const register = (roles: readonly string[], ...held: Parameters<typeof actorWith>[1][]) =>
      execute(
        world,
        personFlow,
        { do: 'registerPerson', person: newPerson.parse({ name: 'N', roles }) },
        actorWith(officer.id as string, ...held),
      );
    expect(await register(['employee'], 'people')).toMatchObject({ ok: true });
    expect(await register(['security-officer'], 'people')).toMatchObject({
      ok: false,
      refusal: { code: 'notAllowed' },
    });
    expect(await register(['employee'], 'auditor')).toMatchObject({
      ok: false,
      refusal: { code: 'notAllowed' },
    });
  });
});
