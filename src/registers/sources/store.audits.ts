import { sql } from 'kysely';
import { packageKey } from '../../advisories/packages.ts';
import { actorText, personOf } from '../../kernel/actor.ts';
import { type Tx, write } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import {
  type AuditConfirmed,
  type AuditRefusal,
  type ConfirmAudit,
  type ConfirmRefusal,
  confirmAudit,
  type RecordAudit,
  recordAudit,
  type SourceAudited,
} from './facts.audit.ts';
import {
  type AuditState,
  type ConfirmingState,
  decideAudit,
  decideConfirming,
} from './flow.audit.ts';
import { findSource, lockSources } from './store.ts';

/** An audit of a source, recorded whole: what it showed becomes what is known of the source. */
export const auditFlow: Flow<AuditState, RecordAudit, SourceAudited, AuditRefusal> = {
  name: 'sources.audit',
  clause: 'sources',
  command: recordAudit,
  load: loadAudit,
  authorize: () => ({ action: 'recordAudit' }),
  decide: decideAudit,
  project: projectAudit,
};

/** An audit after which most would be gone, confirmed by a second person: it counts as whole. */
export const confirmingFlow: Flow<ConfirmingState, ConfirmAudit, AuditConfirmed, ConfirmRefusal> = {
  name: 'sources.confirming',
  clause: 'sources',
  command: confirmAudit,
  load: loadConfirming,
  authorize: () => ({ action: 'confirmAudit' }),
  decide: decideConfirming,
  project: projectConfirmed,
};

const nothingShown = {
  components: 0,
  added: 0,
  missing: 0,
  packages: 0,
  packagesGone: 0,
  packagesKnown: 0,
  packagesKnownGone: 0,
  digest: '',
};

/** What is shown lies in `audited`, what is new in it has got its `package_version` before it is counted. */
async function loadAudit(tx: Tx, command: RecordAudit, { actor }: Context): Promise<AuditState> {
  await lockSources(tx);
  const source = await findSource(tx, command.sourceId);
  if (!source || source.retired) return { source, ...nothingShown };
  await stage(tx, command.components);
  const { rows } = await sql<Omit<AuditState, 'source'>>`
    with known as (
      select held.package_key, known.package_version_id, known.audit_id, known.of_whole
      from component known join package_version held on held.id = known.package_version_id
      where known.source_id = ${source.id}),
    -- What two readings of Kept's own lack, one after the other, is gone: the second is held against the first.
    first as (
      select audit.id from source join audit on audit.id = source.last_audit_id
      where source.id = ${source.id} and audit.doubted and audit.by like 'system/%'
        and ${actor.kind === 'system'}),
    before as (
      select package_key, bool_or(of_whole or audit_id = (select id from first)) as of_whole,
        not exists (select from audited where audited.key = known.package_key) as gone
      from known
      where not exists (select from first) or audit_id = (select id from first)
      group by package_key)
    select (select count(*) from audited)::int as components,
      (select count(*) from audited where not exists (
        select from known where known.package_version_id = audited.package_version_id))::int as added,
      (select count(*) from known where not exists (
        select from audited where audited.package_version_id = known.package_version_id))::int as missing,
      (select count(*) from before where of_whole)::int as packages,
      (select count(*) from before where of_whole and gone)::int as "packagesGone",
      (select count(*) from before)::int as "packagesKnown",
      (select count(*) from before where gone)::int as "packagesKnownGone",
      (select encode(sha256(convert_to(coalesce(
        string_agg(ecosystem || E'\t' || name || E'\t' || version, E'\n' order by ecosystem, name, version),
        ''), 'UTF8')), 'hex') from audited) as digest`.execute(tx);
  const [shown] = rows;
  return { source, ...(shown as Omit<AuditState, 'source'>) };
}

async function stage(tx: Tx, components: RecordAudit['components']): Promise<void> {
  const rows = components.map(({ ecosystem, name, version, purl, isDevelopment, path }) => ({
    key: packageKey(ecosystem, name),
    ecosystem,
    name,
    version,
    purl,
    development: isDevelopment,
    path,
  }));
  await write(
    tx,
    sql`
    create temporary table audited on commit drop as
    select distinct on (ecosystem, name, version) null::bigint as package_version_id, *
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t
      (key text, ecosystem text, name text, version text, purl text, development boolean, path text[])`,
  );
  await write(tx, sql`analyze audited`);
  await write(
    tx,
    sql`
    insert into package_version (package_key, ecosystem, name, version)
    select key, ecosystem, name, version from audited
    where not exists (select from package_version known where known.ecosystem = audited.ecosystem
      and known.name = audited.name and known.version = audited.version)
    order by ecosystem, name, version`,
  );
  await write(
    tx,
    sql`
    update audited set package_version_id = known.id from package_version known
    where known.ecosystem = audited.ecosystem and known.name = audited.name
      and known.version = audited.version`,
  );
}

async function projectAudit(
  tx: Tx,
  { body, audit }: SourceAudited,
  { now, actor }: Context,
): Promise<void> {
  const { sourceId, auditId, complete, components, doubted, digest } = body;
  const proves = complete && doubted === undefined;
  await write(
    tx,
    sql`
    insert into audit (id, source_id, at, by, giver_id, way, formats, complete, components, notes, digest,
      doubted, missing, gone_because)
    values (${auditId}, ${sourceId}, ${now}, ${actorText(actor)}, ${personOf(actor)}, ${audit.way},
      ${audit.formats}::text[], ${complete}, ${components}, ${JSON.stringify(audit.notes)}::jsonb, ${digest},
      ${doubted !== undefined}, ${doubted ?? 0},
      ${doubted === undefined ? null : (audit.goneBecause ?? null)})`,
  );
  if (proves) {
    await write(
      tx,
      sql`
      delete from component where source_id = ${sourceId} and not exists (
        select from audited where audited.package_version_id = component.package_version_id)`,
    );
  }
  await write(
    tx,
    sql`
    insert into component (source_id, package_version_id, audit_id, purl, is_development, path, of_whole)
    select ${sourceId}, package_version_id, ${auditId}, purl, development, path, ${proves} from audited
    on conflict (source_id, package_version_id) do update set audit_id = excluded.audit_id,
      of_whole = component.of_whole or excluded.of_whole, purl = excluded.purl, is_development = excluded.is_development, path = excluded.path`,
  );
  // What was read only in part, or is in doubt, is no audit of the source: the whole one is still to be made.
  await write(
    tx,
    sql`
    update source set last_audit_id = ${auditId}, last_audit_at = ${now},
      due_at = case when ${proves} then ${now}::timestamptz + make_interval(days => cadence_days)
        else due_at end
    where id = ${sourceId}`,
  );
}

async function loadConfirming(
  tx: Tx,
  { sourceId, auditId }: ConfirmAudit,
): Promise<ConfirmingState> {
  await lockSources(tx);
  const { rows } = await sql<NonNullable<ConfirmingState['audit']>>`
    select audit.doubted, audit.confirmed_at is not null as confirmed, audit.giver_id as "giverId",
      audit.by like 'system/%' as "isOwn",
      audit.id = source.last_audit_id as newest, (${unseen(sourceId, auditId)})::int as missing
    from audit join source on source.id = audit.source_id
    where audit.id = ${auditId} and source.id = ${sourceId}`.execute(tx);
  return { source: await findSource(tx, sourceId), audit: rows[0] ?? null };
}

/** An audit leaves its mark on each component that it shows. */
const unseen = (sourceId: string, auditId: string) => sql`
  select count(*) from component where source_id = ${sourceId} and audit_id <> ${auditId}`;

async function projectConfirmed(
  tx: Tx,
  { body: { sourceId, auditId, approverId } }: AuditConfirmed,
  { now }: Context,
): Promise<void> {
  await write(
    tx,
    sql`
    update audit set confirmed_by = ${approverId}, confirmed_at = ${now} where id = ${auditId}`,
  );
  await write(
    tx,
    sql`delete from component where source_id = ${sourceId} and audit_id <> ${auditId}`,
  );
  await write(tx, sql`update component set of_whole = true where source_id = ${sourceId}`);
  // The next one is due as long after it as after any other, not after it was confirmed.
  await write(
    tx,
    sql`
    update source set due_at = last_audit_at + make_interval(days => cadence_days)
    where id = ${sourceId}`,
  );
}
