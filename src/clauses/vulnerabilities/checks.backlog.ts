import { sql } from 'kysely';
import type { Instant } from '../../kernel/instant.ts';
import type { Check, Violation } from '../../policy/check.ts';
import { sourcesChanged } from '../../registers/sources/facts.ts';
import { anythingAudited } from './checks.ts';
import { backlogChanged } from './facts.settling.ts';

/** What upholds VUL-3 and VUL-4. */

const named = sql`'V-' || item.number || ' · ' || vulnerability.name || ' · ' || item.component_name
  || ' · ' || system.name`;
const whose = sql`coalesce(item.assignee_id, system.owner_id)`;
const around = sql`join vulnerability on vulnerability.id = item.vulnerability_id
  join system on system.id = item.system_id`;

/** Every vulnerability of every component of every source that is looked at, once for each. */
const matched = sql`
  select distinct advisory.vulnerability_id, held.package_key, held.version, source.system_id, source.id as source_id
  from affects
  join advisory on advisory.id = affects.advisory_id and advisory.withdrawn_at is null
  join component on component.package_version_id = affects.package_version_id
  join package_version held on held.id = component.package_version_id
  join source on source.id = component.source_id and source.retired_at is null
  -- what is not matched yet is a matter of VUL-2
  join source_settled settled on settled.source_id = source.id and settled.audit_id = source.last_audit_id`;

/** VUL-3: nothing that matches is missing in the backlog. */
export const everyMatchIsInTheBacklog: Check = {
  id: 'vulnerabilities.everyMatchIsInTheBacklog',
  promise: 'VUL-3',
  states: {
    en: 'Every component that an advisory affects is in the backlog, with the source that has it, a class and a deadline.',
    ja: '脆弱性情報に該当する部品は、検出元・区分・期限とともに、すべてバックログに記録している。',
  },
  finding: {
    en: '{label} in {source} is affected and not in the backlog.',
    ja: '{source} の {label} は該当しますが、バックログにありません。',
  },
  changedBy: [...backlogChanged, ...sourcesChanged],
  sources: anythingAudited,
  items: () => matched,
  population: () => sql`select count(*)::int as examined from item`,
  violations: () => sql<Violation>`
    select 'component' as subject_kind,
      item.source_id || '.' || item.vulnerability_id || '.' || item.package_key || '@' || item.version as subject_id,
      vulnerability.name || ' · ' || item.package_key || '@' || item.version as label,
      jsonb_build_object('source', source.name) as detail, coalesce(source.owner_id, system.owner_id) as owner_id
    from item
    join vulnerability on vulnerability.id = item.vulnerability_id
    join source on source.id = item.source_id join system on system.id = item.system_id
    where not exists (
      select from backlog_item entered join sighting seen on seen.item_id = entered.id
      where entered.vulnerability_id = item.vulnerability_id and entered.package_key = item.package_key
        and entered.system_id = item.system_id and entered.state not in ('fixed', 'lapsed')
        and seen.source_id = item.source_id and seen.reporter = 'match' and seen.version = item.version
        and seen.gone_at is null)`,
  deadlineDays: 0,
  path: '/console/backlog',
};

/** Days within which somebody says how bad it is what no publisher has rated. */
const classifyWithinDays = 14;

/** VUL-3: each is classified by what it endangers; where its publishers say nothing, by us. */
export const everyItemIsClassified: Check = {
  id: 'vulnerabilities.everyItemIsClassified',
  promise: 'VUL-3',
  states: {
    en: 'Every open vulnerability is classified by its effect on confidentiality, integrity and availability, by us within 14 days where nobody else has.',
    ja: '未解決の脆弱性は、機密性・完全性・可用性への影響によって区分している。公表元が評価していないものは、14日以内に当社が区分する。',
  },
  finding: {
    en: '{label} has had no class since {since}.',
    ja: '{label}：{since} から区分が決まっていません。',
  },
  changedBy: backlogChanged,
  sources: anythingAudited,
  population: () =>
    sql`select count(*)::int as examined from backlog_item where state in ('open', 'working')`,
  violations: (now, zone) => sql<Violation>`
    select 'backlog' as subject_kind, item.id as subject_id, ${named} as label,
      jsonb_build_object('since', to_char(item.counts_from at time zone ${zone}, 'YYYY-MM-DD')) as detail,
      ${whose} as owner_id
    from backlog_item item ${around}
    where item.state in ('open', 'working') and item.class = 'unrated'
      and item.counts_from <= ${now.subtract({ hours: 24 * classifyWithinDays })}`,
  async nextChange(db, now) {
    const { rows } = await sql<{ at: Instant | null }>`
      select min(counts_from) as at from backlog_item
      where state in ('open', 'working') and class = 'unrated'
        and counts_from > ${now.subtract({ hours: 24 * classifyWithinDays })}`.execute(db);
    return rows[0]?.at?.add({ hours: 24 * classifyWithinDays }) ?? null;
  },
  deadlineDays: 7,
  path: '/console/backlog/{id}',
};

const classJa = sql`case item.class when 'critical' then '緊急' when 'high' then '重要' when 'medium' then '警告'
  when 'low' then '注意' when 'none' then 'なし' else '未評価' end`;

/** VUL-4: whatever is open is within the deadline of its class. */
export const nothingIsPastItsDeadline: Check = {
  id: 'vulnerabilities.nothingIsPastItsDeadline',
  promise: 'VUL-4',
  states: {
    en: 'No open vulnerability is past the deadline that the patch policy gives its class.',
    ja: '未解決の脆弱性は、いずれもパッチ管理方針が区分ごとに定めた期限内にある。',
  },
  finding: {
    en: '{label}: {class}, was to be fixed by {dueOn}.',
    ja: '{label}：区分「{classJa}」の修正期限（{dueOn}）を過ぎています。',
  },
  changedBy: [...backlogChanged, 'BacklogAssigned'],
  sources: anythingAudited,
  population: () =>
    sql`select count(*)::int as examined from backlog_item where state in ('open', 'working')`,
  violations: (now, zone) => sql<Violation>`
    select 'backlog' as subject_kind, item.id as subject_id, ${named} as label,
      jsonb_build_object('class', item.class, 'classJa', ${classJa}, 'dueOn', to_char(item.due_at at time zone ${zone}, 'YYYY-MM-DD')) as detail,
      ${whose} as owner_id
    from backlog_item item ${around}
    where item.state in ('open', 'working') and item.due_at <= ${now}`,
  async nextChange(db, now) {
    const { rows } = await sql<{ at: Instant | null }>`
      select min(due_at) as at from backlog_item
      where state in ('open', 'working') and due_at > ${now}`.execute(db);
    return rows[0]?.at ?? null;
  },
  deadlineDays: 0,
  path: '/console/backlog/{id}',
};

/** Hours after its last day by which what ran out counts again. */
const expireWithinHours = 1;

/** VUL-4: what does not count stands on a decision that somebody else approved and that still holds. */
export const decisionsHaveAnotherApprover: Check = {
  id: 'vulnerabilities.decisionsHaveAnotherApprover',
  promise: 'VUL-4',
  states: {
    en: 'Every vulnerability that is not affected or whose risk is accepted stands on a decision that a named person other than the asker approved, and that has not expired.',
    ja: '「影響なし」「リスク受容」とした脆弱性は、いずれも申請者以外の承認者が明らかで、期限内の判断に基づいている。',
  },
  finding: {
    en: '{label} does not count, and no decision that holds says so.',
    ja: '{label}：対象から外れていますが、有効な判断がありません。',
  },
  changedBy: backlogChanged,
  sources: anythingAudited,
  population: () =>
    sql`select count(*)::int as examined from backlog_item where state in ('notAffected', 'accepted')`,
  violations: (now) => sql<Violation>`
    select 'backlog' as subject_kind, item.id as subject_id, ${named} as label, '{}'::jsonb as detail,
      ${whose} as owner_id
    from backlog_item item ${around}
    where item.state in ('notAffected', 'accepted') and not exists (
      select from backlog_decision decision
      where decision.item_id = item.id and decision.state = 'approved' and decision.kind = item.state
        and decision.decided_by is not null and decision.decided_by is distinct from decision.asked_by
        and decision.until > ${now.subtract({ hours: expireWithinHours })})`,
  async nextChange(db, now) {
    const { rows } = await sql<{ at: Instant | null }>`
      select min(until) as at from backlog_decision
      where state = 'approved' and until > ${now.subtract({ hours: expireWithinHours })}`.execute(
      db,
    );
    return rows[0]?.at?.add({ hours: expireWithinHours }) ?? null;
  },
  deadlineDays: 0,
  path: '/console/backlog/{id}',
};
