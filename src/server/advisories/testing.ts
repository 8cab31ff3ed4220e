import { sql } from 'kysely';
import { execute } from '../../platform/execute.ts';
import type { World } from '../../platform/world.ts';
import type { ImportKind } from '../../registers/advisories/facts.ts';
import type { ImportRow } from '../../registers/advisories/list.imports.ts';
import { savePiece } from '../../registers/advisories/store.imports.ts';
import { importFlow } from '../../registers/advisories/store.ts';
import { createImporter, type ImporterOptions } from './importer.ts';

const system = { kind: 'system', id: 'test' } as const;

/** For tests and benchmarks: lays a file down as an upload does, without importing it. */
export async function layDown(
  world: World,
  bytes: Uint8Array,
  kind: ImportKind = 'osv',
  origin = 'sample',
): Promise<string> {
  const id = world.newId();
  await savePiece(world.database.db, { importId: id, part: '', piece: 0, bytes }, world.now());
  const done = await execute(
    world,
    importFlow,
    { do: 'importAdvisories', id, kind, origin },
    system,
  );
  if (!done.ok) throw new Error(done.refusal.code);
  return id;
}

/** Lays a file down and imports it to its end. */
export async function importBytes(
  world: World,
  bytes: Uint8Array,
  kind: ImportKind = 'osv',
): Promise<ImportRow> {
  const id = await layDown(world, bytes, kind);
  await importerOf(world).runDue();
  return await importRow(world, id);
}

/** An importer that reaches nothing outside. */
export function importerOf(world: World, options: Partial<ImporterOptions> = {}) {
  return createImporter(world, { fetch: unreachable, ...options }, world.newId());
}

const unreachable: typeof globalThis.fetch = async () => {
  throw new Error('nothing outside is asked here');
};

export async function importRow(world: World, id: string): Promise<ImportRow> {
  const { rows } = await sql<ImportRow>`
    select *, began_at as "beganAt", finished_at as "finishedAt", retry_at as "retryAt"
    from advisory_import where id = ${id}`.execute(world.database.db);
  return rows[0] as ImportRow;
}

/** What is one with what, by names: independent of ids and of the order of arrival. */
export async function vulnerabilitiesIn(world: World): Promise<readonly string[]> {
  const { rows } = await sql<{ said: string }>`
    select v.name || ': ' || (select string_agg(name, ' ' order by name collate "C")
        from vulnerability_name n where n.vulnerability_id = v.id)
      || ' [' || coalesce((select string_agg(id, ' ' order by id collate "C")
        from advisory a where a.vulnerability_id = v.id), '') || '] '
      || v.severity || case when v.withdrawn_at is null then '' else ' withdrawn' end as said
    from vulnerability v where joined_into is null order by 1`.execute(world.database.db);
  return rows.map(({ said }) => said);
}
