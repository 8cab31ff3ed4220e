import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { JsonObject } from '../../kernel/json.ts';

/** What a directory says of a person, as it is kept beside the register. */
export interface Provisioned {
  readonly userName: string;
  readonly externalId: string | null;
  /** Every other attribute, by the names of RFC 7643. */
  readonly attributes: JsonObject;
}

/** Keeps what the directory says; a user that was deleted is there again. */
export async function saveProvisioned(tx: Tx, id: PersonId, it: Provisioned): Promise<void> {
  await write(
    tx,
    sql`
    insert into scim_user (person_id, user_name, external_id, attributes)
    values (${id}, ${it.userName}, ${it.externalId}, ${JSON.stringify(it.attributes)}::jsonb)
    on conflict (person_id) do update set user_name = excluded.user_name,
      external_id = excluded.external_id, attributes = excluded.attributes, deleted_at = null`,
  );
}

/** The directory has deleted the user; who it was stays known until the person is erased. */
export async function markDeleted(tx: Tx, id: PersonId, at: Instant): Promise<void> {
  await sql`
    insert into scim_user (person_id, user_name, attributes, deleted_at)
    select id, coalesce(email, id::text), '{}', ${at} from person where id = ${id}
    on conflict (person_id) do update set deleted_at = excluded.deleted_at`.execute(tx);
}

/** What `active: false` does to a person. */
export type OnDeactivation = 'leave' | 'suspend';

/** As shipped: whom the directory deactivates has left. */
export async function onDeactivation(db: Db): Promise<OnDeactivation> {
  const { rows } = await sql<{ on_deactivation: OnDeactivation }>`
    select on_deactivation from scim_setting`.execute(db);
  return rows[0]?.on_deactivation ?? 'leave';
}

export async function setOnDeactivation(tx: Tx, what: OnDeactivation): Promise<void> {
  await sql`
    insert into scim_setting (on_deactivation) values (${what})
    on conflict (single) do update set on_deactivation = excluded.on_deactivation`.execute(tx);
}
