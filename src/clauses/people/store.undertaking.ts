import { type RawBuilder, sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Db, Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Context } from '../../policy/event.ts';
import {
  fileUndertaking,
  publishUndertaking,
  type UndertakingVersion,
  undertakingVersions,
  withdrawUndertaking,
} from '../../registers/people/store.undertakings.ts';
import { cancelTasks, completeTasks } from '../../registers/tasks/store.ts';
import type {
  UndertakingCommand,
  UndertakingEvent,
  UndertakingState,
} from './facts.undertaking.ts';
import { current } from './store.staff.ts';

export const signTask = 'people.signUndertaking';
export const acknowledgeTask = 'people.acknowledgeGuidance';

export const taskOf = (kind: UndertakingVersion['kind']): string =>
  kind === 'guidance' ? acknowledgeTask : signTask;

export async function loadUndertaking(
  tx: Tx,
  command: UndertakingCommand,
  context: Context,
): Promise<UndertakingState> {
  // One number, one version: whoever publishes waits for whoever does.
  if (command.do === 'publish') await sql`select pg_advisory_xact_lock(${publishLock})`.execute(tx);
  const versions = await undertakingVersions(tx);
  const version =
    'versionId' in command ? versions.find(({ id }) => id === command.versionId) : undefined;
  const document = 'document' in command ? command.document : version?.document;
  const signerId =
    command.do === 'sign'
      ? personOf(context.actor)
      : command.do === 'file'
        ? command.personId
        : null;
  return {
    version: version ?? null,
    newest: versions.find((each) => each.document === document) ?? null,
    signer: signerId ? await someone(tx, signerId) : null,
    witness: command.do === 'file' ? await someone(tx, command.witnessId) : null,
    signed: signerId && version ? await hasSigned(tx, signerId, version.id) : false,
  };
}

const publishLock = 0x756e6474;

async function someone(db: Db, id: PersonId): Promise<{ id: PersonId; name: string } | null> {
  const { rows } = await sql<{ id: PersonId; name: string }>`
    select id, name from person where id = ${id} and erased_at is null`.execute(db);
  return rows[0] ?? null;
}

async function hasSigned(db: Db, personId: PersonId, versionId: string): Promise<boolean> {
  const { rows } = await sql<{ one: number }>`
    select 1 as one from undertaking where person_id = ${personId} and version_id = ${versionId}`.execute(
    db,
  );
  return rows.length > 0;
}

export async function projectUndertaking(
  tx: Tx,
  event: UndertakingEvent,
  { now, actor }: Context,
): Promise<void> {
  switch (event.type) {
    case 'UndertakingPublished':
      return await publishUndertaking(tx, event.version);
    case 'UndertakingWithdrawn': {
      await withdrawUndertaking(tx, event.document, now);
      for (const kind of [signTask, acknowledgeTask])
        await cancelTasks(tx, { kind, subject: `undertaking/${event.document}` }, now);
      return;
    }
    case 'UndertakingSigned':
    case 'UndertakingFiled':
    case 'GuidanceAcknowledged': {
      const { signed } = event;
      await fileUndertaking(tx, signed);
      const kind = event.type === 'GuidanceAcknowledged' ? acknowledgeTask : signTask;
      const task = {
        kind,
        subject: `undertaking/${signed.document}`,
        assigneeId: signed.personId,
      };
      await completeTasks(tx, task, personOf(actor), now);
    }
  }
}

/**
 * Who on the staff owes which signature: `person_id, document, kind, number` (at least), `titles`,
 * `due_on` (the last day in time).
 */
export function owedSignatures(today: Temporal.PlainDate, zone: string): RawBuilder<unknown> {
  return sql`
    select p.id as person_id, asked.document, asked.kind, asked.number, asked.titles,
      greatest(p.starts_on, (asked.published_at at time zone ${zone})::date) + asked.sign_days as due_on
    from person p cross join (
      select distinct on (document) * from undertaking_version
      where binding and withdrawn_at is null order by document, number desc) asked
    where ${current(today)} and not exists (
      select from undertaking signed
      where signed.person_id = p.id and signed.document = asked.document
        and signed.number >= asked.number)`;
}
