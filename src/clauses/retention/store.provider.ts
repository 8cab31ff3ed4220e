import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import { endOfDay, startOfDay } from '../../kernel/instant.ts';
import { sha256Hex } from '../../ledger/hash.ts';
import type { Context } from '../../policy/event.ts';
import { cancelTasks, completeTasks, openTasks, schedule } from '../../registers/tasks/store.ts';
import {
  askBeforeDays,
  type ProviderCommand,
  type ProviderEvent,
  type ProviderReportRecorded,
  renewalKind,
  renewalTask,
} from './facts.provider.ts';
import type { ProviderState } from './flow.provider.ts';

export async function loadProvider(tx: Tx, command: ProviderCommand): Promise<ProviderState> {
  if (command.do === 'recordProviderReport') {
    const bytes = Buffer.from(command.base64, 'base64');
    return { report: null, file: { bytes, digest: sha256Hex(bytes) } };
  }
  const { rows } = await sql<NonNullable<ProviderState['report']>>`
    select report.id, report.provider, report.expires_on as "expiresOn",
      report.withdrawn_at is not null as withdrawn,
      exists (select from provider_report newer
        where newer.provider = report.provider and newer.withdrawn_at is null
          and newer.expires_on > report.expires_on) as renewed,
      exists (select from task
        where task.kind = ${renewalTask} and task.subject = 'report/' || report.id) as asked
    from provider_report report where report.id = ${command.reportId} for update of report`.execute(
    tx,
  );
  return { report: rows[0] ?? null, file: null };
}

export async function projectProvider(
  tx: Tx,
  event: ProviderEvent,
  context: Context,
): Promise<void> {
  const id = event.subject.slice('report/'.length);
  const { now } = context;
  switch (event.type) {
    case 'ProviderReportRecorded':
      return await insertReport(tx, id, event, context);
    case 'ProviderReportWithdrawn':
      await sql`update provider_report set withdrawn_at = ${now} where id = ${id}`.execute(tx);
      return await cancelTasks(tx, { kind: renewalTask, subject: event.subject }, now);
    case 'ProviderRenewalAsked':
      return await openRenewal(tx, event.subject, event.body, context);
  }
}

async function insertReport(
  tx: Tx,
  id: string,
  { body, subject, private: { fileName }, by }: ProviderReportRecorded,
  context: Context,
): Promise<void> {
  const { now, zone, newId } = context;
  await completeOlder(tx, body.provider, body.expiresOn, by, context);
  await sql`
    insert into provider_report (id, provider, title, period_from, period_to, expires_on, file,
      file_name, media_type, size, ours_en, ours_ja, recorded_at, recorded_by)
    values (${id}, ${body.provider}, ${body.title}, ${body.periodFrom}::date, ${body.periodTo}::date,
      ${body.expiresOn}::date, ${body.file}, ${fileName}, ${body.mediaType}, ${body.size},
      ${body.ours.en}, ${body.ours.ja}, ${now}, ${by})`.execute(tx);
  const askOn = Temporal.PlainDate.from(body.expiresOn).subtract({ days: askBeforeDays });
  const dueAt = startOfDay(askOn, zone);
  await schedule(tx, [{ id: newId(), clause: 'retention', kind: renewalKind, subject, dueAt }]);
}

/** A report that lasts longer is the renewal that was asked for. */
async function completeOlder(
  tx: Tx,
  provider: string,
  expiresOn: string,
  by: string | null,
  { now }: Context,
): Promise<void> {
  const { rows } = await sql<{ subject: string }>`
    select 'report/' || id as subject from provider_report
    where provider = ${provider} and expires_on < ${expiresOn}::date and withdrawn_at is null`.execute(
    tx,
  );
  const subjects = rows.map(({ subject }) => subject);
  await completeTasks(tx, { kind: renewalTask, subject: subjects }, by, now);
}

async function openRenewal(
  tx: Tx,
  subject: string,
  { provider, expiresOn }: { readonly provider: string; readonly expiresOn: string },
  { now, zone, newId }: Context,
): Promise<void> {
  await openTasks(tx, [
    {
      id: newId(),
      kind: renewalTask,
      promise: 'RET-7',
      subject,
      assigneeId: null,
      role: 'security-officer',
      openedAt: now,
      dueAt: endOfDay(Temporal.PlainDate.from(expiresOn), zone),
      detail: { provider },
      path: '/console/provider-reports',
    },
  ]);
}

/** The newest look at the reports that count: when the one that lasts longest was recorded. */
export async function reportsRecordedAt(db: Db): Promise<Temporal.Instant | null> {
  const { rows } = await sql<{ at: Temporal.Instant | null }>`
    select max(recorded_at) as at from provider_report where withdrawn_at is null`.execute(db);
  return rows[0]?.at ?? null;
}

export interface ReportRow {
  readonly id: string;
  readonly provider: string;
  readonly title: string;
  readonly periodFrom: Temporal.PlainDate;
  readonly periodTo: Temporal.PlainDate;
  readonly expiresOn: Temporal.PlainDate;
  readonly file: string;
  readonly fileName: string;
  readonly size: number;
  readonly ours: { readonly en: string; readonly ja: string };
  readonly recordedAt: Temporal.Instant;
  readonly recordedBy: string | null;
  readonly withdrawnAt: Temporal.Instant | null;
}

/** Every report there was, those that last longest first. */
export async function providerReports(db: Db): Promise<readonly ReportRow[]> {
  const { rows } = await sql<ReportRow>`
    select report.id, report.provider, report.title, report.period_from as "periodFrom",
      report.period_to as "periodTo", report.expires_on as "expiresOn", report.file,
      report.file_name as "fileName", report.size,
      jsonb_build_object('en', report.ours_en, 'ja', report.ours_ja) as ours,
      report.recorded_at as "recordedAt", person.name as "recordedBy",
      report.withdrawn_at as "withdrawnAt"
    from provider_report report left join person on person.id = report.recorded_by
    order by report.withdrawn_at is not null, report.expires_on desc, report.recorded_at desc`.execute(
    db,
  );
  return rows;
}
