import fc from 'fast-check';
import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  advisoryOf,
  type Sample,
  tarGzOf,
  tarOf,
  zipOf,
} from '../../advisories/archives/archives.fixture.ts';
import { contextFor, execute } from '../../platform/execute.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import {
  changedSince,
  vulnerabilitiesChangedSince,
} from '../../registers/advisories/store.changed.ts';
import {
  beginPart,
  putImportOff,
  savePiece,
  takeImport,
} from '../../registers/advisories/store.imports.ts';
import { keptOfImports } from '../../registers/advisories/store.kinds.ts';
import { importFlow } from '../../registers/advisories/store.ts';
import { importBytes, importerOf, importRow, layDown, vulnerabilitiesIn } from './testing.ts';

let world: TestWorld;

beforeEach(async () => {
  world = await testWorld();
});

const system = { kind: 'system', id: 'test' } as const;
const high = [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N' }];

describe('an import of advisories', () => {
  test('reads every kind of archive alike, and what malformed ones are', async () => {
    const files: Sample[] = [
      advisoryOf('GHSA-aaaa-bbbb-cccc', { aliases: ['CVE-2026-0001'], severity: high }),
      advisoryOf('PYSEC-2026-1', { aliases: ['CVE-2026-0001'], ecosystem: 'PyPI', name: 'Zope' }),
      { name: 'broken.json', text: '{"id": "X-1", "modif' },
      { name: 'empty.json', text: '{}' },
      { name: 'nul.json', text: advisoryOf('X-2', { summary: 'a\u0000b' }).text },
      { name: 'README.md', text: 'not an advisory' },
    ];
    for (const bytes of [zipOf(files), tarGzOf(files), tarOf(files)]) {
      const of = await testWorld();
      const row = await importBytes(of, bytes);
      expect(row).toMatchObject({
        state: 'done',
        problem: null,
        read: 5,
        added: 2,
        refused: 3,
        unchanged: 0,
      });
      expect(await vulnerabilitiesIn(of)).toEqual([
        'CVE-2026-0001: CVE-2026-0001 GHSA-aaaa-bbbb-cccc PYSEC-2026-1 [GHSA-aaaa-bbbb-cccc PYSEC-2026-1] high',
      ]);
      const { rows } = await sql<{ name: string; reason: string }>`
        select name, reason from advisory_refused order by name`.execute(of.database.db);
      expect(rows.map(({ name }) => name)).toEqual(['broken.json', 'empty.json', 'nul.json']);
      expect(rows[0]?.reason).toMatch(/^no JSON/);
      expect(rows[1]?.reason).toMatch(/^id: /);
    }
  });

  test('of the same file twice changes nothing', async () => {
    const bytes = zipOf([
      advisoryOf('GHSA-1', { aliases: ['CVE-2026-0001'] }),
      advisoryOf('OSV-2'),
    ]);
    const first = await importBytes(world, bytes);
    world.advance({ hours: 1 });
    const before = await everything(world);
    const second = await importBytes(world, bytes);
    expect(second).toMatchObject({ read: 2, added: 0, changed: 0, unchanged: 2 });
    expect(await everything(world)).toEqual(before);
    expect(await idsOf(second.id)).toEqual([]);
    expect(await idsOf(first.id)).toEqual(['GHSA-1', 'OSV-2']);
  });

  test('never lets the older overwrite the newer', async () => {
    const older = advisoryOf('OSV-1', { modified: '2026-01-01T00:00:00.000001Z', fixed: '1.0.0' });
    const newer = advisoryOf('OSV-1', { modified: '2026-01-01T00:00:00.000002Z', fixed: '2.0.0' });
    await importBytes(world, zipOf([newer]));
    expect(await importBytes(world, zipOf([older]))).toMatchObject({ unchanged: 1, changed: 0 });
    expect(await fixesOf('OSV-1')).toEqual(['2.0.0']);
    // Both in one archive, in either order.
    const other = await testWorld();
    await importBytes(other, zipOf([newer, { ...older, name: 'older.json' }]));
    expect(await fixesOf('OSV-1', other)).toEqual(['2.0.0']);
  });

  test('honours what was withdrawn, and takes back what it joined', async () => {
    const bridge = { aliases: ['CVE-2026-0001', 'CVE-2026-0002'] };
    const files = [
      advisoryOf('GHSA-1', { aliases: ['CVE-2026-0001'] }),
      advisoryOf('GHSA-2', { aliases: ['CVE-2026-0002'], severity: high }),
      advisoryOf('PYSEC-3', bridge),
    ];
    await importBytes(world, zipOf(files));
    expect(await vulnerabilitiesIn(world)).toHaveLength(1);
    const withdrawn = advisoryOf('PYSEC-3', {
      ...bridge,
      modified: '2026-02-01T00:00:00Z',
      withdrawn: '2026-02-01T00:00:00Z',
    });
    const row = await importBytes(world, zipOf([withdrawn]));
    expect(row).toMatchObject({ withdrawn: 1, changed: 0, added: 0 });
    expect(await vulnerabilitiesIn(world)).toEqual([
      'CVE-2026-0001: CVE-2026-0001 GHSA-1 [GHSA-1] unknown',
      'CVE-2026-0002: CVE-2026-0002 GHSA-2 [GHSA-2] high',
      'PYSEC-3: PYSEC-3 [PYSEC-3] unknown withdrawn',
    ]);
    // An alias that is taken back parts as well.
    const joined = advisoryOf('GHSA-1', { modified: '2026-03-01T00:00:00Z', aliases: ['GHSA-2'] });
    await importBytes(world, zipOf([joined]));
    expect(await vulnerabilitiesIn(world)).toHaveLength(2);
    await importBytes(world, zipOf([advisoryOf('GHSA-1', { modified: '2026-04-01T00:00:00Z' })]));
    expect(await vulnerabilitiesIn(world)).toEqual([
      'CVE-2026-0002: CVE-2026-0002 GHSA-2 [GHSA-2] high',
      'GHSA-1: GHSA-1 [GHSA-1] unknown',
      'PYSEC-3: PYSEC-3 [PYSEC-3] unknown withdrawn',
    ]);
  });

  test('says which vulnerability became part of which, the older keeping its id', async () => {
    await importBytes(world, zipOf([advisoryOf('GHSA-1'), advisoryOf('PYSEC-2')]));
    const { rows: before } = await sql<{ id: string; advisory: string }>`
      select vulnerability_id as id, id as advisory from advisory order by id`.execute(
      world.database.db,
    );
    const [kept, gone] = before.map(({ id }) => id).toSorted();
    world.advance({ hours: 1 });
    const joining = advisoryOf('CVE-2026-0001', { aliases: ['GHSA-1', 'PYSEC-2'] });
    const row = await importBytes(world, zipOf([joining]));
    const { rows } = await sql<{ body: Record<string, unknown> }>`
      select convert_from(bytes, 'UTF8')::jsonb -> 'body' as body from ledger_entry
      where type = 'AdvisoriesImported' order by seq desc limit 1`.execute(world.database.db);
    expect(rows[0]?.body).toMatchObject({ joined: [[gone, kept]], joinedCount: 1, added: 1 });
    const { rows: changed } = await vulnerabilitiesChangedSince(row.id).execute(world.database.db);
    expect(changed).toContainEqual({ id: gone, joined_into: kept });
    expect(changed).toContainEqual({ id: kept, joined_into: null });
  });

  test('that is damaged anywhere is refused whole', async () => {
    for (const make of [zipOf, tarGzOf]) {
      const bytes = make([advisoryOf('OSV-1'), advisoryOf('OSV-2'), advisoryOf('OSV-3')]);
      const flipped = Buffer.from(bytes);
      const at = Math.floor(bytes.length * 0.6);
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      const damaged = await importBytes(world, flipped);
      expect([damaged.state, damaged.read]).toEqual(['failed', 0]);
      expect(damaged.problem).toBe('archiveDamaged');
      const row = await importBytes(world, bytes.subarray(0, bytes.length - 30));
      expect([row.state, row.problem]).toEqual(['failed', 'archiveDamaged']);
    }
    expect(await vulnerabilitiesIn(world)).toEqual([]);
  });

  test('that is taken up by another process goes on where it was', async () => {
    const files = Array.from({ length: 25 }, (_, n) => advisoryOf(`OSV-${n}`));
    const id = await layDown(world, tarGzOf(files));
    const dies = importerOf(world, { atOnce: 10 });
    let batches = 0;
    world.onPoke(() => {
      batches += 1;
      if (batches === 1) dies.stop();
    });
    await dies.runDue();
    const half = await importRow(world, id);
    expect(half).toMatchObject({ state: 'waiting', read: 10, added: 10, position: 10 });
    await importerOf(world).runDue();
    expect(await importRow(world, id)).toMatchObject({
      state: 'done',
      read: 25,
      added: 25,
      unchanged: 0,
    });
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from advisory`.execute(
      world.database.db,
    );
    expect(rows[0]?.n).toBe(25);
    const pieces = await sql`select from advisory_piece`.execute(world.database.db);
    expect(pieces.rows).toEqual([]);
  });

  test('whose process died without a word is taken up once it has been silent', async () => {
    const id = await layDown(world, zipOf([advisoryOf('OSV-1')]));
    const until = world.now().add({ seconds: 120 });
    const dead = { now: world.now(), holder: world.newId(), until };
    expect(await takeImport(world.database.db, dead)).toMatchObject({ id, attempts: 1 });
    expect(await importerOf(world).runDue()).toBe(0);
    world.advance({ minutes: 3 });
    expect(await importerOf(world).runDue()).toBe(1);
    expect(await importRow(world, id)).toMatchObject({ state: 'done', added: 1 });
  });

  test('is ended and put off by the process that has it, and by no other', async () => {
    const { db } = world.database;
    const id = await layDown(world, zipOf([advisoryOf('OSV-1')]));
    const takenBy = async (holder: string) => {
      const now = world.now();
      const run = await takeImport(db, { now, holder, until: now.add({ seconds: 120 }) });
      if (!run) throw new Error('nothing waits');
      return run;
    };
    const lost = await takenBy(world.newId());
    world.advance({ minutes: 3 });
    const has = await takenBy(world.newId());
    const why = { problem: 'interrupted', detail: '' } as const;
    const end = (holder: { readonly holder?: string }) =>
      execute(world, importFlow, { do: 'finishImport', id, ...holder, ...why }, system);
    for (const other of [{ holder: lost.holder }, {}])
      expect(await end(other)).toMatchObject({ ok: false, refusal: { code: 'importMovedOn' } });
    const until = world.now().add({ minutes: 1 });
    await putImportOff(db, lost, { until, ...why });
    expect(await beginPart(db, lost, 'npm/all.zip', 'anew')).toBeNull();
    expect(await importRow(world, id)).toMatchObject({ state: 'running', part: '', attempts: 2 });
    await putImportOff(db, has, { until, ...why });
    expect(await importRow(world, id)).toMatchObject({ state: 'waiting', problem: 'interrupted' });
    world.advance({ minutes: 2 });
    expect(await end(await takenBy(has.holder))).toMatchObject({ ok: true });
    expect(await importRow(world, id)).toMatchObject({ state: 'failed', attempts: 3 });
  });

  test('is forgotten by its schedule, what was set aside with it, and its advisories are not', async () => {
    const [kind] = keptOfImports;
    const bytes = zipOf([advisoryOf('OSV-1'), { name: 'broken.json', text: '{' }]);
    const { id } = await importBytes(world, bytes);
    await layDown(world, bytes);
    const { db } = world.database;
    const { rows } = (await kind?.rows('closed').execute(db)) ?? { rows: [] };
    expect(rows.map((row) => row.id)).toEqual([id]);
    await db.transaction().execute(async (tx) => {
      const context = await contextFor(world, { kind: 'system', id: 'test' });
      await kind?.remove(tx, [id], context);
    });
    const left = await sql`select id from advisory_import where id = ${id}
      union all select import_id from advisory_refused`.execute(db);
    expect(left.rows).toEqual([]);
    expect(await vulnerabilitiesIn(world)).toHaveLength(1);
  });

  test('that was never asked for leaves nothing', async () => {
    const cut = { importId: world.newId(), part: '', piece: 0, bytes: new Uint8Array(9) };
    await savePiece(world.database.db, cut, world.now());
    await importerOf(world).runDue();
    const count = async () =>
      (await sql`select from advisory_piece`.execute(world.database.db)).rows.length;
    expect(await count()).toBe(1);
    world.advance({ hours: 25 });
    await importerOf(world).runDue();
    expect(await count()).toBe(0);
  });
});

test('what is one with what depends on nothing but what the advisories say last', async () => {
  const names = ['A-1', 'A-2', 'B-1', 'B-2', 'CVE-2026-1001', 'CVE-2026-1002', 'GHSA-x'];
  const advisory = fc.record({
    id: fc.constantFrom(...names.slice(0, 5)),
    day: fc.integer({ min: 1, max: 28 }),
    aliases: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 }),
    withdrawn: fc.boolean(),
  });
  const story = fc
    .uniqueArray(advisory, { maxLength: 9, selector: ({ id, day }) => `${id} ${day}` })
    .chain((told) =>
      fc.record({
        told: fc.constant(told),
        order: fc.shuffledSubarray(told, { minLength: told.length }),
        cut: fc.integer({ min: 0, max: told.length }),
      }),
    );
  const sampleOf = ({ id, day, aliases, withdrawn }: Told): Sample => {
    const modified = `2026-01-${String(day).padStart(2, '0')}T00:00:00Z`;
    const sample = advisoryOf(id, {
      modified,
      aliases,
      ...(withdrawn ? { withdrawn: modified } : {}),
    });
    return { ...sample, name: `${id}-${day}.json` };
  };
  await fc.assert(
    fc.asyncProperty(story, async ({ told, order, cut }) => {
      const [one, other] = [await clearWorld(), told.map(sampleOf)];
      await importBytes(one, tarOf([...other, advisoryOf('Z-1')]));
      const atOnce = await vulnerabilitiesIn(one);
      expect(atOnce).toContain('Z-1: Z-1 [Z-1] unknown');
      const again = await clearWorld();
      const arrived = order.map(sampleOf);
      await importBytes(again, tarOf([advisoryOf('Z-1'), ...arrived.slice(0, cut)]));
      await importBytes(again, tarOf([...arrived.slice(cut), advisoryOf('Z-1')]));
      expect(await vulnerabilitiesIn(again)).toEqual(atOnce);
    }),
    { numRuns: 40 },
  );
}, 120_000);

interface Told {
  readonly id: string;
  readonly day: number;
  readonly aliases: readonly string[];
  readonly withdrawn: boolean;
}

/** The world of the test with nothing in it: a database for each run would cost more than the run. */
async function clearWorld(): Promise<TestWorld> {
  await sql`truncate vulnerability, vulnerability_name, advisory, advisory_package, advisory_import,
    advisory_refused, advisory_piece cascade`.execute(world.database.db);
  return world;
}

async function everything(of: TestWorld): Promise<unknown> {
  const { rows } = await sql`
    select v.*, a.*, p.affected, n.name as called from vulnerability v
    join advisory a on a.vulnerability_id = v.id
    join advisory_package p on p.advisory_id = a.id
    join vulnerability_name n on n.vulnerability_id = v.id
    order by a.id, n.name`.execute(of.database.db);
  return rows;
}

async function idsOf(importId: string): Promise<readonly string[]> {
  const { rows } = await changedSince(importId).execute(world.database.db);
  return rows.map(({ id }) => id).toSorted();
}

async function fixesOf(id: string, of = world): Promise<readonly string[]> {
  const { rows } = await sql<{ affected: { ranges: { events: { fixed?: string }[] }[] } }>`
    select affected from advisory_package where advisory_id = ${id}`.execute(of.database.db);
  return rows.flatMap(({ affected }) =>
    affected.ranges.flatMap(({ events }) => events.flatMap(({ fixed }) => fixed ?? [])),
  );
}
