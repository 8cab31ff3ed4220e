import { sql } from 'kysely';
import { isUuid, type PersonId } from '../../kernel/id.ts';
import type { PeopleRegister } from '../../platform/identity/oidc/arrive.ts';
import type { World } from '../../platform/world.ts';
import { giveRolesIn } from './roles.ts';

/** The register of people, and what provisioning keeps beside it, as sign-in by a provider asks them. */
export function peopleFor(world: World): PeopleRegister {
  return {
    giveRoles: giveRolesIn(world),
    async expected(tx, externalId) {
      // Object ids are written in capitals by some directories, and no two differ by that alone;
      // subjects may.
      const { rows } = await sql<{ person_id: PersonId }>`
        select person_id from scim_user
        where deleted_at is null and (external_id = ${externalId}
          or (${isUuid(externalId)} and lower(external_id) = ${externalId})) limit 2`.execute(tx);
      return rows.length === 1 ? (rows[0]?.person_id ?? null) : null;
    },
  };
}
