import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { executeAs } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import type { Request } from '../../policy/route.ts';
import { routes as accountRoutes } from '../accounts/routes.ts';
import { routes } from './routes.ts';

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
    language: 'ja',
    may: () => true,
    url: world.url,
  };
}

async function one(key: string) {
  const answer = await routes.getSystem.handle(request(), { key });
  if ('stream' in answer || !answer.ok) throw new Error('no system');
  return answer.value;
}

const file =
  'key,name,classification,owner,C,SSO,MFA\nerp,ERP,confidential,,high,yes,はい\nwiki,Wiki,社内,,,,\n';

describe('systems in the database', () => {
  test('are imported whole, and again without change', async () => {
    expect(await routes.importSystems.handle(request(), { text: file })).toEqual({
      ok: true,
      value: { added: 2, changed: 0, unchanged: 0 },
    });
    expect(await routes.importSystems.handle(request(), { text: file })).toEqual({
      ok: true,
      value: { added: 0, changed: 0, unchanged: 2 },
    });
    expect(await one('erp')).toMatchObject({
      classification: 'confidential',
      confidentiality: 3,
      integrity: 2,
      singleSignOn: true,
      secondFactor: true,
      stale: true,
      readAt: null,
    });
    expect(await one('wiki')).toMatchObject({ singleSignOn: null });
    const bad = await routes.importSystems.handle(request(), {
      text: `${file}ERP!,X,secret,,,,\n`,
    });
    expect(bad).toMatchObject({
      ok: false,
      refusal: { code: 'rowsUnfit', params: { count: 2, line: 4 } },
    });
  });

  test('an edit of what was changed meanwhile is refused; an owner must be known', async () => {
    const { version } = await one('erp');
    const edit = (changes: object, of = version) =>
      routes.updateSystem.handle(request(), { key: 'erp', version: of, changes });
    expect(await edit({ name: 'ERP production' })).toMatchObject({ ok: true });
    expect(await edit({ name: 'Other' })).toMatchObject({
      ok: false,
      refusal: { code: 'versionConflict' },
    });
    expect(await edit({ ownerId: world.newId() }, version + 1)).toMatchObject({
      ok: false,
      refusal: { code: 'ownerUnknown' },
    });
    expect(
      await routes.registerSystem.handle(
        request(),
        routes.registerSystem.input.parse({ key: 'erp', name: 'Twice' }),
      ),
    ).toMatchObject({
      ok: false,
      refusal: { code: 'keyTaken' },
    });
  });

  test('a read makes it fresh; old age makes it stale; retiring it closes what it held', async () => {
    const read = accountRoutes.recordRead;
    const input = { system: 'erp', source: 'erp.txt', format: 'pairs', text: 'a x\nb x\na x\n' };
    const done = await read.handle(request(), read.input.parse(input));
    expect(done).toMatchObject({
      ok: true,
      value: { pairs: 2, duplicates: 1, added: 2, gone: 0, newAccounts: 2 },
    });
    expect(await one('erp')).toMatchObject({ stale: false, accounts: 2, accesses: 2 });
    world.advance({ hours: 2401 });
    expect(await one('erp')).toMatchObject({ stale: true });
    expect(await routes.retireSystem.handle(request(), { key: 'erp' })).toMatchObject({ ok: true });
    expect(await one('erp')).toMatchObject({ accesses: 0 });
    expect(await read.handle(request(), read.input.parse(input))).toMatchObject({
      ok: false,
      refusal: { code: 'systemRetired' },
    });
    const again = await routes.importSystems.handle(request(), { text: file });
    expect(again).toMatchObject({
      ok: false,
      refusal: { params: { why: 'システム erp は廃止済みです。同じキーは二度と使えません。' } },
    });
  });

  test('a preview of a read counts what recording it would change, and changes nothing', async () => {
    const preview = accountRoutes.previewRead;
    const input = {
      system: 'wiki',
      source: 'wiki.csv',
      format: 'csv',
      text: 'login,role\nann,edit\nbob,edit\n',
    };
    const answer = await preview.handle(request(), preview.input.parse(input));
    expect(answer).toMatchObject({
      ok: true,
      value: {
        pairs: 2,
        added: 2,
        newAccounts: 2,
        newEntitlements: 1,
        gone: 0,
        mapping: { account: 'login', entitlement: 'role' },
      },
    });
    const bad = await preview.handle(
      request(),
      preview.input.parse({ ...input, text: 'login,role\nann\n' }),
    );
    expect(bad).toMatchObject({
      ok: true,
      value: {
        added: 0,
        gone: 0,
        problemCount: 1,
        problems: [{ line: 2, why: '見出しは2列ですが、値が1個あります。' }],
      },
    });
    const { rows } = await sql<{ accounts: number }>`
      select count(*)::int as accounts from account join system on system.id = system_id where key = 'wiki'`.execute(
      db,
    );
    expect(rows[0]?.accounts).toBe(0);
  });
});
