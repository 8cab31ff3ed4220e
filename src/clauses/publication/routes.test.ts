import { join } from 'node:path';
import { Hono } from 'hono';
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { execute, executeAs } from '../../platform/execute.ts';
import { type Env, mountRoutes } from '../../platform/http/mount.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { readDictionary } from '../../platform/words.ts';
import { publicationSettings } from './facts.office.ts';
import { publishFirstPolicy } from './first.ts';
import { officeFlow } from './flows.ts';
import { routes } from './routes.ts';
import { publicationSettingsOf } from './store.office.ts';
import { versionInForce } from './store.version.ts';

const person = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const officer = actorWith(person(1), 'security-officer', 'employee');
const second = actorWith(person(2), 'commercial-officer', 'employee');
const engineer = actorWith(person(3), 'engineer', 'employee');
const system: Actor = { kind: 'system', id: 'start' };

const texts = [
  {
    clause: 'access',
    language: 'en',
    markdown: '# Access\n\n:promise[Access is reviewed]{#ACC-5} by {{organisation}}.\n',
  },
  {
    clause: 'access',
    language: 'ja',
    markdown: '# アクセス\n\n:promise[アクセス権を見直します]{#ACC-5}。\n',
  },
] as const;

let world: TestWorld;
let appFor: (actor: Actor | null) => Hono<Env>;
let call: (
  actor: Actor | null,
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ status: number; body: never }>;

beforeAll(async () => {
  world = await testWorld();
  await sql`
    insert into person (id, name, roles, department) values
      (${person(1)}, 'Ono', '{security-officer,employee}', 'Security'),
      (${person(2)}, 'Carla', '{commercial-officer,employee}', 'Sales'),
      (${person(3)}, 'Ed', '{engineer,employee}', 'Engineering')`.execute(world.database.db);
  await execute(world, officeFlow, { do: 'declare', texts: [...texts], upholders: [] }, system);
  await publishFirstPolicy(
    { asSystem: executeAs(world, system), asApprover: executeAs(world, officer) },
    { languages: ['en', 'ja'], name: { en: 'Example <Ltd>', ja: '株式会社サンプル' } },
  );
  const words = await readDictionary(join(import.meta.dirname, '../..'));
  appFor = (actor) => {
    const app = new Hono<Env>();
    app.use('*', async (c, next) => {
      c.set('actor', actor);
      await next();
    });
    mountRoutes(app, routes, { world, words, checkAnswers: true });
    return app;
  };
  call = async (actor, method, path, body) => {
    const response = await appFor(actor).request(`/api/v1${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return { status: response.status, body: (await response.json()) as never };
  };
});

describe('what strangers read', () => {
  it('is every promise with its status: unknown where nothing upholds it', async () => {
    const { status, body } = await call(null, 'GET', '/promises');
    expect(status).toBe(200);
    expect(body).toEqual([
      {
        id: 'ACC-5',
        clause: 'access',
        status: 'unknown',
        reason: 'Unknown: nothing upholds this yet',
        reasonCode: 'nothingUpholds',
        provenAt: null,
        text: { en: 'Access is reviewed', ja: 'アクセス権を見直します' },
      },
    ]);
    expect((await call(null, 'GET', '/promises?lang=ja')).body).toMatchObject([
      { reason: '不明・これを支える仕組みがまだありません' },
    ]);
  });

  it('is the text with its version, in their language, and safe', async () => {
    const { body } = await call(null, 'GET', '/policy?lang=ja');
    expect(body).toMatchObject({
      version: { number: 1 },
      language: 'ja',
      organisation: '株式会社サンプル',
    });
    const english = (await call(null, 'GET', '/policy?lang=en')).body as {
      clauses: { html: string }[];
    };
    expect(english.clauses[0]?.html).toContain('Example &#x3C;Ltd>');
  });

  it('says that statuses are hidden where they are', async () => {
    const settings = publicationSettings.parse({
      ...(await publicationSettingsOf(world.database.db)),
      hideStatuses: true,
    });
    expect((await call(officer, 'PUT', '/policy/settings', settings)).status).toBe(200);
    expect((await call(null, 'GET', '/promises')).body).toMatchObject([
      { status: 'hidden', reason: null, provenAt: null },
    ]);
    expect((await call(officer, 'GET', '/promises')).body).toMatchObject([{ status: 'unknown' }]);
    expect((await call(null, 'PUT', '/policy/settings', settings)).status).toBe(401);
  });

  it('takes a report of a vulnerability from anyone', async () => {
    const report = {
      about: 'Login',
      details: 'It lets anyone in.',
      reporter: 'finder@example.org',
    };
    expect((await call(null, 'POST', '/vulnerability-reports', report)).status).toBe(200);
    expect((await call(engineer, 'GET', '/vulnerability-reports')).status).toBe(403);
    expect(
      (await call(officer, 'GET', '/vulnerability-reports?answered=false')).body,
    ).toMatchObject({
      total: 1,
      items: [{ about: 'Login' }],
    });
  });
});

it('tells what a promise lost since its publication', async () => {
  const version = await versionInForce(world.database.db);
  const lost = async () =>
    ((await call(officer, 'GET', `/policy/versions/${version?.id}`)).body as { lost: unknown })
      .lost;
  expect(await lost()).toEqual([]);
  const upholders = [{ promise: 'ACC-5', upholder: 'duty access.review', kind: 'duty' as const }];
  await execute(world, officeFlow, { do: 'declare', texts: [...texts], upholders }, system);
  await sql`update policy_promise set upholders = '{duty access.review,check accessIsNamed}'`.execute(
    world.database.db,
  );
  expect(await lost()).toEqual([{ id: 'ACC-5', upholders: ['check accessIsNamed'] }]);
  await execute(world, officeFlow, { do: 'declare', texts: [...texts], upholders: [] }, system);
});

it('tells a body that is not JSON from one that is none', async () => {
  const answered = async (type: string) => {
    const asked = { method: 'PUT', headers: { 'content-type': type }, body: '{"name": ' };
    const response = await appFor(officer).request('/api/v1/policy/settings', asked);
    return [response.status, ((await response.json()) as { code: string }).code];
  };
  expect(await answered('application/json')).toEqual([400, 'malformedJson']);
  expect(await answered('text/plain')).toEqual([415, 'unsupportedMedia']);
});

describe('from a draft to the policy', () => {
  let id = '';

  it('begins with an import, whose clauses keep their order', async () => {
    const more = [
      {
        clause: 'robots',
        language: 'en',
        markdown: '# Robots\n\n:promise[They obey]{#ROB-1}.\r\n\r\n',
      },
      { clause: 'robots', language: 'ja', markdown: '# ロボット\n\n:promise[従います]{#ROB-1}。' },
      ...texts,
    ];
    const created = await call(officer, 'POST', '/policy/drafts/import', { texts: more });
    expect(created.status).toBe(200);
    id = (created.body as { id: string }).id;
    const { body } = await call(officer, 'GET', `/policy/versions/${id}`);
    expect(body).toMatchObject({
      version: { state: 'draft', number: 2 },
      authors: [{ name: 'Ono' }],
      clauses: [{ clause: 'robots' }, { clause: 'access' }],
      promises: [{ id: 'ROB-1' }, { id: 'ACC-5' }],
      problems: [],
    });
  });

  it('is not shown to those who do not work on it', async () => {
    expect((await call(engineer, 'GET', `/policy/versions/${id}`)).status).toBe(404);
    expect((await call(engineer, 'GET', '/policy/versions')).body).toMatchObject({
      total: 1,
      items: [{ number: 1 }],
    });
    expect((await call(officer, 'GET', '/policy/versions')).body).toMatchObject({ total: 2 });
  });

  it('saves a text by its revision, previews it, and names problems', async () => {
    const path = `/policy/drafts/${id}/texts/robots/en`;
    const saved = await call(officer, 'PUT', path, {
      markdown: '# Robots\n\n:promise[They obey]{#ROB-1} <b>.',
      revision: 1,
    });
    expect(saved.body).toEqual({ revision: 2 });
    expect((await call(second, 'PUT', path, { markdown: '# Other', revision: 1 })).status).toBe(
      409,
    );
    const preview = await call(officer, 'POST', '/policy/preview', {
      markdown: '# R\n\nHi :promise[x]',
      language: 'en',
    });
    expect(preview.body).toMatchObject({
      title: 'R',
      html: '<p>Hi :promise[x]</p>',
      problems: [{ code: 'promiseIdMissing', line: 3 }],
    });
  });

  it('is compared with what is in force', async () => {
    const { body } = await call(officer, 'GET', `/policy/compare?to=${id}`);
    expect(body).toMatchObject({
      from: { number: 1 },
      clauses: [
        { clause: 'robots', kind: 'added', titles: { ja: 'ロボット' } },
        { clause: 'access', kind: 'same' },
      ],
      promises: { added: [{ id: 'ROB-1' }], removed: [], reworded: [] },
    });
  });

  it('is proposed, judged, rejected with a reason, proposed again and approved', async () => {
    expect((await call(officer, 'POST', `/policy/drafts/${id}/proposal`, {})).status).toBe(200);
    expect(
      (await call(second, 'POST', `/policy/drafts/${id}/rejection`, { reason: 'Not yet' })).body,
    ).toMatchObject({ state: 'draft' });
    await call(officer, 'POST', `/policy/drafts/${id}/proposal`, { summary: { en: 'Robots' } });
    const judged = (await call(second, 'GET', `/policy/drafts/${id}/approval`)).body as {
      digest: string;
    };
    expect(judged).toMatchObject({
      isAuthor: false,
      first: false,
      concerned: [{ clause: 'robots', roles: ['employee'] }],
      departments: [{ name: 'Engineering', people: 1 }, {}, {}],
    });
    const ask = {
      kind: 'changed',
      concerned: [{ clause: 'robots', roles: ['engineer'], departments: ['Sales'] }],
    };
    // All three still owe the first version: they are asked whatever is chosen.
    expect((await call(second, 'POST', `/policy/drafts/${id}/ask`, { ask })).body).toEqual({
      people: 3,
    });
    const choice = { digest: judged.digest, ask };
    expect(
      (await call(officer, 'POST', `/policy/drafts/${id}/approval`, choice)).body,
    ).toMatchObject({
      status: 422,
      code: 'authorApproves',
    });
    expect(
      (await call(second, 'POST', `/policy/drafts/${id}/approval`, choice)).body,
    ).toMatchObject({
      state: 'published',
    });
  });

  it('is read and acknowledged by the staff, and counted', async () => {
    const mine = (await call(engineer, 'GET', '/policy/mine')).body as {
      version: { digest: string };
    };
    expect(mine).toMatchObject({
      version: { number: 2 },
      counts: { unknown: 2, kept: 0 },
      acknowledgedAt: null,
      dueAt: expect.any(String),
      clauses: [{ html: expect.stringContaining('href="?promise=ROB-1"') }, {}],
    });
    const read = { digest: mine.version.digest, language: 'en' };
    expect((await call(engineer, 'POST', '/policy/acknowledgement', read)).body).toMatchObject({
      number: 2,
    });
    expect((await call(officer, 'GET', '/policy/acknowledgements/count')).body).toEqual({
      people: 3,
      acknowledged: 1,
      waiting: 2,
      overdue: 0,
      notAsked: 0,
    });
    expect(
      (
        await call(
          officer,
          'GET',
          '/policy/acknowledgements?state=acknowledged&sort=acknowledgedAt',
        )
      ).body,
    ).toMatchObject({
      total: 1,
      items: [{ name: 'Ed', version: 2, language: 'en', digest: mine.version.digest }],
    });
    expect((await call(engineer, 'GET', '/policy/acknowledgements')).status).toBe(403);
  });
});
