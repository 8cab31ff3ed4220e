import { sql } from 'kysely';
import { familyOf } from '../../advisories/packages.ts';
import { actorText } from '../../kernel/actor.ts';
import { type Tx, write } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import {
  type Feed,
  type ImportCommand,
  type ImportEvent,
  type ImportKind,
  type ImportRefusal,
  importCommand,
} from './facts.ts';
import { decideImport, type ImportState, type KnownImport } from './flow.ts';
import { findFeed } from './store.feeds.ts';

/** Imports of advisories as they are asked for and end, and the feeds they come from. */
export const importFlow: Flow<ImportState, ImportCommand, ImportEvent, ImportRefusal> = {
  name: 'advisories.import',
  clause: 'advisories',
  command: importCommand,
  load: loadImport,
  authorize: (_, command) => ({
    action: command.do === 'importAdvisories' ? actionOf(command.kind) : command.do,
  }),
  decide: decideImport,
  project: projectImport,
};

/** The permission to bring a file of a kind. */
function actionOf(kind: ImportKind): string {
  const actions = {
    osv: 'importAdvisories',
    kev: 'importExploited',
    epss: 'importExploitPredictions',
  };
  return actions[kind];
}

/** One command on imports at a time: of one feed one import is under way. */
const importsLock = 0x61647669;
/** Pairs that fit into the body of an entry; `vulnerability.joined_into` has them all. */
const joinedLimit = 300;

async function loadImport(tx: Tx, command: ImportCommand): Promise<ImportState> {
  await write(tx, sql`select pg_advisory_xact_lock(${importsLock})`);
  const kind = 'kind' in command ? command.kind : null;
  const finishing = command.do === 'finishImport';
  const [underWay, feed, known] = [
    kind !== null && (await isUnderWay(tx, kind)),
    kind === null ? null : await findFeed(tx, kind),
    finishing ? await findImport(tx, command.id) : null,
  ];
  const joined = finishing ? await joinedBy(tx, command.id) : [];
  const readWhole = finishing ? await readWholeBy(tx, command.id) : [];
  const said = finishing ? await saidOf(tx, command.id) : [];
  return {
    known,
    underWay,
    feed,
    joined: joined.slice(0, joinedLimit),
    joinedCount: joined.length,
    readWhole,
    said,
  };
}

/** Ecosystems of the feed that an import has read to their end. */
async function readWholeBy(tx: Tx, id: string): Promise<readonly string[]> {
  const { rows } = await sql<{ ecosystem: string }>`
    select ecosystem from advisory_feed_read where import_id = ${id} order by 1`.execute(tx);
  return rows.map(({ ecosystem }) => ecosystem);
}

/** What a file is said to be all of, how much of that was in it, and how much is known. */
async function saidOf(tx: Tx, id: string): Promise<ImportState['said']> {
  const { rows } = await sql<{ covers: readonly string[] }>`
    select covers from advisory_import where id = ${id}`.execute(tx);
  const covers = rows[0]?.covers ?? [];
  if (covers.length === 0) return [];
  const counted = await sql<{ family: string; taken: number; known: number }>`
    select family, coalesce(taken, 0) as taken, known from (
      select split_part(package_key, '/', 1) as family, count(distinct advisory_id)::int as known
      from advisory_package
      where split_part(package_key, '/', 1) = any(${covers.map(familyOf)}::text[]) group by 1) k
    left join (
      select family, count(*)::int as taken from advisory_counted
      where import_id = ${id} group by 1) t using (family)`.execute(tx);
  const byFamily = new Map(counted.rows.map((row) => [row.family, row]));
  return covers.map((ecosystem) => {
    const { taken = 0, known = 0 } = byFamily.get(familyOf(ecosystem)) ?? {};
    return { ecosystem, taken, known };
  });
}

async function isUnderWay(tx: Tx, kind: ImportKind): Promise<boolean> {
  const { rows } = await sql`
    select from advisory_import
    where kind = ${kind} and way = 'feed' and state in ('waiting', 'running') limit 1`.execute(tx);
  return rows.length > 0;
}

async function findImport(tx: Tx, id: string): Promise<KnownImport | null> {
  const { rows } = await sql<KnownImport>`
    select id, kind, state, holder, digest, read, added, changed, unchanged, withdrawn, refused
    from advisory_import where id = ${id} for update`.execute(tx);
  return rows[0] ?? null;
}

async function joinedBy(
  tx: Tx,
  id: string,
): Promise<readonly (readonly [from: string, into: string])[]> {
  const { rows } = await sql<{ id: string; into: string }>`
    select id, joined_into as "into" from vulnerability
    where import_id = ${id} and joined_into is not null order by id`.execute(tx);
  return rows.map((row) => [row.id, row.into]);
}

async function projectImport(tx: Tx, event: ImportEvent, context: Context): Promise<void> {
  switch (event.type) {
    case 'AdvisoryImportAsked': {
      const { id, kind, way, origin, covers } = event.asked;
      await write(
        tx,
        sql`insert into advisory_import (id, kind, way, origin, covers, asked_by, began_at)
          values (${id}, ${kind}, ${way}, ${origin}, ${[...covers]}::text[],
            ${actorText(context.actor)}, ${context.now})`,
      );
      if (way === 'feed') await planNext(tx, kind, context.now);
      break;
    }
    case 'AdvisoryFeedChanged':
      await saveFeed(tx, event.feed, event.nextAt);
      if (event.moved && event.feed.kind === 'osv')
        await write(tx, sql`delete from advisory_feed_read`);
      break;
    case 'AdvisoriesImported':
      await write(
        tx,
        sql`update advisory_import set state = ${event.problem === null ? 'done' : 'failed'},
            finished_at = ${context.now}, covered = ${[...event.covered]}::text[], problem = ${event.problem}, detail = ${event.detail},
            holder = null, held_until = null, retry_at = null
          where id = ${event.id}`,
      );
      await write(
        tx,
        sql`insert into advisory_coverage (ecosystem, read_at, import_id)
          select unnest(covered), began_at, id from advisory_import where id = ${event.id}
          on conflict (ecosystem) do update set read_at = excluded.read_at, import_id = excluded.import_id
          where advisory_coverage.read_at <= excluded.read_at`,
      );
      await write(tx, sql`delete from advisory_piece where import_id = ${event.id}`);
      await write(tx, sql`delete from advisory_counted where import_id = ${event.id}`);
      break;
  }
}

/** Counted from now: a clock that stood still is not caught up with. */
async function planNext(tx: Tx, kind: ImportKind, now: Instant): Promise<void> {
  await write(
    tx,
    sql`update advisory_feed
        set next_at = case when is_on then ${now}::timestamptz + every_hours * interval '1 hour' end
        where kind = ${kind}`,
  );
}

async function saveFeed(tx: Tx, feed: Feed, nextAt: Instant | null): Promise<void> {
  await write(
    tx,
    sql`update advisory_feed set is_on = ${feed.on}, address = ${feed.address},
          ecosystems = ${[...feed.ecosystems]}::text[], every_hours = ${feed.everyHours},
          stale_after_hours = ${feed.staleAfterHours}, version = ${feed.version}, next_at = ${nextAt}
        where kind = ${feed.kind}`,
  );
}
