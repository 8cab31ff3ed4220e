import type { Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Context, Event } from '../../policy/event.ts';
import { giveRole, takeRole } from '../../registers/people/store.roles.ts';
import {
  addGroup,
  addMembers,
  changeGroup,
  removeGroup,
  removeMembers,
  stillGiven,
} from '../../registers/provisioning/store.groups.ts';

/** A group was changed: one event, however many members. `change` is projected; ids alone reach the ledger. */
export type GroupChange = Event & {
  readonly type: 'GroupProvisioned' | 'GroupChanged' | 'GroupDeleted';
  readonly change: {
    readonly id: string;
    readonly displayName: string;
    readonly externalId: string | null;
    readonly renamed: boolean;
    readonly added: readonly PersonId[];
    readonly removed: readonly PersonId[];
    /** What members of the group are in Kept. */
    readonly role: string | null;
  };
};

export async function projectGroup(tx: Tx, event: Event, { now }: Context): Promise<void> {
  const { type, change } = event as GroupChange;
  const { id, added, removed, role } = change;
  if (role && removed.length > 0) {
    const still = await stillGiven(tx, removed, role, id);
    const losing = removed.filter((person) => !still.has(person));
    await takeRole(tx, losing, role, now);
  }
  switch (type) {
    case 'GroupProvisioned':
      await addGroup(tx, change, now);
      break;
    case 'GroupChanged':
      await changeGroup(tx, change, now);
      break;
    case 'GroupDeleted':
      await removeGroup(tx, id);
      return;
  }
  await addMembers(tx, id, added);
  await removeMembers(tx, id, removed);
  if (role) await giveRole(tx, added, role, now);
}
