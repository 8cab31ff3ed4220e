import { randomInt } from 'node:crypto';
import { sql } from 'kysely';
import type { Db, Tx } from '../../../kernel/db.ts';
import type { PersonId } from '../../../kernel/id.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { Keys } from '../../keys.ts';
import type { Claimed } from './claims.ts';
import type { Provider } from './party.ts';
import { clientSecret, type ProviderSettings, providerSettings } from './settings.ts';

/** What the client's secret is sealed for. */
export const secretPurpose = 'sign-in provider';

/** Days for which somebody unknown is remembered, so that the security officer can link them. */
const strangerDays = 30;

/** The provider that is set up, switched on or not; null where none is. */
export async function readProvider(db: Db | Tx, keys: Keys): Promise<Provider | null> {
  const { rows } = await sql<{
    enabled: boolean;
    settings: unknown;
    sealed: Buffer;
    revision: number;
  }>`select enabled, settings, sealed, revision from sign_in_provider`.execute(db);
  const [row] = rows;
  if (!row) return null;
  return {
    enabled: row.enabled,
    settings: providerSettings.parse(row.settings),
    revision: row.revision,
    secret: clientSecret.parse(
      JSON.parse(Buffer.from(keys.open(secretPurpose, row.sealed)).toString()),
    ),
  };
}

/** Of the provider, what everybody may see. */
export async function readButton(
  db: Db,
): Promise<{ readonly label: string; readonly kind: ProviderSettings['kind'] } | null> {
  const { rows } = await sql<{ label: string; kind: ProviderSettings['kind'] }>`
    select settings->>'label' as label, settings->>'kind' as kind from sign_in_provider where enabled`.execute(
    db,
  );
  return rows[0] ?? null;
}

/** Who a known identity is. */
export interface Linked {
  readonly id: string;
  readonly personId: PersonId;
  readonly refusedAt: Instant | null;
}

/**
 * Whose an identity is: by subject, or by object id where it was linked by that and is new here.
 * Never by address.
 */
export async function findIdentity(tx: Tx, it: Claimed): Promise<Linked | null> {
  const { rows } = await sql<{
    id: string;
    person_id: PersonId;
    subject: string | null;
    refused_at: Instant | null;
  }>`
    select id, person_id, subject, refused_at from sign_in_identity
    where issuer = ${it.issuer} and tenant = ${it.tenant}
      and (subject = ${it.subject} or (subject is null and object_id = ${it.objectId}))
      and (object_id is null or ${it.objectId}::text is null or object_id = ${it.objectId})
    order by subject nulls last limit 1 for update`.execute(tx);
  const [row] = rows;
  return row ? { id: row.id, personId: row.person_id, refusedAt: row.refused_at } : null;
}

/** A link as it is written down. */
export interface NewLink {
  readonly id: string;
  readonly personId: PersonId;
  readonly issuer: string;
  readonly tenant: string;
  readonly subject: string | null;
  readonly objectId: string | null;
  readonly how: 'provisioning' | 'invitation' | 'officer';
}

/** Links a person to an identity, in place of the one they had there: its sessions end. */
export async function insertLink(tx: Tx, link: NewLink, now: Instant): Promise<void> {
  await sql`
    delete from sign_in_identity
    where issuer = ${link.issuer} and tenant = ${link.tenant}
      and (person_id = ${link.personId} or subject = ${link.subject} or object_id = ${link.objectId})`.execute(
    tx,
  );
  await sql`
    insert into sign_in_identity (id, person_id, issuer, tenant, subject, object_id, how, linked_at)
    values (${link.id}, ${link.personId}, ${link.issuer}, ${link.tenant}, ${link.subject}, ${link.objectId},
            ${link.how}, ${now})`.execute(tx);
  await sql`
    delete from sign_in_stranger where issuer = ${link.issuer} and tenant = ${link.tenant}
      and (subject = ${link.subject} or object_id = ${link.objectId})`.execute(tx);
}

/** Notes that an identity came, and by which subject, where only its object id was known. */
export async function noteArrival(
  tx: Tx,
  id: string,
  it: Claimed,
  waiting: readonly string[],
  now: Instant,
): Promise<void> {
  await sql`
    update sign_in_identity set last_at = ${now}, subject = ${it.subject}, waiting = ${waiting}::text[],
      object_id = coalesce(${it.objectId}, object_id)
    where id = ${id}`.execute(tx);
}

/** Letters and digits that nobody takes for one another. */
const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/**
 * Remembers somebody whom nobody knows, for the security officer.
 *
 * @returns what the person says to them: eight signs
 */
export async function rememberStranger(
  tx: Tx,
  it: Claimed,
  id: string,
  now: Instant,
): Promise<string> {
  await sql`
    delete from sign_in_stranger where last_at < ${now.subtract({ hours: 24 * strangerDays })}`.execute(
    tx,
  );
  const fresh = Array.from({ length: 8 }, () => alphabet[randomInt(alphabet.length)]).join('');
  const { rows } = await sql<{ reference: string }>`
    insert into sign_in_stranger (id, reference, issuer, tenant, subject, object_id, name, email, last_at)
    values (${id}, ${fresh}, ${it.issuer}, ${it.tenant}, ${it.subject}, ${it.objectId}, ${it.name}, ${it.email},
            ${now})
    on conflict (issuer, tenant, subject) do update
      set name = excluded.name, email = excluded.email, object_id = excluded.object_id, last_at = excluded.last_at
    returning reference`.execute(tx);
  return rows[0]?.reference ?? fresh;
}
