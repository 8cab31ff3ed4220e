import { sql } from 'kysely';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { Condition, List, SortColumn } from '../list.ts';
import type { Classification } from './classification.ts';
import type { System } from './facts.ts';

export interface SystemRow extends System {
  readonly ownerName: string | null;
  readonly ownerEmail: string | null;
  readonly retiredAt: Instant | null;
  readonly version: number;
  /** The newest complete read; null where there was none. */
  readonly readAt: Instant | null;
  readonly accounts: number;
  readonly accesses: number;
}

export interface SystemItem extends Omit<SystemRow, 'readAt' | 'retiredAt'> {
  readonly readAt: string | null;
  readonly retiredAt: string | null;
  /** Never read, or read longer ago than it allows. */
  readonly stale: boolean;
}

export const systemSorts = {
  key: { sql: sql`system.key`, type: 'text' },
  name: { sql: sql`system.name`, type: 'text' },
  classification: {
    sql: sql`array_position('{public,internal,confidential,restricted}'::text[], system.classification)`,
    type: 'integer',
  },
  owner: { sql: sql`owner.name`, type: 'text', nullable: true, needs: ['owner'] },
  readAt: { sql: sql`newest.at`, type: 'timestamptz', nullable: true, needs: ['newest'] },
} satisfies Record<string, SortColumn>;

const newest = sql`left join lateral (
  select at from read where read.system_id = system.id and complete order by at desc limit 1
) newest on true`;
const owner = sql`left join person owner on owner.id = system.owner_id`;

export function systemList(now: Instant): List<SystemRow, SystemItem> {
  return {
    source: {
      from: [sql`system`],
      joins: { owner, newest },
      key: { id: sql`system.id` },
      sorts: systemSorts,
      defaultSort: 'name',
      search: (like) => ({
        sql: sql`lower(system.name) like ${like} or system.key like ${like} or lower(owner.name) like ${like}`,
        needs: ['owner'],
      }),
      select: sql`system.id, system.key, system.name, system.classification, system.owner_id as "ownerId",
        owner.name as "ownerName", owner.email as "ownerEmail", system.confidentiality, system.integrity,
        system.availability, system.single_sign_on as "singleSignOn", system.second_factor as "secondFactor",
        system.stale_after_hours as "staleAfterHours", system.retired_at as "retiredAt", system.version,
        newest.at as "readAt", held.accounts, held.accesses`,
      details: sql`join system on system.id = page.id ${owner} ${newest}
        cross join lateral (
          select count(distinct account_id)::int as accounts, count(*)::int as accesses
          from observation where observation.system_id = system.id and gone_at is null) held`,
    },
    item: (row) => systemItem(row, now),
    csv: [
      { header: 'key', cell: (system) => system.key },
      { header: 'name', cell: (system) => system.name },
      { header: 'classification', cell: (system) => system.classification },
      { header: 'owner', cell: (system) => system.ownerEmail },
      { header: 'confidentiality', cell: (system) => levels[system.confidentiality] ?? '' },
      { header: 'integrity', cell: (system) => levels[system.integrity] ?? '' },
      { header: 'availability', cell: (system) => levels[system.availability] ?? '' },
      { header: 'singleSignOn', cell: (system) => system.singleSignOn },
      { header: 'secondFactor', cell: (system) => system.secondFactor },
      { header: 'staleAfterHours', cell: (system) => system.staleAfterHours },
      { header: 'readAt', cell: (system) => system.readAt },
    ],
    filename: 'systems',
  };
}

const levels: Readonly<Record<number, string>> = { 1: 'low', 2: 'moderate', 3: 'high' };

export function systemItem(row: SystemRow, now: Instant): SystemItem {
  const { readAt, retiredAt } = row;
  const staleBefore = now.subtract({ hours: row.staleAfterHours });
  return {
    ...row,
    readAt: readAt && instantText(readAt),
    retiredAt: retiredAt && instantText(retiredAt),
    stale: !readAt || Temporal.Instant.compare(readAt, staleBefore) < 0,
  };
}

export interface SystemFilters {
  readonly classification?: Classification | undefined;
  readonly owner?: string | undefined;
  readonly stale?: boolean | undefined;
  readonly retired?: boolean | undefined;
}

export function systemConditions(filters: SystemFilters, now: Instant): Condition[] {
  const conditions: Condition[] = [
    { sql: filters.retired ? sql`system.retired_at is not null` : sql`system.retired_at is null` },
  ];
  if (filters.classification)
    conditions.push({ sql: sql`system.classification = ${filters.classification}` });
  if (filters.owner) conditions.push({ sql: sql`system.owner_id = ${filters.owner}` });
  if (filters.stale !== undefined) {
    const fresh = sql`newest.at >= ${now}::timestamptz - make_interval(hours => system.stale_after_hours)`;
    conditions.push({ sql: sql`coalesce(${fresh}, false) <> ${filters.stale}`, needs: ['newest'] });
  }
  return conditions;
}
