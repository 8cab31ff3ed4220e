import { type RawBuilder, sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import { countHeld, forgetAccountsOf } from '../accounts/holdings.ts';
import { forgetFindingsAbout } from '../findings/erasure.ts';
import { forgetProvisioned } from '../provisioning/erasure.ts';
import { forgetTasksAbout } from '../tasks/erasure.ts';
import {
  type Person,
  type PersonCommand,
  type PersonEvent,
  type PersonRefusal,
  personCommand,
} from './facts.ts';
import { authorizePerson, decidePerson, type PeopleState } from './flow.ts';
import { letReturn, scheduleLeaving } from './store.leaving.ts';
import { lockPeople } from './store.lock.ts';
import { asksUndertakings, lackingUndertaking, lacksUndertakingSql } from './store.undertakings.ts';

/** Who works here, from joining to erasure. */
export const personFlow: Flow<PeopleState, PersonCommand, PersonEvent, PersonRefusal> = {
  name: 'people.person',
  clause: 'people',
  command: personCommand,
  load: loadPeople,
  authorize: authorizePerson,
  decide: decidePerson,
  project: projectPeople,
};

interface PersonRow {
  readonly id: PersonId;
  readonly name: string;
  readonly reading: string;
  readonly email: string | null;
  readonly manager_id: PersonId | null;
  readonly department: string;
  readonly starts_on: Temporal.PlainDate | null;
  readonly ends_on: Temporal.PlainDate | null;
  readonly roles: readonly string[];
  readonly language: string;
  readonly version: number;
  readonly erased: boolean;
  readonly left: boolean;
}

const columns = sql`id, name, reading, email, manager_id, department, starts_on, ends_on, roles, language,
  version, erased_at is not null as erased, left_at is not null as left`;

function personFrom(row: PersonRow): NonNullable<PeopleState['person']> {
  return {
    id: row.id,
    name: row.name,
    reading: row.reading,
    email: row.email,
    managerId: row.manager_id,
    department: row.department,
    startsOn: row.starts_on?.toString() ?? null,
    endsOn: row.ends_on?.toString() ?? null,
    roles: row.roles,
    language: row.language,
    version: row.version,
    erased: row.erased,
    left: row.left,
  };
}

async function loadPeople(tx: Tx, command: PersonCommand): Promise<PeopleState> {
  await lockPeople(tx, 'everyone');
  const proposed =
    command.do === 'registerPerson'
      ? command.person
      : command.do === 'updatePerson'
        ? command.changes
        : {};
  return {
    person: 'id' in command ? await findPerson(tx, command.id) : null,
    holder: proposed.email ? await holderOf(tx, proposed.email) : null,
    above: proposed.managerId ? await upwardsFrom(tx, proposed.managerId) : [],
    held: command.do === 'erasePerson' ? await countHeld(tx, command.id) : 0,
    everyone: command.do === 'importPeople' ? await everyone(tx) : [],
    ...(await undertakingsOf(tx, command)),
  };
}

/** Asked only where the command gives roles; nobody lacks what nobody is asked for. */
async function undertakingsOf(
  tx: Tx,
  command: PersonCommand,
): Promise<Pick<PeopleState, 'lacking' | 'undertakingsAsked'>> {
  switch (command.do) {
    case 'registerPerson':
      return { lacking: new Set(), undertakingsAsked: await asksUndertakings(tx) };
    case 'updatePerson': {
      const ids = command.changes.roles ? [command.id] : [];
      return { lacking: await lackingUndertaking(tx, ids), undertakingsAsked: false };
    }
    case 'importPeople':
      return { lacking: await allLacking(tx), undertakingsAsked: await asksUndertakings(tx) };
    default:
      return { lacking: new Set(), undertakingsAsked: false };
  }
}

async function allLacking(db: Db): Promise<ReadonlySet<PersonId>> {
  const { rows } = await sql<{ id: PersonId }>`
    select id from person where erased_at is null and ${lacksUndertakingSql(sql`person.id`)}`.execute(
    db,
  );
  return new Set(rows.map(({ id }) => id));
}

async function findPerson(db: Db, id: PersonId): Promise<PeopleState['person']> {
  const { rows } =
    await sql<PersonRow>`select ${columns} from person where id = ${id} for update`.execute(db);
  return rows[0] ? personFrom(rows[0]) : null;
}

async function holderOf(db: Db, email: string): Promise<PersonId | null> {
  const { rows } = await sql<{ id: PersonId }>`
    select id from person where lower(email) = lower(${email}) and email is not null`.execute(db);
  return rows[0]?.id ?? null;
}

/** A person and their managers, each once. */
async function upwardsFrom(db: Db, id: PersonId): Promise<PeopleState['above']> {
  const { rows } = await sql<{ id: PersonId; managerId: PersonId | null }>`
    with recursive above as (
      select id, manager_id from person where id = ${id} and erased_at is null
      union
      select person.id, person.manager_id from person join above on person.id = above.manager_id)
    select id, manager_id as "managerId" from above`.execute(db);
  return rows;
}

/** Everyone who is not erased. */
export async function everyone(db: Db): Promise<readonly Person[]> {
  const { rows } =
    await sql<PersonRow>`select ${columns} from person where erased_at is null`.execute(db);
  return rows.map((row) => {
    const { version: _, erased: __, left: ___, ...person } = personFrom(row);
    return person;
  });
}

/** People by their addresses in lower case: how accounts and imports find their person. */
export async function peopleByAddress(
  db: Db,
  addresses: readonly string[],
): Promise<Map<string, PersonId>> {
  if (addresses.length === 0) return new Map();
  const { rows } = await sql<{ id: PersonId; address: string }>`
    select id, lower(email) as address from person
    where lower(email) = any(${addresses.map((address) => address.toLowerCase())}::text[])
      and email is not null`.execute(db);
  return new Map(rows.map(({ id, address }) => [address, id]));
}

async function projectPeople(tx: Tx, event: PersonEvent, context: Context): Promise<void> {
  const id = event.about;
  switch (event.type) {
    case 'PersonRegistered':
      await savePeople(
        tx,
        [{ ...event.body, ...event.private, id, endsOn: null } as unknown as Person],
        context,
      );
      break;
    case 'PersonUpdated':
      await changePerson(tx, id as PersonId, { ...event.body, ...event.private }, context);
      break;
    case 'EmploymentEnded':
      await changePerson(tx, id as PersonId, event.body, context);
      await scheduleLeaving(
        tx,
        [{ id: id as PersonId, endsOn: String(event.body['endsOn']) }],
        context,
      );
      break;
    case 'EmploymentContinued':
      await letReturn(tx, id as PersonId, context.now);
      break;
    case 'PeopleImported':
      await savePeople(tx, event.rows, context);
      await scheduleLeaving(tx, event.rows, context);
      break;
    case 'PersonErased':
      await erasePerson(tx, id as PersonId, context);
      break;
  }
}

/** Writes people as they now are, in one statement; managers may be among them. */
async function savePeople(tx: Tx, people: readonly Person[], { now }: Context): Promise<void> {
  const statement = sql`
    insert into person (id, name, reading, email, manager_id, department, starts_on, ends_on, roles, language)
    select id, name, reading, email, "managerId", department, "startsOn", "endsOn",
      array(select jsonb_array_elements_text(roles)), language
    from jsonb_to_recordset(${JSON.stringify(people)}::jsonb) as t
      (id uuid, name text, reading text, email text, "managerId" uuid, department text,
       "startsOn" date, "endsOn" date, roles jsonb, language text)
    on conflict (id) do update set
      name = excluded.name, reading = excluded.reading, email = excluded.email,
      manager_id = excluded.manager_id, department = excluded.department,
      starts_on = excluded.starts_on, ends_on = excluded.ends_on,
      roles = case when person.left_at is null then excluded.roles
        when excluded.ends_on is null then '{employee}' else person.roles end,
      language = excluded.language,
      -- Who has left is given no roles by a list; who is on it without a last day has come back.
      left_at = case when excluded.ends_on is null then null else person.left_at end,
      modified_at = ${now}, version = person.version + 1`;
  await write(tx, statement);
}

const columnOf: Readonly<Record<string, string>> = {
  name: 'name',
  reading: 'reading',
  email: 'email',
  department: 'department',
  managerId: 'manager_id',
  startsOn: 'starts_on',
  endsOn: 'ends_on',
  roles: 'roles',
  language: 'language',
};

async function changePerson(
  tx: Tx,
  id: PersonId,
  changes: Readonly<Record<string, unknown>>,
  { now }: Context,
): Promise<void> {
  const sets: RawBuilder<unknown>[] = Object.entries(changes).flatMap(([name, value]) => {
    const column = columnOf[name];
    return column ? [sql`${sql.ref(column)} = ${value}`] : [];
  });
  const all = sql.join([...sets, sql`modified_at = ${now}, version = version + 1`]);
  await write(tx, sql`update person set ${all} where id = ${id}`);
}

/** Takes away who they are, here and wherever a register repeats it; the id stays. */
async function erasePerson(tx: Tx, id: PersonId, context: Context): Promise<void> {
  await sql`
    update person set name = '', reading = '', email = null, department = '', manager_id = null,
      roles = '{}', erased_at = ${context.now}, modified_at = ${context.now}, version = version + 1
    where id = ${id}`.execute(tx);
  await forgetAccountsOf(tx, id);
  await forgetFindingsAbout(tx, id);
  await forgetProvisioned(tx, id);
  await forgetTasksAbout(tx, id);
}
