import { type RawBuilder, sql } from 'kysely';

/**
 * Ids of the advisories that an import brought or changed, withdrawn ones among them. An advisory
 * that a later import changed again is among that one's: whoever settles every import misses none.
 *
 * @returns a query with the column `id`, to stand in `in (…)` or `from (…)`
 */
export function changedSince(importId: string): RawBuilder<{ id: string }> {
  return sql<{ id: string }>`select id from advisory where import_id = ${importId}::uuid`;
}

/**
 * Ids of the vulnerabilities whose rating, names, summary, advisories or exploitation an import
 * changed: what is computed from them is to be computed again. Those joined into others are among
 * them, with `joined_into` set.
 *
 * @returns a query with the columns `id` and `joined_into`
 */
export function vulnerabilitiesChangedSince(
  importId: string,
): RawBuilder<{ id: string; joined_into: string | null }> {
  return sql<{ id: string; joined_into: string | null }>`
    select id, joined_into from vulnerability where import_id = ${importId}::uuid`;
}

/**
 * A vulnerability that became part of another stays as a row that says which. `joined_into` leads to
 * the end at once, never to one that was joined itself: carrying over is one statement,
 * `update … set vulnerability_id = v.joined_into from (<this>) v where v.id = vulnerability_id`.
 *
 * @returns a query with the columns `id` and `joined_into`
 */
export function joinedVulnerabilities(): RawBuilder<{ id: string; joined_into: string }> {
  return sql<{ id: string; joined_into: string }>`
    select id, joined_into from vulnerability where joined_into is not null`;
}
