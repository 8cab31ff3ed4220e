import { sql } from 'kysely';
import type { Role } from '../../kernel/actor.ts';
import type { PersonId } from '../../kernel/id.ts';
import { execute } from '../../platform/execute.ts';
import type { GiveRoles } from '../../platform/identity/oidc/arrive.ts';
import type { World } from '../../platform/world.ts';
import type { PersonCommand } from '../../registers/people/facts.ts';
import { personFlow } from '../../registers/people/store.ts';

const actor = { kind: 'system', id: 'provider' } as const;

/**
 * Writes the roles that a provider gives into the register of people, by the flow that everybody
 * else goes through. Where a guard holds a new role back, what the provider takes away goes all the
 * same: nobody keeps more than both allow. The last security officer stays one, or nobody could put
 * a wrong mapping right.
 */
export function giveRolesIn(world: World): GiveRoles {
  return async (personId, given) => {
    const person = await readPerson(world, personId);
    if (!person || (await isLastOfficer(world, personId, person.roles, given))) {
      return { given: false, waiting: [] };
    }
    const all = await give(world, personId, person.version, given);
    if (all === 'done') return { given: true, waiting: [] };
    if (all === 'refused') return { given: false, waiting: [] };
    const rest = given.filter((role) => person.roles.includes(role));
    const waiting = given.filter((role) => !person.roles.includes(role));
    const some = await give(world, personId, person.version, rest);
    return { given: some === 'done', waiting };
  };
}

interface Held {
  readonly version: number;
  readonly roles: readonly Role[];
}

async function readPerson(world: World, id: PersonId): Promise<Held | null> {
  const { rows } = await sql<Held>`select version, roles from person where id = ${id}`.execute(
    world.database.db,
  );
  return rows[0] ?? null;
}

async function give(
  world: World,
  id: PersonId,
  version: number,
  roles: readonly Role[],
): Promise<'done' | 'heldBack' | 'refused'> {
  const changes = { roles: [...roles] };
  const command: PersonCommand = { do: 'updatePerson', id, version, changes };
  const answer = await execute(world, personFlow, command, actor);
  if (answer.ok || answer.refusal.code === 'nothingToChange') return 'done';
  return answer.refusal.guard ? 'heldBack' : 'refused';
}

async function isLastOfficer(
  world: World,
  id: PersonId,
  held: readonly Role[],
  given: readonly Role[],
): Promise<boolean> {
  if (!held.includes('security-officer') || given.includes('security-officer')) return false;
  const { rows } = await sql`
    select from person where id <> ${id} and 'security-officer' = any(roles) and erased_at is null
      and (ends_on is null or ends_on >= ${world.now().toZonedDateTimeISO('UTC').toPlainDate()}) limit 1`.execute(
    world.database.db,
  );
  return rows.length === 0;
}
