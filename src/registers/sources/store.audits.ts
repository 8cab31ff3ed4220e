import { sql } from 'kysely';
import { packageKey } from '../../advisories/packages.ts';
import { actorText } from '../../kernel/actor.ts';
import { type Tx, write } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import {
  type AuditRefusal,
  type RecordAudit,
  recordAudit,
  type SourceAudited,
} from './facts.audit.ts';
import { type AuditState, decideAudit } from './flow.audit.ts';
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

/** What is shown lies in `audited`, what is new in it has got its `package_version` before it is counted. */
async function loadAudit(tx: Tx, command: RecordAudit): Promise<AuditState> {
  await lockSources(tx);
  const source = await findSource(tx, command.sourceId);
  if (!source || source.retired) return { source, components: 0, added: 0, missing: 0, digest: '' };
  await stage(tx, command.components);
  const { rows } = await sql<Omit<AuditState, 'source'>>`
    select (select count(*) from audited)::int as components,
      (select count(*) from audited where not exists (
        select from component known where known.source_id = ${source.id}
          and known.package_version_id = audited.package_version_id))::int as added,
      (select count(*) from component known where known.source_id = ${source.id} and not exists (
        select from audited where audited.package_version_id = known.package_version_id))::int as missing,
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
  const { sourceId, auditId, complete, components, digest } = body;
  await write(
    tx,
    sql`
    insert into audit (id, source_id, at, by, way, formats, complete, components, notes, digest)
    values (${auditId}, ${sourceId}, ${now}, ${actorText(actor)}, ${audit.way}, ${audit.formats}::text[],
      ${complete}, ${components}, ${JSON.stringify(audit.notes)}::jsonb, ${digest})`,
  );
  if (complete) {
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
    insert into component (source_id, package_version_id, audit_id, purl, is_development, path)
    select ${sourceId}, package_version_id, ${auditId}, purl, development, path from audited
    on conflict (source_id, package_version_id) do update set audit_id = excluded.audit_id,
      purl = excluded.purl, is_development = excluded.is_development, path = excluded.path`,
  );
  // What was read only in part is no audit of the source: the whole one is still to be made.
  await write(
    tx,
    sql`
    update source set last_audit_id = ${auditId}, last_audit_at = ${now},
      due_at = case when ${complete} then ${now}::timestamptz + make_interval(days => cadence_days)
        else due_at end
    where id = ${sourceId}`,
  );
}
