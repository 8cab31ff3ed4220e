import type { Actor } from '../../kernel/actor.ts';
import type { Tx } from '../../kernel/db.ts';
import type { Language } from '../../kernel/language.ts';
import { invitationDays } from '../../platform/identity/flow.invitation.ts';
import { createLogin } from '../../platform/identity/login.ts';
import { type Device, openSession } from '../../platform/identity/session.ts';
import { appendEvents } from '../../platform/ledger/append.ts';
import { insertOrganisation } from '../../platform/organisation.ts';
import type { World } from '../../platform/world.ts';
import type { Context, Event } from '../../policy/event.ts';
import { personFlow } from '../../registers/people/store.ts';
import type { Founding } from './facts.ts';

/** The administrator is also somebody who works there. */
const administratorRoles = ['security-officer', 'employee'];

/**
 * Sets up the organisation: its row, the first person, their login and session, and the first
 * entry of the ledger, in one transaction; or nothing, and null, where there is one already.
 *
 * Not a flow: there is nobody yet who could be allowed to, and a password's hash must stand in no
 * event. The person is registered by the event that registers every person.
 */
export async function found(
  world: World,
  founding: Founding,
  login: { readonly passwordHash: string; readonly language: Language; readonly device: Device },
): Promise<{ readonly setCookie: string } | null> {
  const opened = await world.database.db
    .transaction()
    .execute((tx) => foundIn(world, tx, founding, login))
    .catch((thrown: unknown) => {
      if (isSecondOrganisation(thrown)) return null;
      throw thrown;
    });
  world.forgetOrganisation();
  if (opened) world.poke();
  return opened;
}

async function foundIn(
  world: World,
  tx: Tx,
  { organisation, administrator }: Founding,
  { passwordHash, language, device }: { passwordHash: string; language: Language; device: Device },
): Promise<{ readonly setCookie: string }> {
  const now = world.now();
  const organisationId = world.newId();
  const personId = world.newId();
  const { name, email } = administrator;
  await insertOrganisation(tx, { id: organisationId, ...organisation }, now);
  const registered = {
    type: 'PersonRegistered',
    subject: `person/${personId}`,
    body: { managerId: null, startsOn: null, roles: administratorRoles, language },
    private: { name, reading: '', email, department: '' },
    about: personId,
  } as const;
  const actor: Actor = { kind: 'system', id: 'setup' };
  const context: Context = { now, actor, zone: organisation.zone, newId: () => world.newId() };
  await personFlow.project(tx, registered, context);
  const { userId } = await createLogin(world, tx, {
    personId,
    name,
    email,
    passwordHash,
    enrolBy: now.add({ hours: invitationDays * 24 }),
  });
  const founded: Event = {
    type: 'OrganisationFounded',
    subject: `organisation/${organisationId}`,
    body: { ...organisation, administrator: personId },
  };
  await appendEvents(world, tx, 'identity', [founded], context);
  await appendEvents(world, tx, personFlow.clause, [registered], context);
  return openSession(world, tx, userId, ['pwd'], device);
}

/** The table holds one row; whoever is second is told so by its index. */
function isSecondOrganisation(thrown: unknown): boolean {
  const { code, constraint } = thrown as { code?: string; constraint?: string };
  return code === '23505' && constraint === 'organisation_single';
}
