import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { PersonId, SystemId } from '../../kernel/id.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import { closeAccess, openAccess } from '../accounts/holdings.ts';
import { peopleByAddress } from '../people/store.ts';
import {
  type System,
  type SystemCommand,
  type SystemEvent,
  type SystemRefusal,
  systemCommand,
} from './facts.ts';
import { decideSystem, type SystemState } from './flow.ts';

/** Systems: what holds information and is entered with accounts. */
export const systemFlow: Flow<SystemState, SystemCommand, SystemEvent, SystemRefusal> = {
  name: 'systems.system',
  clause: 'systems',
  command: systemCommand,
  load: loadSystems,
  authorize: (_, command) => ({ action: command.do }),
  decide: decideSystem,
  project: projectSystem,
};

/** One command on systems at a time: keys are unique among them. */
const systemsLock = 0x73797374;

async function loadSystems(tx: Tx, command: SystemCommand): Promise<SystemState> {
  await write(tx, sql`select pg_advisory_xact_lock(${systemsLock})`);
  const key =
    command.do === 'registerSystem' ? command.system.key : 'key' in command ? command.key : null;
  const system = key ? await findByKey(tx, key) : null;
  const ownerId =
    command.do === 'registerSystem'
      ? command.system.ownerId
      : command.do === 'updateSystem'
        ? (command.changes.ownerId ?? null)
        : null;
  const importing = command.do === 'importSystems';
  return {
    system,
    ownerKnown: ownerId ? await isKnown(tx, ownerId) : true,
    open:
      command.do === 'retireSystem' && system
        ? await openAccess(tx, system.id)
        : { accesses: 0, grants: 0 },
    everySystem: importing ? await everySystem(tx) : [],
    people: importing ? await ownersOf(tx, command.rows) : new Map(),
    retiredKeys: importing ? await retiredKeys(tx) : new Set(),
  };
}

interface SystemRow extends System {
  readonly version: number;
  readonly retired: boolean;
}

const columns = sql`id, key, name, classification, owner_id as "ownerId", confidentiality, integrity, availability,
  single_sign_on as "singleSignOn", second_factor as "secondFactor", stale_after_hours as "staleAfterHours"`;

async function findByKey(db: Db, key: string): Promise<SystemState['system']> {
  const { rows } = await sql<SystemRow>`
    select ${columns}, version, retired_at is not null as retired from system where key = ${key}`.execute(
    db,
  );
  return rows[0] ?? null;
}

export async function everySystem(db: Db): Promise<readonly System[]> {
  const { rows } =
    await sql<System>`select ${columns} from system where retired_at is null`.execute(db);
  return rows;
}

export async function retiredKeys(db: Db): Promise<Set<string>> {
  const { rows } = await sql<{
    key: string;
  }>`select key from system where retired_at is not null`.execute(db);
  return new Set(rows.map(({ key }) => key));
}

export async function ownersOf(
  db: Db,
  rows: readonly { readonly values: { readonly owner?: string | null | undefined } }[],
): Promise<Map<string, PersonId>> {
  return await peopleByAddress(
    db,
    rows.flatMap(({ values }) => values.owner ?? []),
  );
}

async function isKnown(db: Db, person: PersonId): Promise<boolean> {
  const { rows } = await sql`select from person where id = ${person} and erased_at is null`.execute(
    db,
  );
  return rows.length === 1;
}

async function projectSystem(tx: Tx, event: SystemEvent, { now }: Context): Promise<void> {
  switch (event.type) {
    case 'SystemRegistered':
    case 'SystemUpdated':
      await saveSystems(tx, [event.system]);
      break;
    case 'SystemsImported':
      await saveSystems(tx, event.systems);
      break;
    case 'SystemRetired':
      await retire(tx, event.systemId, now);
      break;
  }
}

async function saveSystems(tx: Tx, systems: readonly System[]): Promise<void> {
  await sql`
    insert into system (id, key, name, classification, owner_id, confidentiality, integrity, availability,
      single_sign_on, second_factor, stale_after_hours)
    select id, key, name, classification, "ownerId", confidentiality, integrity, availability,
      "singleSignOn", "secondFactor", "staleAfterHours"
    from jsonb_to_recordset(${JSON.stringify(systems)}::jsonb) as t
      (id uuid, key text, name text, classification text, "ownerId" uuid, confidentiality smallint,
       integrity smallint, availability smallint, "singleSignOn" boolean, "secondFactor" boolean,
       "staleAfterHours" integer)
    on conflict (id) do update set
      name = excluded.name, classification = excluded.classification, owner_id = excluded.owner_id,
      confidentiality = excluded.confidentiality, integrity = excluded.integrity,
      availability = excluded.availability, single_sign_on = excluded.single_sign_on,
      second_factor = excluded.second_factor, stale_after_hours = excluded.stale_after_hours,
      version = system.version + 1`.execute(tx);
}

async function retire(tx: Tx, id: SystemId, now: Temporal.Instant): Promise<void> {
  await sql`update system set retired_at = ${now}, version = version + 1 where id = ${id}`.execute(
    tx,
  );
  await closeAccess(tx, id, now);
}
