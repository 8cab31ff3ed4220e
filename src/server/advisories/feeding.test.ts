import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { advisoryOf, type Sample, zipOf } from '../../advisories/archives/archives.fixture.ts';
import { type FakeBucket, type Published, startFakeBucket } from '../../connectors/osv/fake.ts';
import { execute } from '../../platform/execute.ts';
import { outgoing } from '../../platform/http/outgoing.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { FeedChanges, ImportKind } from '../../registers/advisories/facts.ts';
import { feedsStanding, findFeed } from '../../registers/advisories/store.feeds.ts';
import { importFlow } from '../../registers/advisories/store.ts';
import type { Importer } from './importer.ts';
import { importBytes, importerOf, importRow, vulnerabilitiesIn } from './testing.ts';

const officer = actorWith('00000000-0000-7000-8000-000000000001', 'security-officer');

let world: TestWorld;
let bucket: FakeBucket;

beforeEach(async () => {
  [world, bucket] = [await testWorld({ start: '2026-03-01T00:00:00Z' }), await startFakeBucket()];
});
afterEach(() => bucket.close());

describe('the feed of advisories', () => {
  test('is off until an officer turns it on, and then fetched at its hours', async () => {
    publish('npm', [advisoryOf('OSV-1', { modified: '2026-02-01T00:00:00Z' })]);
    const importer = inside();
    expect(await importer.runDue()).toBe(0);
    expect(bucket.asked).toEqual([]);
    const engineer = actorWith('00000000-0000-7000-8000-000000000002', 'engineer');
    const refused = await execute(world, importFlow, await turnOn('osv', ['npm']), engineer);
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'notAllowed' } });
    await change('osv', ['npm']);
    expect(await importer.runDue()).toBe(1);
    expect(await vulnerabilitiesIn(world)).toEqual(['OSV-1: OSV-1 [OSV-1] unknown']);
    expect(await importer.runDue()).toBe(0);
    world.advance({ minutes: 61 });
    expect(await importer.runDue()).toBe(1);
    const [osv] = await feedsStanding(world.database.db);
    expect(osv).toMatchObject({ kind: 'osv', on: true, problem: null, importId: null });
    expect(osv?.importedAt).toEqual(world.now());
    await change('osv', undefined, { on: false });
    world.advance({ hours: 100 });
    expect(await importer.runDue()).toBe(0);
  });

  test('takes the archive first, and then only what has changed', async () => {
    publish('npm', [
      advisoryOf('OSV-1', { modified: '2026-02-01T00:00:00Z', fixed: '1.0.0' }),
      advisoryOf('OSV-2', { modified: '2026-02-02T00:00:00Z' }),
    ]);
    publish('crates.io', [advisoryOf('RUSTSEC-1', { ecosystem: 'crates.io' })]);
    await change('osv', ['npm', 'crates.io']);
    await inside().runDue();
    expect(bucket.asked.filter((path) => !path.includes('all.zip'))).toEqual([]);
    bucket.fail('all.zip', 100);
    const asked = bucket.asked.length;
    publish('npm', [
      advisoryOf('OSV-1', { modified: '2026-03-01T00:30:00Z', fixed: '2.0.0' }),
      advisoryOf('OSV-3', { modified: '2026-03-01T00:20:00Z' }),
    ]);
    world.advance({ minutes: 61 });
    await inside().runDue();
    expect(bucket.asked.slice(asked).map((path) => path.split(' ')[0])).toEqual([
      '/npm/modified_id.csv',
      '/npm/OSV-3.json',
      '/npm/OSV-1.json',
      '/crates.io/modified_id.csv',
    ]);
    const { rows } = await sql<{ read: number; added: number; changed: number; state: string }>`
      select read, added, changed, state from advisory_import order by began_at desc limit 1`.execute(
      world.database.db,
    );
    expect(rows[0]).toEqual({ read: 2, added: 1, changed: 1, state: 'done' });
  });

  test('goes on where its connection broke, with the bytes and the ecosystems it has', async () => {
    const many = Array.from({ length: 40 }, (_, n) => advisoryOf(`OSV-${n}`));
    publish('npm', [advisoryOf('OSV-X')]);
    publish('Go', many);
    bucket.fail('/Go/all.zip', 1, 'hangUp');
    await change('osv', ['npm', 'Go']);
    await inside().runDue();
    const [waiting] = await rowsOf();
    expect(waiting).toMatchObject({ state: 'waiting', problem: 'feedUnreachable', read: 1 });
    expect(await inside().runDue()).toBe(0);
    world.advance({ minutes: 2 });
    // It dies after the first batch of the second ecosystem; another process goes on.
    const dies = inside(10);
    let pokes = 0;
    world.onPoke(() => (++pokes === 1 ? dies.stop() : undefined));
    await dies.runDue();
    expect((await rowsOf())[0]).toMatchObject({ state: 'waiting', position: 10, added: 11 });
    await inside(10).runDue();
    expect((await rowsOf())[0]).toMatchObject({
      state: 'done',
      problem: null,
      read: 41,
      added: 41,
      unchanged: 0,
    });
    expect(bucket.asked.filter((path) => path.startsWith('/npm/all.zip'))).toHaveLength(1);
    expect(bucket.asked.filter((path) => path.startsWith('/Go/all.zip'))).toHaveLength(3);
  });

  test('takes all of an archive that was published anew while another was being taken', async () => {
    const before = Array.from({ length: 30 }, (_, n) => advisoryOf(`OSV-${100 + n}`));
    publish('npm', before);
    await change('osv', ['npm']);
    const dies = inside(10);
    // The first word is of the import that is asked for, the second of its first batch.
    let pokes = 0;
    world.onPoke(() => (++pokes === 2 ? dies.stop() : undefined));
    await dies.runDue();
    expect((await rowsOf())[0]).toMatchObject({ state: 'waiting', position: 10, added: 10 });
    // In the new archive one stands among those that were counted as taken.
    const early = advisoryOf('OSV-001', { modified: '2025-06-01T00:00:00Z' });
    publish('npm', [early, ...before]);
    await inside(10).runDue();
    expect((await rowsOf())[0]).toMatchObject({
      state: 'done',
      problem: null,
      covered: ['npm'],
      read: 41,
      added: 31,
      unchanged: 10,
      position: 31,
    });
    expect(await vulnerabilitiesIn(world)).toContain('OSV-001: OSV-001 [OSV-001] unknown');
    const { rows } = await sql`select from advisory_piece`.execute(world.database.db);
    expect(rows).toEqual([]);
  });

  test('takes again what was taken by somebody who died before saying how far it was', async () => {
    publish('npm', [advisoryOf('OSV-1', { modified: '2026-02-01T00:00:00Z' })]);
    bucket.put('/kev.json', Buffer.from('{"vulnerabilities":[]}'));
    await change('osv', ['npm']);
    await change('kev', undefined, { address: `${bucket.url}/kev.json` });
    await inside().runDue();
    publish('npm', [advisoryOf('OSV-2', { modified: '2026-03-01T00:30:00Z' })]);
    world.advance({ minutes: 1 });
    for (const [kind, part] of [
      ['osv', 'npm/OSV-2'],
      ['kev', 'kev'],
    ] as const) {
      const asked = { do: 'updateAdvisories', kind } as const;
      expect(await execute(world, importFlow, asked, officer)).toMatchObject({ ok: true });
      await sql`
        update advisory_import set part = ${part}, position = 1, state = 'running', attempts = 1,
          held_until = ${world.now()}
        where kind = ${kind} and state = 'waiting'`.execute(world.database.db);
    }
    await inside().runDue();
    expect(await lastOf('osv')).toMatchObject({ state: 'done', added: 1, attempts: 2 });
    expect(await lastOf('kev')).toMatchObject({ state: 'done', attempts: 2 });
  });

  test('that refuses ends with its word, and is asked again at its next turn', async () => {
    publish('npm', [advisoryOf('OSV-2')]);
    await change('osv', ['Nowhere', 'npm']);
    await inside().runDue();
    const [row] = await rowsOf();
    expect(row).toMatchObject({ state: 'failed', problem: 'feedRefused', added: 1 });
    // What was read to its end is current all the same.
    expect(row?.covered).toEqual(['npm']);
    expect(row?.detail).toContain('/Nowhere/all.zip');
    publish('Nowhere', [advisoryOf('OSV-1')]);
    world.advance({ minutes: 61 });
    await inside().runDue();
    expect((await rowsOf())[0]).toMatchObject({ state: 'done', added: 1 });
  });

  test('at another address is read from its beginning', async () => {
    publish('npm', [advisoryOf('OSV-1')]);
    await change('osv', ['npm']);
    await inside().runDue();
    await change('osv', ['npm'], { address: `${bucket.url}/mirror` });
    bucket.put('/mirror/npm/all.zip', zipOf([advisoryOf('OSV-1'), advisoryOf('OSV-2')]));
    await inside().runDue();
    expect((await rowsOf())[0]).toMatchObject({ state: 'done', added: 1, unchanged: 1 });
  });
});

describe('what is exploited, and how likely it will be', () => {
  const catalogue = (...cves: readonly string[]) =>
    Buffer.from(
      JSON.stringify({
        vulnerabilities: [
          ...cves.map((cveID) => ({
            cveID,
            dateAdded: '2026-02-01',
            dueDate: '2026-02-22',
            knownRansomwareCampaignUse: 'Known',
            vulnerabilityName: 'Sample',
            requiredAction: 'Update',
          })),
          { cveID: 'nonsense' },
        ],
      }),
    );

  test('is joined by any name of a vulnerability, and follows the catalogue', async () => {
    publish('npm', [advisoryOf('GHSA-1', { aliases: ['CVE-2026-0001'] })]);
    bucket.put('/kev.json', catalogue('CVE-2026-0001', 'CVE-2026-0002'));
    await change('osv', ['npm']);
    await change('kev', undefined, { address: `${bucket.url}/kev.json` });
    await inside().runDue();
    const first = await lastOf('kev');
    expect(first).toMatchObject({ state: 'done', read: 3, added: 2, refused: 1 });
    expect(await touchedBy(first.id)).toEqual(['CVE-2026-0001']);
    world.advance({ hours: 13 });
    await inside().runDue();
    expect(await lastOf('kev')).toMatchObject({ added: 0, changed: 0, unchanged: 2 });
    expect(await touchedBy((await lastOf('kev')).id)).toEqual([]);
    bucket.put('/kev.json', catalogue('CVE-2026-0002'));
    world.advance({ hours: 13 });
    await inside().runDue();
    const last = await lastOf('kev');
    expect(last).toMatchObject({ withdrawn: 1, unchanged: 1 });
    expect(await touchedBy(last.id)).toEqual(['CVE-2026-0001']);
  });

  test('is not taken back by a catalogue that is older', async () => {
    const released = (dateReleased: string, ...cves: readonly string[]) => {
      const text = JSON.parse(catalogue(...cves).toString()) as object;
      return Buffer.from(JSON.stringify({ dateReleased, ...text }));
    };
    const newer = released('2026-02-20T10:00:00.5Z', 'CVE-2026-0001', 'CVE-2026-0002');
    expect(await importBytes(world, newer, 'kev')).toMatchObject({ added: 2 });
    const older = released('2026-02-19T10:00:00Z', 'CVE-2026-0001');
    expect(await importBytes(world, older, 'kev')).toMatchObject({ withdrawn: 0, unchanged: 1 });
    const newest = released('2026-02-21T10:00:00Z', 'CVE-2026-0001');
    expect(await importBytes(world, newest, 'kev')).toMatchObject({ withdrawn: 1, unchanged: 1 });
  });

  test('is a list of scores in which the newer day counts', async () => {
    const list = (day: string, score: string) =>
      Buffer.from(
        `#model_version:v2026.01.01,score_date:${day}T00:00:00+0000\ncve,epss,percentile\nCVE-2026-0001,${score},0.5\nbroken,1,1\nCVE-2026-0002,2,0.5\n`,
      );
    bucket.put('/epss.csv', list('2026-02-28', '0.25'));
    await change('epss', undefined, { address: `${bucket.url}/epss.csv` });
    await inside().runDue();
    expect(await lastOf('epss')).toMatchObject({ state: 'done', added: 1, refused: 2 });
    bucket.put('/epss.csv', list('2026-02-27', '0.75'));
    world.advance({ hours: 25 });
    await inside().runDue();
    expect(await lastOf('epss')).toMatchObject({ state: 'done', added: 0, changed: 0 });
    const { rows } = await sql<{ score: number }>`select score from exploit_prediction`.execute(
      world.database.db,
    );
    expect(rows).toEqual([{ score: 0.25 }]);
  });
});

function publish(ecosystem: string, samples: readonly Sample[]): void {
  const published = samples.map(({ text }): Published => {
    const { id, modified } = JSON.parse(text) as Published;
    return { id, modified, text };
  });
  bucket.publish(ecosystem, published, zipOf(samples));
}

/** An importer that may ask the fake bucket, and waits for nothing. */
function inside(atOnce = 5_000): Importer {
  const { host } = new URL(bucket.url);
  return importerOf(world, { fetch: outgoing({ internalHosts: [host] }), atOnce });
}

async function turnOn(
  kind: ImportKind,
  ecosystems: readonly string[] | undefined,
  more: FeedChanges = {},
) {
  const feed = await findFeed(world.database.db, kind);
  const changes = {
    on: true,
    ...(ecosystems ? { address: bucket.url, ecosystems: [...ecosystems] } : {}),
    ...more,
  };
  return { do: 'changeFeed', kind, version: feed?.version ?? 0, changes } as const;
}

async function change(...given: Parameters<typeof turnOn>): Promise<void> {
  const done = await execute(world, importFlow, await turnOn(...given), officer);
  if (!done.ok) throw new Error(done.refusal.code);
}

async function rowsOf(kind: ImportKind = 'osv') {
  const { rows } = await sql<{ id: string }>`
    select id from advisory_import where kind = ${kind} order by began_at desc, id desc`.execute(
    world.database.db,
  );
  return await Promise.all(rows.map(({ id }) => importRow(world, id)));
}

async function lastOf(kind: ImportKind) {
  const [row] = await rowsOf(kind);
  if (!row) throw new Error(`no import of ${kind}`);
  return row;
}

/** Names of the vulnerabilities that an import changed. */
async function touchedBy(importId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from vulnerability where import_id = ${importId} order by name`.execute(
    world.database.db,
  );
  return rows.map(({ name }) => name);
}
