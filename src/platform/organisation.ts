import { sql } from 'kysely';
import type { Db } from '../kernel/db.ts';
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
