import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import {
  type Source,
  type SourceCommand,
  type SourceEvent,
  type SourceRefusal,
  sourceCommand,
} from './facts.ts';
import { decideSource, type SourceState } from './flow.ts';

/** Sources: what is audited for vulnerabilities. */
export const sourceFlow: Flow<SourceState, SourceCommand, SourceEvent, SourceRefusal> = {
  name: 'sources.source',
  clause: 'sources',
  command: sourceCommand,
  load: loadSource,
  authorize: (_, command) => ({ action: command.do }),
  decide: decideSource,
  project: projectSource,
};

/** One command on sources, audits or the backlog that stands on them at a time. */
const sourcesLock = 0x736f7572;

/** What is known of components, and the backlog that follows from it, changes one act at a time. */
export async function lockSources(tx: Tx): Promise<void> {
  await write(tx, sql`select pg_advisory_xact_lock(${sourcesLock})`);
}

async function loadSource(tx: Tx, command: SourceCommand): Promise<SourceState> {
  await lockSources(tx);
  const asked =
    command.do === 'registerSource'
      ? command.source
      : command.do === 'changeSource'
        ? command.changes
        : {};
  return {
    source: command.do === 'registerSource' ? null : await findSource(tx, command.id),
    keyTaken: command.do === 'registerSource' && (await isTaken(tx, command.source.key)),
    systemKnown: !asked.systemId || (await isSystem(tx, asked.systemId)),
    ownerKnown: !asked.ownerId || (await isPerson(tx, asked.ownerId)),
  };
}

const columns = sql`id, key, name, kind, location, system_id as "systemId", owner_id as "ownerId",
  cadence_days as "cadenceDays", connection_id as "connectionId", version,
  retired_at is not null as retired`;

/** A source, retired or not; null where there is none. */
export async function findSource(db: Db, id: string): Promise<SourceState['source']> {
  const { rows } = await sql<NonNullable<SourceState['source']>>`
    select ${columns} from source where id = ${id}`.execute(db);
  return rows[0] ?? null;
}

/** Id of the source that a pipeline names by its id or key; null where there is none. */
export async function sourceIdOf(db: Db, idOrKey: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select id from source where id::text = ${idOrKey} or key = ${idOrKey}`.execute(db);
  return rows[0]?.id ?? null;
}

async function isTaken(db: Db, key: string): Promise<boolean> {
  const { rows } = await sql`select from source where key = ${key}`.execute(db);
  return rows.length > 0;
}

async function isSystem(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql`
    select from system where id = ${id} and retired_at is null`.execute(db);
  return rows.length > 0;
}

async function isPerson(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql`select from person where id = ${id} and erased_at is null`.execute(db);
  return rows.length > 0;
}

async function projectSource(tx: Tx, event: SourceEvent, { now }: Context): Promise<void> {
  switch (event.type) {
    case 'SourceRegistered':
      return await insertSource(tx, event.source, now);
    case 'SourceChanged':
      return await saveSource(tx, event.source);
    case 'SourceRetired':
      return await write(
        tx,
        sql`update source set retired_at = ${now}, version = version + 1 where id = ${event.sourceId}`,
      );
    case 'SourceRestored':
      // What was due stays due: nobody gets out of an audit by retiring a source for a day.
      return await write(
        tx,
        sql`update source set retired_at = null, version = version + 1 where id = ${event.sourceId}`,
      );
  }
}

async function insertSource(tx: Tx, source: Source, now: Temporal.Instant): Promise<void> {
  await write(
    tx,
    sql`
    insert into source (id, key, name, kind, location, system_id, owner_id, cadence_days, connection_id,
      registered_at, due_at)
    values (${source.id}, ${source.key}, ${source.name}, ${source.kind}, ${source.location},
      ${source.systemId}, ${source.ownerId}, ${source.cadenceDays}, ${source.connectionId}, ${now},
      ${now.add({ hours: 24 * source.cadenceDays })})`,
  );
}

/** Another cadence counts from the last complete audit, or from the registration. */
async function saveSource(tx: Tx, source: Source): Promise<void> {
  await write(
    tx,
    sql`
    update source set name = ${source.name}, kind = ${source.kind}, location = ${source.location},
      system_id = ${source.systemId}, owner_id = ${source.ownerId},
      due_at = due_at + make_interval(days => ${source.cadenceDays}::int - cadence_days),
      cadence_days = ${source.cadenceDays}, connection_id = ${source.connectionId},
      version = version + 1
    where id = ${source.id}`,
  );
}
