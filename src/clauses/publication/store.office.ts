import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Db, Tx } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Language } from '../../kernel/language.ts';
import type { Context } from '../../policy/event.ts';
import { completeTasks, openTasks } from '../../registers/tasks/store.ts';
import {
  type Declaration,
  type OfficeCommand,
  type OfficeEvent,
  type OfficeState,
  type PolicyReviewed,
  type PublicationSettings,
  publicationSettings,
} from './facts.office.ts';
import { versionInForce } from './store.version.ts';

export const reviewTask = 'publication.policyReview';
export const reportTask = 'publication.answerReport';

export async function loadOffice(tx: Tx, command: OfficeCommand): Promise<OfficeState> {
  return {
    settings: await publicationSettingsOf(tx, command.do === 'changeSettings'),
    declared: command.do === 'declare' ? await declaredNow(tx) : null,
    report: command.do === 'answerReport' ? await reportNow(tx, command.reportId) : null,
    inForce: (await versionInForce(tx)) !== null,
  };
}

/** The settings of the publication; those that ship where nothing was set. */
export async function publicationSettingsOf(db: Db, locked = false): Promise<PublicationSettings> {
  const { rows } = await sql<{ settings: unknown }>`
    select settings from publication_setting ${locked ? sql`for update` : sql``}`.execute(db);
  return publicationSettings.parse(rows[0]?.settings ?? {});
}

/** Languages that the policy is published in. */
export async function languagesPublished(db: Db): Promise<readonly Language[]> {
  return (await publicationSettingsOf(db)).languages;
}

async function declaredNow(tx: Tx): Promise<OfficeState['declared']> {
  const { rows } = await sql<{
    digest: string;
  }>`select digest from policy_declaration for update`.execute(tx);
  if (!rows[0]) return null;
  const upholders = await sql<{ promise: string; upholder: string }>`
    select promise, upholder from policy_upholder`.execute(tx);
  return { digest: rows[0].digest, upholders: upholders.rows };
}

async function reportNow(tx: Tx, id: string): Promise<OfficeState['report']> {
  const { rows } = await sql<{ answered: boolean }>`
    select answered_at is not null as answered from vulnerability_report where id = ${id} for update`.execute(
    tx,
  );
  return rows[0] ?? null;
}

export async function projectOffice(tx: Tx, event: OfficeEvent, context: Context): Promise<void> {
  switch (event.type) {
    case 'PublicationSettingsChanged':
      await sql`
        insert into publication_setting (settings) values (${JSON.stringify(event.private?.settings)}::jsonb)
        on conflict ((true)) do update set settings = excluded.settings`.execute(tx);
      return;
    case 'VulnerabilityReported':
      return await report(tx, event, context);
    case 'ReportAnswered':
      return await answer(tx, event, context);
    case 'PolicyReviewed':
      return await projectReviewed(tx, event, context);
    case 'PolicyDeclared':
      return await declare(tx, event, context);
  }
}

/**
 * Closes the review that was waiting and opens the next. The first publication had none waiting:
 * it counts as one that was opened and done at once.
 */
export async function projectReviewed(
  tx: Tx,
  event: PolicyReviewed,
  context: Context,
): Promise<void> {
  const review = {
    kind: reviewTask,
    promise: 'PUB-1',
    subject: event.subject,
    assigneeId: null,
    role: 'security-officer',
    openedAt: context.now,
    path: '/console/policy',
  };
  if (event.body.outcome === 'firstPublished') {
    await openTasks(tx, [{ ...review, id: context.newId(), dueAt: context.now }]);
  }
  await completeTasks(
    tx,
    { kind: reviewTask, subject: event.subject },
    personOf(context.actor),
    context.now,
  );
  await openTasks(tx, [
    { ...review, id: context.newId(), dueAt: Temporal.Instant.from(event.body.nextDueAt) },
  ]);
}

type Reported = Extract<OfficeEvent, { type: 'VulnerabilityReported' }>;

async function report(tx: Tx, event: Reported, context: Context): Promise<void> {
  const { about = '', details = '', reporter = '', language = 'en' } = event.private ?? {};
  await sql`
    insert into vulnerability_report (id, received_at, about, details, reporter, language)
    values (${idIn(event)}, ${context.now}, ${about}, ${details}, ${reporter}, ${language})`.execute(
    tx,
  );
  const dueAt: Instant = Temporal.Instant.from(event.body.dueAt);
  await openTasks(tx, [
    {
      id: context.newId(),
      kind: reportTask,
      promise: 'PUB-2',
      subject: event.subject,
      assigneeId: null,
      role: 'security-officer',
      openedAt: context.now,
      dueAt,
      path: '/console/policy/reports',
    },
  ]);
}

async function answer(
  tx: Tx,
  event: Extract<OfficeEvent, { type: 'ReportAnswered' }>,
  context: Context,
): Promise<void> {
  const by = personOf(context.actor);
  await sql`
    update vulnerability_report set answered_at = ${context.now}, answered_by = ${by},
      outcome = ${event.body.outcome}, answer = ${event.private?.answer ?? ''}
    where id = ${idIn(event)}`.execute(tx);
  await completeTasks(tx, { kind: reportTask, subject: event.subject }, by, context.now);
}

function idIn(event: { readonly subject: string }): string {
  return event.subject.slice(event.subject.indexOf('/') + 1);
}

async function declare(
  tx: Tx,
  event: Extract<OfficeEvent, { type: 'PolicyDeclared' }>,
  context: Context,
): Promise<void> {
  const { texts, upholders } = JSON.parse(
    new TextDecoder().decode(event.blobs?.declarationBlob),
  ) as Declaration;
  await sql`delete from policy_declaration`.execute(tx);
  await sql`delete from policy_shipped`.execute(tx);
  await sql`delete from policy_upholder`.execute(tx);
  await sql`insert into policy_declaration (digest, at) values (${event.body.declarationBlob}, ${context.now})`.execute(
    tx,
  );
  await sql`
    insert into policy_shipped (clause, language, position, markdown)
    select clause, language, (dense_rank() over (order by first) - 1)::int, markdown
    from (select t.*, min(n) over (partition by clause) as first
          from rows from (jsonb_to_recordset(${JSON.stringify(texts)}::jsonb) as (clause text, language text, markdown text))
            with ordinality as t (clause, language, markdown, n)) as t`.execute(tx);
  await sql`
    insert into policy_upholder (promise, upholder, kind)
    select promise, upholder, kind from jsonb_to_recordset(${JSON.stringify(upholders)}::jsonb)
      as u (promise text, upholder text, kind text)`.execute(tx);
}
