import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { Source } from '../../policy/check.ts';
import { notConnected, type Unconnected } from '../../policy/unconnected.ts';
import type { Aspect } from '../../registers/connections/facts.connector.ts';

/** What checks stand on that judge facts of connections: aspects, and what is missing of them. */

/** Types of entries after which it may differ what is read at all. */
export const connectionsChanged = ['ConnectionSetUp', 'ConnectionChanged', 'ConnectionRemoved'];

/** The kind of connection through which the corporate identity provider is read. */
const identityProviderKind = 'entra';

/** Ids of systems that a connection of this kind reads. */
export function connectedBy(kind: string): RawBuilder<unknown> {
  return sql`(select system_id from connection where kind = ${kind} and removed_at is null)`;
}

export const identityProviders = connectedBy(identityProviderKind);

/** Whether a system, by an expression of its id, has an aspect that its newest read could not see. */
export function misses(systemId: RawBuilder<unknown>, aspects: readonly Aspect[]) {
  return sql<boolean>`${systemId} in (
    select system_id from read_gap where aspect = any(${aspects}::text[]))`;
}

/**
 * Aspects of connected systems as sources. One that the newest read could not see was never read, and
 * is named by the permission that is missing; so is everything of a connection that has read nothing.
 *
 * @param condition on `system`
 */
export async function aspectSources(
  db: Db,
  aspects: readonly Aspect[],
  condition: RawBuilder<unknown> = sql`true`,
): Promise<readonly Source[]> {
  const { rows } = await sql<Source>`
    select system.name || ' · ' || coalesce(nullif(gap.permission, ''), wanted.aspect) as name,
      case when gap.aspect is null then seen.at end as "readAt",
      system.stale_after_hours as "staleAfterHours"
    from system
    cross join unnest(${aspects}::text[]) as wanted (aspect)
    left join read_gap gap on gap.system_id = system.id and gap.aspect = wanted.aspect
    left join aspect_read seen on seen.system_id = system.id and seen.aspect = wanted.aspect
    where system.retired_at is null and ${condition}
      and (gap.aspect is not null or seen.aspect is not null
        or system.id in (select system_id from connection where removed_at is null)
          and not exists (select from aspect_read any_read where any_read.system_id = system.id))
    order by 1`.execute(db);
  return rows;
}

/** Sources of an aspect that only makes sense where a system of some kind is connected. */
export async function sourcesOf(
  db: Db,
  aspects: readonly Aspect[],
  condition: RawBuilder<unknown>,
  otherwise: Unconnected,
): Promise<readonly Source[]> {
  const sources = await aspectSources(db, aspects, condition);
  return sources.length > 0 ? sources : [notConnected(otherwise)];
}
