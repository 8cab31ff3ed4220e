import { sql } from 'kysely';
import { z } from 'zod';
import type { PersonId } from '../../kernel/id.ts';
import { ok, refuse } from '../../kernel/result.ts';
import type { Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import { giveRole, takeRole } from '../people/store.roles.ts';
import { mappableRoles } from './facts.ts';
import { setGroupRole, stillGiven } from './store.groups.ts';

const command = z.discriminatedUnion('do', [
  z.object({ do: z.literal('mapGroup'), id: z.uuid(), role: z.enum(mappableRoles).nullable() }),
  z.object({ do: z.literal('settleRoles'), personId: z.uuid() }),
]);
export type MappingCommand = z.output<typeof command>;

export interface GroupMapped extends Event {
  readonly type: 'GroupMapped';
  readonly body: { readonly role: string | null; readonly before: string | null };
  readonly group: string;
  readonly members: readonly PersonId[];
}
export interface RolesSettled extends Event {
  readonly type: 'RolesSettled';
  readonly body: { readonly roles: readonly string[] };
  readonly about: PersonId;
}
export type MappingEvent = GroupMapped | RolesSettled;
export type MappingRefusal = 'notFound' | 'nothingToChange';

export interface MappingState {
  readonly group: { readonly role: string | null } | null;
  readonly members: readonly PersonId[];
  /** What somebody's groups give that they do not have. */
  readonly lacking: readonly string[];
}

/**
 * Which group of the directory gives which role: set by whoever may give roles. From then on the
 * directory decides who has the role, by who is in the group.
 */
export const mappingFlow: Flow<MappingState, MappingCommand, MappingEvent, MappingRefusal> = {
  name: 'provisioning.mapping',
  clause: 'provisioning',
  command,
  async load(tx, it) {
    if (it.do === 'settleRoles') {
      const { rows } = await sql<{ role: string }>`
        select distinct g.role from scim_member m join scim_group g on g.id = m.group_id
        join person p on p.id = m.person_id
        where m.person_id = ${it.personId} and g.role is not null and not g.role = any(p.roles)
          and p.left_at is null order by 1`.execute(tx);
      return { group: null, members: [], lacking: rows.map(({ role }) => role) };
    }
    const group = await sql<{ role: string | null }>`
      select role from scim_group where id = ${it.id} for update`.execute(tx);
    const members = await sql<{ id: PersonId }>`
      select person_id as id from scim_member where group_id = ${it.id}`.execute(tx);
    return {
      group: group.rows[0] ?? null,
      members: members.rows.map(({ id }) => id),
      lacking: [],
    };
  },
  authorize: () => ({ action: 'assignRoles' }),
  decide({ group, members, lacking }, it) {
    if (it.do === 'settleRoles') {
      if (lacking.length === 0) return ok([]);
      const subject = `person/${it.personId}`;
      return ok([{ type: 'RolesSettled', subject, body: { roles: lacking }, about: it.personId }]);
    }
    if (!group) return refuse('notFound');
    if (group.role === it.role) return refuse('nothingToChange');
    const body = { role: it.role, before: group.role };
    return ok([{ type: 'GroupMapped', subject: `group/${it.id}`, body, group: it.id, members }]);
  },
  async project(tx, event, { now }) {
    if (event.type === 'RolesSettled') {
      for (const role of event.body.roles) await giveRole(tx, [event.about], role, now);
      return;
    }
    const { role, before } = event.body;
    await setGroupRole(tx, event.group, role);
    if (before) {
      const still = await stillGiven(tx, event.members, before, event.group);
      const losing = event.members.filter((id) => !still.has(id));
      await takeRole(tx, losing, before, now);
    }
    if (role) await giveRole(tx, event.members, role, now);
  },
};
