import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { executeAs } from '../../platform/execute.ts';
import { newestCheckpoint, readEntry } from '../../platform/ledger/reading.ts';
import { sequence } from '../../platform/ledger/sequencer.ts';
import { testWorld } from '../../platform/testing/world.ts';
import { readInventories } from './inventories.ts';
import { sources } from './register.ts';
import { routes } from './routes.ts';
import {
  auditor,
  callsOf,
  engineer,
  heldBy,
  id,
  lock,
  officer,
  shop,
  staffed,
  web,
} from './sources.fixture.ts';

const world = await testWorld();
const { db } = world.database;
const call = callsOf(world);
const held = () => heldBy(db);
let webId = '';

beforeAll(async () => {
  await staffed(db);
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
