import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Check, Source, Violation } from '../../policy/check.ts';
import { notConnected } from '../../policy/unconnected.ts';
import { auditsChanged } from '../../registers/sources/facts.audit.ts';
import { sourcesChanged } from '../../registers/sources/facts.ts';

/** What upholds VUL-1 and VUL-2. */

/**
 * Where nothing was ever audited, registered or not, there is nothing to judge by: a source of facts that was
 * never read.
 */
export async function anythingAudited(db: Db): Promise<readonly Source[]> {
  return await unlessAny(db, sql`last_audit_at is not null`);
}

/** Who never audited anything is late all the same, once that is due. */
async function anythingAuditedOrDue(db: Db, now: Instant): Promise<readonly Source[]> {
  return await unlessAny(db, sql`(last_audit_at is not null or due_at <= ${now})`);
}

async function unlessAny(db: Db, condition: RawBuilder<unknown>): Promise<readonly Source[]> {
  const { rows } = await sql`
    select from source where retired_at is null and ${condition} limit 1`.execute(db);
  return rows.length > 0 ? [] : [notConnected('audited')];
}

/** VUL-1: of everything that is registered, a complete audit was made in time. */
export const noAuditIsOverdue: Check = {
  id: 'vulnerabilities.noAuditIsOverdue',
  promise: 'VUL-1',
  states: {
    en: 'Every registered repository, bill of materials, image, product and website has been audited whole within its interval.',
    ja: '登録したリポジトリ・SBOM・イメージ・製品・ウェブサイトは、いずれも定めた間隔で全体の監査を受けている。',
  },
  finding: {
    en: '{label}: its audit was due on {dueOn}.',
    ja: '{label}：監査の期限（{dueOn}）を過ぎています。',
  },
  changedBy: [...sourcesChanged, ...auditsChanged],
  sources: anythingAuditedOrDue,
  population: () => sql`select count(*)::int as examined from source where retired_at is null`,
  violations: (now, zone) => sql<Violation>`
    select 'source' as subject_kind, source.id as subject_id, source.name as label,
      jsonb_build_object('dueOn', to_char(source.due_at at time zone ${zone}, 'YYYY-MM-DD')) as detail,
      coalesce(source.owner_id, system.owner_id) as owner_id
    from source join system on system.id = source.system_id
    where source.retired_at is null and source.due_at <= ${now}`,
  async nextChange(db, now) {
    const { rows } = await sql<{ at: Instant | null }>`
      select min(due_at) as at from source where retired_at is null and due_at > ${now}`.execute(
      db,
    );
    return rows[0]?.at ?? null;
  },
  deadlineDays: 0,
  path: '/console/sources/{id}',
};

/**
 * Advisories as sources of facts. Those of OSV are as current as each ecosystem in use was read whole: an import
 * of a few says nothing of the rest. What is known to be exploited is asked for where somebody fetches it or has
 * brought it; what is not is then not known to be so.
 */
async function advisorySources(db: Db): Promise<readonly Source[]> {
  const { rows } = await sql<{ kind: string; at: Instant | null; hours: number; wanted: boolean }>`
    select feed.kind, feed.stale_after_hours as hours, feed.is_on as wanted,
      (select max(done.finished_at) from advisory_import done
        where done.kind = feed.kind and done.state = 'done') as at
    from advisory_feed feed where feed.kind in ('osv', 'kev')`.execute(db);
  const osv = rows.find(({ kind }) => kind === 'osv');
  if (!osv?.at) return [notConnected('advisories')];
  const staleAfterHours = osv.hours;
  const used = (await ecosystemsInUse(db)).map(({ ecosystem, readAt }) => ({
    name: `OSV ${ecosystem}`,
    readAt,
    staleAfterHours,
  }));
  const kev = rows
    .filter(({ kind, at, wanted }) => kind === 'kev' && (wanted || at !== null))
    .map(({ at, hours }) => ({ name: 'CISA KEV', readAt: at, staleAfterHours: hours }));
  // Where nothing is in use of which advisories could tell, that they come at all is what is to be seen.
  const whole = used.length > 0 ? used : [{ name: 'OSV', readAt: osv.at, staleAfterHours }];
  return [...whole, ...kev];
}

/** Ecosystems of what is in use, and when all advisories of each were last read: of a release, those of it or of all. */
async function ecosystemsInUse(
  db: Db,
): Promise<readonly { readonly ecosystem: string; readonly readAt: Instant | null }[]> {
  // Each is looked up by the index rather than found among all versions of all packages.
  const { rows } = await sql<{ ecosystem: string; readAt: Instant | null }>`
    with recursive named as (
      select min(ecosystem) as ecosystem from package_version
      union all
      select (select min(ecosystem) from package_version where ecosystem > named.ecosystem)
      from named where named.ecosystem is not null)
    select named.ecosystem, (select max(read_at) from advisory_coverage
      where ecosystem in (named.ecosystem, split_part(named.ecosystem, ':', 1))) as "readAt"
    from named where named.ecosystem <> '' and exists (
      select from package_version held
      join component on component.package_version_id = held.id
      join source on source.id = component.source_id and source.retired_at is null
      where held.ecosystem = named.ecosystem)
    order by 1`.execute(db);
  return rows;
}

/** VUL-2: what was published is known here; an import that failed was made good. */
export const advisoriesAreCurrent: Check = {
  id: 'vulnerabilities.advisoriesAreCurrent',
  promise: 'VUL-2',
  states: {
    en: 'Published advisories of every ecosystem in use are imported whole again and again, and the newest import of each kind came to its end.',
    ja: '使用しているすべてのエコシステムについて、公開された脆弱性情報を漏れなく繰り返し取り込んでおり、種類ごとの最新の取り込みが完了している。',
  },
  finding: {
    en: '{label}: the newest import did not come to its end.',
    ja: '{label}：最新の取り込みが完了していません。',
  },
  changedBy: ['AdvisoriesImported', 'AdvisoryFeedChanged', ...auditsChanged, ...sourcesChanged],
  sources: advisorySources,
  population: () =>
    sql`select count(distinct kind)::int as examined from advisory_import where finished_at is not null`,
  violations: () => sql<Violation>`
    select 'advisories' as subject_kind, newest.id as subject_id, upper(newest.kind) as label,
      jsonb_build_object('problem', newest.problem) as detail, null::uuid as owner_id
    from (select distinct on (kind) * from advisory_import where finished_at is not null
      order by kind, finished_at desc, id desc) newest
    where newest.state = 'failed'`,
  deadlineDays: 2,
  path: '/console/advisory-imports/{id}',
};

/** Minutes within which what arrived is to be matched. */
const matchWithinMinutes = 10;

/** VUL-2: every inventory was held against every advisory, and every advisory against every inventory. */
export const everythingKnownIsMatched: Check = {
  id: 'vulnerabilities.everythingKnownIsMatched',
  promise: 'VUL-2',
  states: {
    en: 'Every component in use has been matched against every advisory known, within ten minutes of learning of either.',
    ja: '使用中のすべての部品を、判明してから10分以内に、把握しているすべての脆弱性情報と照合している。',
  },
  finding: {
    en: '{label}: not matched since {since}.',
    ja: '{label}：{since} 以降、照合していません。',
  },
  changedBy: [...auditsChanged, 'AdvisoriesImported', 'BacklogMatched', ...sourcesChanged],
  async sources(db) {
    return [...(await anythingAudited(db)), ...(await advisorySources(db))];
  },
  population:
    () => sql`select ((select count(*) from component) + (select count(*) from advisory_import
    where finished_at is not null))::int as examined`,
  violations: (now, zone) => {
    const before = now.subtract({ minutes: matchWithinMinutes });
    const said = sql`to_char(since at time zone ${zone}, 'YYYY-MM-DD HH24:MI')`;
    return sql<Violation>`
      select subject_kind, subject_id, label, jsonb_build_object('since', ${said}) as detail, owner_id
      from (
        select 'source' as subject_kind, source.id::text as subject_id, source.name as label,
          coalesce(newest.confirmed_at, newest.at) as since, source.owner_id
        from source join audit newest on newest.id = source.last_audit_id
        left join source_settled settled on settled.source_id = source.id
        where settled.audit_id is distinct from newest.id
          or settled.retired <> (source.retired_at is not null)
          or settled.settled_at < newest.confirmed_at
        union all
        select 'advisories', done.id::text, upper(done.kind), done.finished_at, null::uuid
        from advisory_import done
        where done.finished_at is not null and done.kind <> 'epss'
          and not exists (select from import_settled settled where settled.import_id = done.id)
      ) unmatched where since <= ${before}`;
  },
  async nextChange(db, now) {
    const { rows } = await sql<{ at: Instant | null }>`
      select min(since) as at from (
        select coalesce(newest.confirmed_at, newest.at) as since
        from source join audit newest on newest.id = source.last_audit_id
        union all select finished_at from advisory_import) learned
      where since > ${now.subtract({ minutes: matchWithinMinutes })}`.execute(db);
    return rows[0]?.at?.add({ minutes: matchWithinMinutes }) ?? null;
  },
  deadlineDays: 0,
  path: '/console/sources',
};
