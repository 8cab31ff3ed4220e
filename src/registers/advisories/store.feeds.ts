import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Feed, ImportKind } from './facts.ts';

const columns = sql`kind, is_on as "on", address, ecosystems, every_hours as "everyHours",
  stale_after_hours as "staleAfterHours", version`;

/** A feed as it is set. */
export async function findFeed(db: Db, kind: ImportKind): Promise<Feed | null> {
  const { rows } = await sql<Feed>`
    select ${columns} from advisory_feed where kind = ${kind}`.execute(db);
  return rows[0] ?? null;
}

/** A feed with how it stands. */
interface FeedStanding extends Feed {
  readonly nextAt: Instant | null;
  /** When an import of its kind, of a file or of the feed, last came to its end. */
  readonly importedAt: Instant | null;
  /** The import that waits or is at work. */
  readonly importId: string | null;
  readonly problem: string | null;
}

/** Every feed, whether it is on or not. */
export async function feedsStanding(db: Db): Promise<readonly FeedStanding[]> {
  const { rows } = await sql<FeedStanding>`
    select ${columns}, next_at as "nextAt",
      (select max(i.finished_at) from advisory_import i
        where i.kind = f.kind and i.state = 'done') as "importedAt",
      (select i.id from advisory_import i
        where i.kind = f.kind and i.state in ('waiting', 'running')
        order by i.began_at limit 1) as "importId",
      (select i.problem from advisory_import i where i.kind = f.kind
        order by i.began_at desc, i.id desc limit 1) as problem
    from advisory_feed f order by array_position('{osv,kev,epss}', kind)`.execute(db);
  return rows;
}
