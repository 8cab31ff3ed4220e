import fc from 'fast-check';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { executeAs } from '../../platform/execute.ts';
import { newestCheckpoint, readEntry } from '../../platform/ledger/reading.ts';
import { sequence } from '../../platform/ledger/sequencer.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import type { Request, Route } from '../../policy/route.ts';
import { losesMost } from './flow.audit.ts';
import { readInventories } from './inventories.ts';
import { sources } from './register.ts';
import { routes } from './routes.ts';
import { auditFlow } from './store.audits.ts';
import en from './words.en.json' with { type: 'json' };
import ja from './words.ja.json' with { type: 'json' };

const world = await testWorld();
const { db } = world.database;
const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [officer, engineer, auditor] = [
  actorWith(id(1), 'security-officer'),
  actorWith(id(2), 'engineer'),
  actorWith(id(3), 'auditor'),
];
const shop = id(11);

/** Calls a route; its answer, or the refusal. */
async function call(actor: typeof officer, route: Route, input: object) {
  const request: Request = {
    db,
    execute: executeAs(world, actor),
    actor,
    now: world.now(),
    zone: 'Asia/Tokyo',
    language: 'en',
    may: () => true,
    url: world.url,
  };
  const answer = await route.handle(request, route.input.parse(input));
  if ('stream' in answer) throw new Error('streamed');
  return answer.ok ? (answer.value as Record<string, unknown>) : answer.refusal;
}

const lock = (packages: Readonly<Record<string, string>>) => ({
  name: 'web/package-lock.json',
  text: JSON.stringify({
    lockfileVersion: 3,
    packages: {
      '': { dependencies: packages },
      ...Object.fromEntries(
        Object.entries(packages).map(([name, version]) => [`node_modules/${name}`, { version }]),
      ),
    },
  }),
});

async function held(): Promise<readonly string[]> {
  const { rows } = await sql<{ line: string }>`
    select held.name || '@' || held.version as line from component
    join package_version held on held.id = component.package_version_id order by 1`.execute(db);
  return rows.map(({ line }) => line);
}

const web = { key: 'web', name: 'Web shop', kind: 'repository', systemId: shop, cadenceDays: 7 };
let webId = '';

beforeAll(async () => {
  await sql`insert into person (id, name) values (${id(1)}, 'Olga'), (${id(2)}, 'Erin')`.execute(
    db,
  );
  await sql`insert into system (id, key, name) values (${shop}, 'shop', 'Shop')`.execute(db);
  webId = String(Object(await call(officer, routes.registerSource, web)).id);
});

describe('sources', () => {
  test('are registered by officers, once for a key, with an asset and an owner that are known', async () => {
    expect(await call(engineer, routes.registerSource, { ...web, key: 'api' })).toMatchObject({
      code: 'notAllowed',
    });
    const refused = async (more: object) =>
      Object(await call(officer, routes.registerSource, { ...web, key: 'api', ...more })).code;
    expect(await refused({ key: 'web' })).toBe('sourceKeyTaken');
    expect(await refused({ systemId: id(12) })).toBe('assetUnknown');
    expect(await refused({ ownerId: id(12) })).toBe('ownerUnknown');
  });

  test('a change is of what the caller saw; another cadence moves what is due', async () => {
    const seen = await call(auditor, routes.showSource, { id: 'web' });
    expect(seen).toMatchObject({ dueAt: '2026-01-12T00:00:00.000Z', version: 1 });
    const change = (version: number, more: object) =>
      call(officer, routes.changeSource, { id: webId, version, ...more });
    expect(await change(1, { cadenceDays: 7 })).toMatchObject({ code: 'nothingToChange' });
    expect(await change(1, { cadenceDays: 14, ownerId: id(2) })).toEqual({ id: webId });
    expect(await change(1, { name: 'Other' })).toMatchObject({ code: 'versionConflict' });
    expect(await call(auditor, routes.showSource, { id: webId })).toMatchObject({
      dueAt: '2026-01-19T00:00:00.000Z',
      owner: { name: 'Erin' },
    });
  });

  test('names and places of sources are not in the ledger', async () => {
    await sequence(world);
    const { size = 0 } = (await newestCheckpoint(db)) ?? {};
    const entries = await Promise.all(Array.from({ length: size }, (_, n) => readEntry(db, n)));
    const ofSources = entries.filter((each) => each?.entry.subject.startsWith('source/'));
    expect(ofSources.length).toBeGreaterThan(1);
    for (const each of ofSources) expect(JSON.stringify(each?.entry)).not.toContain('Web shop');
  });

  test('one that is retired is audited no more, and what was due stays due when it is taken back', async () => {
    const done = await call(officer, routes.retireSource, { id: webId });
    expect(done).toEqual({ id: webId });
    const files = [lock({ 'sample-a': '1.0.0' })];
    expect(await call(engineer, routes.recordAudit, { id: 'web', files })).toMatchObject({
      code: 'sourceRetired',
    });
    world.advance({ hours: 24 * 20 });
    await call(officer, routes.restoreSource, { id: webId });
    expect(await call(auditor, routes.showSource, { id: webId })).toMatchObject({
      dueAt: '2026-01-19T00:00:00.000Z',
      overdue: true,
    });
    expect(await call(officer, routes.restoreSource, { id: webId })).toMatchObject({
      code: 'sourceNotRetired',
    });
  });
});

describe('audits', () => {
  test('are taken in whole: what is there, since when, and what is gone', async () => {
    const record = (packages: Record<string, string>, complete = true) =>
      call(engineer, routes.recordAudit, { id: 'web', files: [lock(packages)], complete });
    expect(await record({ 'sample-a': '1.0.0', 'sample-b': '1.0.0' })).toMatchObject({
      components: 2,
      added: 2,
      gone: 0,
      formats: ['package-lock.json'],
    });
    expect(await call(auditor, routes.showSource, { id: 'web' })).toMatchObject({
      dueAt: '2026-02-08T00:00:00.000Z',
    });
    expect(await record({ 'sample-a': '1.1.0' })).toMatchObject({ added: 1, gone: 2 });
    expect(await held()).toEqual(['sample-a@1.1.0']);
    world.advance({ hours: 24 });
    expect(await record({ 'sample-c': '1.0.0' }, false)).toMatchObject({ added: 1, gone: 0 });
    expect(await held()).toEqual(['sample-a@1.1.0', 'sample-c@1.0.0']);
    // In part it is no audit that was due.
    expect(await call(auditor, routes.showSource, { id: 'web' })).toMatchObject({
      dueAt: '2026-02-08T00:00:00.000Z',
      complete: false,
    });
  });

  test('one file that is no inventory refuses all of them, by its name', async () => {
    const before = await held();
    const files = [lock({ 'sample-d': '1.0.0' }), { name: 'bom.json', text: '{"half":' }];
    expect(await call(engineer, routes.recordAudit, { id: 'web', files })).toMatchObject({
      code: 'fileUnread',
      params: { file: 'bom.json', why: expect.stringContaining('no bill of materials') },
    });
    const cut = {
      name: 'package-lock.json',
      text: lock({ 'sample-d': '1.0.0' }).text.slice(0, 40),
    };
    expect(await call(engineer, routes.recordAudit, { id: 'web', files: [cut] })).toMatchObject({
      code: 'fileUnread',
    });
    expect(await held()).toEqual(before);
    expect(await call(engineer, routes.recordAudit, { id: 'nobody', files })).toMatchObject({
      code: 'notFound',
    });
    expect(
      await call(auditor, routes.recordAudit, { id: 'web', files: files.slice(0, 1) }),
    ).toMatchObject({ code: 'notAllowed' });
  });

  test('whatever a file names is kept, or left out and said; none stops the rest', {
    timeout: 60_000,
  }, async () => {
    const odd = fc.record({
      name: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
      version: fc.string({ unit: 'binary', maxLength: 10 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(odd, { minLength: 20, maxLength: 40 }), async (components) => {
        const text = JSON.stringify({
          bomFormat: 'CycloneDX',
          specVersion: '1.6',
          components: [
            { type: 'library', name: 'sample-e', version: '1.0.0', purl: 'pkg:npm/sample-e@1.0.0' },
            ...components.map((each) => ({ type: 'library', ...each })),
          ],
        });
        const read = await readInventories([{ name: 'bom.json', text }]);
        expect(read.ok && read.value.components.some(({ name }) => name === 'sample-e')).toBe(true);
        const files = [{ name: 'bom.json', text }];
        const audit = { id: 'web', files, goneBecause: 'other samples' };
        expect(await call(engineer, routes.recordAudit, audit)).toHaveProperty('auditId');
      }),
      { numRuns: 4, seed: 7, endOnFailure: true },
    );
  });

  test('a go.sum beside its go.mod names what is not built in', async () => {
    const read = await readInventories([
      { name: 'a/go.mod', text: 'module example.com/a\n\nrequire example.com/b v1.0.0\n' },
      { name: 'a/go.sum', text: 'example.com/c v1.0.0 h1:x=\n' },
    ]);
    expect(read.ok && read.value.components.map(({ name }) => name)).not.toContain('example.com/c');
  });

  test('what is needed to run anywhere is needed, and the shortest way to it is told', async () => {
    const text = (dev: boolean) =>
      JSON.stringify({
        lockfileVersion: 3,
        packages: {
          '': { [dev ? 'devDependencies' : 'dependencies']: { 'sample-a': '1.0.0' } },
          'node_modules/sample-a': { version: '1.0.0', ...(dev ? { dev } : {}) },
        },
      });
    const read = await readInventories([
      { name: 'a/package-lock.json', text: text(true) },
      { name: 'b/package-lock.json', text: text(false) },
    ]);
    expect(read).toMatchObject({
      value: { components: [{ name: 'sample-a', isDevelopment: false, path: ['sample-a'] }] },
    });
  });
});

describe('an audit after which most is gone', () => {
  const colleague = actorWith(id(4), 'engineer');
  const many = (n: number, version = '1.0.0') =>
    Object.fromEntries(Array.from({ length: n }, (_, at) => [`sample-${at}`, version]));
  const record = (actor: typeof officer, packages: Record<string, string>, more: object = {}) =>
    call(actor, routes.recordAudit, { id: 'many', files: [lock(packages)], ...more });
  const confirm = (actor: Actor, auditId: unknown) =>
    call(actor as typeof officer, routes.confirmAudit, { id: 'many', auditId });
  const shown = () => call(auditor, routes.showSource, { id: 'many' });
  const goneBecause = 'taken apart into services of their own';
  const ofMany = async () => (await held()).filter((each) => /^sample-\d/.test(each)).length;
  let manyId = '';

  beforeAll(async () => {
    await sql`insert into person (id, name) values (${id(4)}, 'Kim')`.execute(db);
    manyId = String(Object(await call(officer, routes.registerSource, { ...web, key: 'many' })).id);
    await record(engineer, many(20));
  });

  test.each([
    [0, 0, false],
    [1, 0, false],
    [1, 1, true],
    [3, 2, false],
    [9, 8, false],
    [9, 9, true],
    [10, 5, false],
    [10, 6, true],
    [1000, 501, true],
  ])('of %d packages, %d gone: in doubt %s', (packages, packagesGone, doubted) => {
    expect(losesMost({ packages, packagesGone })).toBe(doubted);
  });

  test('is refused without a word why, in both languages, and nothing is recorded', async () => {
    for (const few of [{}, many(1), many(9)]) {
      const refusal = await record(engineer, few);
      expect(refusal).toMatchObject({ code: 'mostIsGone', params: { key: 'many', packages: 20 } });
    }
    expect(await ofMany()).toBe(20);
    for (const words of [en, ja])
      for (const part of ['{gone}', '{packages}', '{key}'])
        expect(words.refusal.mostIsGone).toContain(part);
    // In part nothing is said to be gone, and other versions of the same are no loss.
    expect(await record(engineer, {}, { complete: false })).toMatchObject({ doubted: null });
    expect(await record(engineer, many(20, '2.0.0'))).toMatchObject({ gone: 20, doubted: null });
  });

  test('proves nothing by itself: neither that something is gone, nor that it was audited', async () => {
    const before = Object(await shown());
    world.advance({ hours: 24 });
    const doubted = Object(await record(engineer, many(2, '2.0.0'), { goneBecause }));
    expect(doubted).toMatchObject({ components: 2, gone: 0, doubted: 18, complete: true });
    expect(await ofMany()).toBe(20);
    expect(await shown()).toMatchObject({
      dueAt: before.dueAt,
      components: 20,
      doubted: true,
      doubt: {
        auditId: doubted.auditId,
        giver: { id: id(2), name: 'Erin' },
        because: goneBecause,
        missing: 18,
      },
    });
    const audits = await call(auditor, routes.listAudits, { id: 'many' });
    expect(Object(audits).items[0]).toMatchObject({ doubted: true, goneBecause, missing: 18 });
    await sequence(world);
    const { size = 0 } = (await newestCheckpoint(db)) ?? {};
    const newest = await readEntry(db, size - 1);
    expect(newest?.entry).toMatchObject({ body: { doubted: 18, gone: 0 } });
    expect(Object.keys(newest?.entry.private ?? {})).toEqual(['goneBecause']);
    expect(JSON.stringify(newest?.entry)).not.toContain(goneBecause);
  });

  test('is confirmed by another person who is signed in, once, while it is the newest', async () => {
    const { doubt } = Object(await shown());
    const token = { kind: 'token', id: id(90), roles: ['engineer'], scope: null } as const;
    expect(await confirm(engineer, doubt.auditId)).toMatchObject({
      code: 'ownAudit',
      guard: 'VUL-4',
    });
    for (const person of [id(2), id(4), null])
      expect(await confirm({ ...token, person }, doubt.auditId)).toMatchObject({
        code: 'confirmingNeedsPerson',
      });
    expect(await confirm(auditor, doubt.auditId)).toMatchObject({ code: 'notAllowed' });
    expect(await confirm(colleague, id(77))).toMatchObject({ code: 'notFound' });
    expect(await ofMany()).toBe(20);
    world.advance({ hours: 48 });
    expect(await confirm(colleague, doubt.auditId)).toEqual({ id: doubt.auditId, gone: 18 });
    expect(await ofMany()).toBe(2);
    expect(await confirm(officer, doubt.auditId)).toMatchObject({ code: 'auditNotDoubted' });
    const { lastAuditAt, dueAt, doubted } = Object(await shown());
    expect(doubted).toBe(false);
    // As long after the audit as after any other.
    expect(Temporal.Instant.from(dueAt)).toEqual(
      Temporal.Instant.from(lastAuditAt).add({ hours: 24 * 7 }),
    );
  });

  test('says nothing more once another has been made', async () => {
    await record(engineer, many(12));
    const { auditId } = Object(await record(engineer, {}, { goneBecause }));
    expect(await record(engineer, many(12))).toMatchObject({ gone: 0, doubted: null });
    expect(await confirm(colleague, auditId)).toMatchObject({ code: 'auditSuperseded' });
    expect(await ofMany()).toBe(12);
  });

  test('is not made up for by what was padded in beforehand, in part or in doubt', async () => {
    const other = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [`other-${at}`, '1.0.0']),
    );
    await record(engineer, other, { complete: false });
    expect(await record(engineer, other)).toMatchObject({ code: 'mostIsGone' });
    await record(engineer, other, { goneBecause });
    expect(await record(engineer, other)).toMatchObject({ code: 'mostIsGone' });
    // Nor is it gone by one file that is whole: it was there, for all that is known.
    expect(await record(engineer, many(12))).toMatchObject({
      code: 'mostIsGone',
      params: { gone: 40, packages: 52 },
    });
    const { auditId } = Object(await record(engineer, many(12), { goneBecause }));
    expect(await confirm(colleague, auditId)).toMatchObject({ gone: 40 });
  });

  test('of Kept itself is believed when the next reading says the same', async () => {
    const kept = { kind: 'system', id: 'sources' } as const;
    const read = async (packages: Record<string, string>) => {
      const inventories = await readInventories([lock(packages)]);
      if (!inventories.ok) throw new Error('unread');
      const { components, formats, notes } = inventories.value;
      const done = await executeAs(world, kept)(auditFlow, {
        sourceId: manyId,
        way: 'github',
        complete: true,
        components: [...components],
        formats: [...formats],
        notes: [...notes],
      });
      return done.ok ? done.value[0]?.body : done.refusal;
    };
    expect(await read({})).toMatchObject({ doubted: 12, gone: 0 });
    // It was the reading that was wrong.
    expect(await read(many(12))).toMatchObject({ gone: 0 });
    expect(await read(many(1))).toMatchObject({ doubted: 11, gone: 0 });
    expect(await ofMany()).toBe(12);
    expect(await read(many(1))).toMatchObject({ gone: 11 });
    expect(await ofMany()).toBe(1);
  });
});

describe('what else happens', () => {
  test('a system that is retired takes its sources with it; an owner who leaves, nothing', async () => {
    await db.transaction().execute(async (tx) => {
      const context = { now: world.now(), zone: 'UTC', actor: officer, newId: world.newId };
      expect(await sources.leaving?.(tx, id(2), context)).toEqual({ sources: 1 });
    });
    expect(await call(auditor, routes.showSource, { id: 'web' })).toMatchObject({ owner: null });
    const actor = { kind: 'system', id: 'test' } as const;
    const context = { now: world.now(), zone: 'UTC', actor, newId: world.newId };
    await sources.reactions?.['SystemRetired']?.(
      { db, execute: executeAs(world, actor), context },
      { entryIndex: 0, type: 'SystemRetired', subject: `system/${shop}`, body: {} },
    );
    expect(await call(auditor, routes.showSource, { id: 'web' })).toMatchObject({
      retiredAt: expect.any(String),
    });
  });
});
