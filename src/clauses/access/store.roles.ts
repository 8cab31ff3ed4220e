import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Tx } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import type { AdoptRole, DropRole, RoleAdopted, RoleDropped } from './facts.mining.ts';
import type { AdoptionState, DropState } from './flow.mining.ts';
import { linesOf } from './store.campaign.ts';
import { answersForRoles, entitlementLines, idOf } from './store.mining.ts';

export async function loadAdoption(
  tx: Tx,
  { suggestionId, name }: AdoptRole,
  { actor }: Context,
): Promise<AdoptionState> {
  const suggested = await sql<{ system_id: string | null; entitlements: string[] }>`
    select search.system_id, array(
      select entitlement_id::text from suggested_role_entitlement where role_id = role.id
    ) as entitlements
    from suggested_role role join role_search search on search.id = role.search_id
    where role.id = ${suggestionId} and search.state = 'done'`.execute(tx);
  const [found] = suggested.rows;
  if (!found) return { suggestion: null, answerable: false, adopted: false, nameTaken: false };
  const entitlements = entitlementLines(found.entitlements);
  const { rows } = await sql<{ adopted: boolean | null; named: boolean | null }>`
    select bool_or(digest = ${entitlements.sha256}) as adopted, bool_or(lower(name) = lower(${name})) as named
    from access_role
    where dropped_at is null and system_id is not distinct from ${found.system_id}::uuid`.execute(
    tx,
  );
  return {
    suggestion: {
      systemId: found.system_id,
      count: found.entitlements.length,
      entitlements,
    },
    answerable: await answersForRoles(tx, actor, found.system_id),
    adopted: rows[0]?.adopted ?? false,
    nameTaken: rows[0]?.named ?? false,
  };
}

export async function projectAdopted(
  tx: Tx,
  event: RoleAdopted,
  { actor, now }: Context,
): Promise<void> {
  const id = idOf(event.subject);
  const { system, entitlementsBlob } = event.body;
  await sql`
    insert into access_role (id, system_id, name, digest, adopted_at, adopted_by)
    values (${id}, ${system}, ${event.private.name}, ${entitlementsBlob}, ${now}, ${personOf(actor)})`.execute(
    tx,
  );
  await sql`
    insert into access_role_entitlement (role_id, entitlement_id)
    select ${id}, line::uuid from string_to_table(${linesOf(event.blobs.entitlementsBlob)}::text, E'\\n') as line`.execute(
    tx,
  );
}

export async function loadDrop(
  tx: Tx,
  { roleId }: DropRole,
  { actor }: Context,
): Promise<DropState> {
  const { rows } = await sql<{ systemId: string | null }>`
    select system_id as "systemId" from access_role where id = ${roleId} and dropped_at is null for update`.execute(
    tx,
  );
  const role = rows[0] ?? null;
  return {
    role,
    answerable: role !== null && (await answersForRoles(tx, actor, role.systemId)),
  };
}

export async function projectDropped(
  tx: Tx,
  { subject }: RoleDropped,
  { now }: Context,
): Promise<void> {
  await sql`update access_role set dropped_at = ${now} where id = ${idOf(subject)}`.execute(tx);
}
