import { type RawBuilder, sql } from 'kysely';
import type { Actor } from '../../kernel/actor.ts';
import type { Db, Tx } from '../../kernel/db.ts';
import { sha256Hex } from '../../ledger/hash.ts';
import type { Campaign, Evidence, Waiting } from './facts.ts';

/**
 * The campaign, locked: decisions, delegations and the closing of one campaign come one after the
 * other, which is cheaper than locking a hundred thousand items and leaves no gap between them.
 */
export async function loadCampaign(tx: Tx, id: string): Promise<Campaign | null> {
  const { rows } = await sql<Campaign>`
    select id, name, quarter, state, due_at as "dueAt", revoke_within_hours as "revokeWithinHours", items, undecided
    from review_campaign where id = ${id} for update`.execute(tx);
  return rows[0] ?? null;
}

/** Who has still to decide, and on how many items. */
export async function waitingFor(db: Db, campaignId: string): Promise<readonly Waiting[]> {
  const { rows } = await sql<Waiting>`
    select reviewer_id as "reviewerId", count(*)::int as items
    from review_item where campaign_id = ${campaignId} and decision is null
    group by reviewer_id order by reviewer_id`.execute(db);
  return rows;
}

/** Everybody who holds the role of security officer today. */
export async function securityOfficers(
  db: Db,
  today: Temporal.PlainDate,
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from person
    where 'security-officer' = any(roles) and ${employed('person', today)} order by id`.execute(db);
  return rows.map((row) => row.id);
}

/** Condition: a person is employed on a day, so that work may be given to them. */
export function employed(alias: string, today: Temporal.PlainDate): RawBuilder<boolean> {
  const of = (column: string) => sql.ref(`${alias}.${column}`);
  return sql<boolean>`(${of('erased_at')} is null
    and (${of('starts_on')} is null or ${of('starts_on')} <= ${today})
    and (${of('ends_on')} is null or ${of('ends_on')} >= ${today}))`;
}

/** Whether a person can be given work on a day. */
export async function isEmployed(
  db: Db,
  personId: string,
  today: Temporal.PlainDate,
): Promise<boolean> {
  const { rows } = await sql`
    select from person where id = ${personId} and ${employed('person', today)}`.execute(db);
  return rows.length > 0;
}

/** Whether an actor may act for the role that holds items which no person could be found for. */
export function holdsOfficerRole(actor: Actor): boolean {
  return actor.kind !== 'system' && actor.roles.includes('security-officer');
}

export function evidenceOf(lines: string | null): Evidence {
  const bytes = Buffer.from(lines ?? '', 'utf8');
  return { bytes, sha256: sha256Hex(bytes) };
}

/** Lines of evidence as they go into a query: text that PostgreSQL splits itself. */
export function linesOf(blob: Uint8Array): string {
  return Buffer.from(blob).toString('utf8').trimEnd();
}

/** From how many rows on a statement is planned as one over many. */
const many = 1000;

/**
 * Tells PostgreSQL, for the rest of the transaction, that an act is about many rows. It cannot know:
 * the rows were written in this very transaction, so its statistics say that there are none, and a
 * loop over "none" visits a hundred thousand rows one by one.
 */
export async function planForMany(tx: Tx, rows: number): Promise<void> {
  if (rows < many) return;
  await sql`set local enable_nestloop = off`.execute(tx);
  await sql`set local work_mem = '64MB'`.execute(tx);
}
