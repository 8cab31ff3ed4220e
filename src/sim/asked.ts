import { sql } from 'kysely';
import {
  askAccess,
  changeOffer,
  decideRequests,
  endEmergency,
  takeEmergency,
} from '../clauses/access/flows.ts';
import { dateIn } from '../kernel/instant.ts';
import { lacksUndertakingSql } from '../registers/people/store.undertakings.ts';
import type { Company } from './company.ts';

/** Access that the reader of the demo finds under way: about to end, asked for, taken in an emergency. */

/** How long the grant lasts that soon ends; it is asked for a little more than a week before today. */
const daysGranted = 13;

/** Somebody may hold what runs out in a few days: asked for, and approved by the owner of the system. */
export async function soonEnding(company: Company): Promise<void> {
  const wanted = await find(company, 'github', 'maintainer');
  const person = await somebody(company, 'engineer');
  if (!wanted || !person) return;
  const zone = (await company.world.organisation())?.zone ?? 'UTC';
  const endsOn = dateIn(company.world.now(), zone).add({ days: daysGranted }).toString();
  const asked = await company.as(person, 'employee')(askAccess, {
    entitlementId: wanted.id,
    purpose: 'Moving the build to new machines',
    endsOn,
    personId: null,
  });
  const id = asked.ok && asked.value[0]?.subject.split('/')[1];
  if (id) await company.officer(decideRequests, { ids: [id], decision: 'approve', reason: '' });
}

/** On the last morning one request waits for the officer, one for an owner, and an emergency for its review. */
export async function waiting(company: Company): Promise<void> {
  const administrator = await find(company, 'aws', 'administrator');
  const editor = await find(company, 'crm', 'editor');
  const [engineer, support] = [
    await somebody(company, 'engineer'),
    await somebody(company, 'support'),
  ];
  if (!administrator || !editor || !engineer || !support) return;
  await company.officer(changeOffer, {
    do: 'setRule',
    systemId: administrator.systemId,
    delegateId: null,
    longestDays: 180,
    privilegedBy: 'officer',
    instructions:
      'Accounts are given and taken in IAM Identity Center, under “AWS accounts”: assign or remove the permission set of the same name.',
  });
  await ask(company, engineer, administrator.id, 'The database is moved to another region');
  await ask(company, support, editor.id, 'Correcting addresses that customers told us of');
  const taken = await company.as(support, 'employee')(takeEmergency, {
    entitlementId: (await find(company, 'helpdesk', 'administrator'))?.id ?? '',
    reason: 'Tickets of all customers were shown to everybody; I switched the portal off',
    hours: 2,
  });
  const id = taken.ok && taken.value[0]?.subject.split('/')[1];
  if (id) await company.as(support, 'employee')(endEmergency, { id });
}

async function ask(company: Company, person: string, entitlementId: string, purpose: string) {
  const zone = (await company.world.organisation())?.zone ?? 'UTC';
  const endsOn = dateIn(company.world.now(), zone).add({ days: 60 }).toString();
  await company.as(person, 'employee')(askAccess, {
    entitlementId,
    purpose,
    endsOn,
    personId: null,
  });
}

async function find({ world }: Company, system: string, name: string) {
  const { rows } = await sql<{ id: string; systemId: string }>`
    select entitlement.id, system.id as "systemId" from entitlement
    join system on system.id = entitlement.system_id
    where system.key = ${system} and entitlement.name = ${name}`.execute(world.database.db);
  return rows[0] ?? null;
}

/** The first who has a role, is here to stay, and has signed what there is to sign. */
async function somebody({ world }: Company, role: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select id from person
    where ${role} = any(roles) and ends_on is null and erased_at is null
      and not ${lacksUndertakingSql(sql`person.id`)}
    order by starts_on, id limit 1`.execute(world.database.db);
  return rows[0]?.id ?? null;
}
