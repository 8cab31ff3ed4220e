import { sql } from 'kysely';
import type { Db, Tx } from '../kernel/db.ts';
import type { Instant } from '../kernel/instant.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { Language } from '../kernel/language.ts';

export interface Organisation {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly languages: readonly Language[];
  readonly domain: string;
  readonly settings: JsonObject;
}

/** The organisation, or null while nobody has set one up. */
export async function organisationOf(db: Db): Promise<Organisation | null> {
  const { rows } = await sql<Organisation>`
    select id, name, zone, languages, domain, settings from organisation`.execute(db);
  return rows[0] ?? null;
}

/** Writes the organisation's one row; a second one is refused by the table itself. */
export async function insertOrganisation(
  tx: Tx,
  { id, name, zone, languages, domain }: Omit<Organisation, 'settings'>,
  at: Instant,
): Promise<void> {
  await sql`
    insert into organisation (id, name, zone, languages, domain, created_at)
    values (${id}, ${name}, ${zone}, ${languages}::text[], ${domain}, ${at})`.execute(tx);
}
