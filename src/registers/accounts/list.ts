import { sql } from 'kysely';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { Condition, List, SortColumn } from '../list.ts';
import { stateOf } from '../people/list.ts';
import type { AccountKind } from './facts.ts';

export interface AccountItem {
  readonly id: string;
  readonly name: string;
  readonly system: string;
  readonly systemName: string;
  readonly kind: AccountKind;
  readonly personId: string | null;
  readonly person: string | null;
  readonly department: string | null;
  readonly personState: string | null;
  /** A staff account of nobody. */
  readonly orphan: boolean;
  readonly accesses: number;
}

export const accountSorts = {
  name: { sql: sql`account.name`, type: 'text' },
  system: { sql: sql`system.key`, type: 'text', needs: ['system'] },
  person: { sql: sql`person.name`, type: 'text', nullable: true, needs: ['person'] },
  kind: { sql: sql`account.kind`, type: 'text' },
} satisfies Record<string, SortColumn>;

const system = sql`join system on system.id = account.system_id`;
const person = sql`left join person on person.id = account.person_id`;

/** An account counts while the newest read of its system still shows it. */
const isPresent = sql`exists (
  select from observation where observation.account_id = account.id and gone_at is null)`;
export const isOrphan = sql`account.person_id is null and account.kind = 'staff'`;

export function accountList(today: Temporal.PlainDate): List<AccountItem, AccountItem> {
  return {
    source: {
      from: [sql`account`],
      joins: { system, person },
      key: { id: sql`account.id` },
      sorts: accountSorts,
      defaultSort: 'name',
      search: (like) => ({
        sql: sql`lower(account.name) like ${like} or lower(person.name) like ${like}`,
        needs: ['person'],
      }),
      select: sql`account.id, account.name, system.key as system, system.name as "systemName", account.kind,
        account.person_id as "personId", person.name as person, person.department,
        case when person.id is not null then ${stateOf(today)} end as "personState",
        ${isOrphan} as orphan,
        (select count(*) from observation
          where observation.account_id = account.id and gone_at is null)::int as accesses`,
      details: sql`join account on account.id = page.id ${system} ${person}`,
    },
    item: (row) => row,
    csv: (
      [
        'system',
        'name',
        'kind',
        'person',
        'department',
        'personState',
        'orphan',
        'accesses',
      ] as const
    ).map((header) => ({ header, cell: (account: AccountItem) => account[header] })),
    filename: 'accounts',
  };
}

export interface AccountFilters {
  readonly system?: string | undefined;
  readonly person?: string | undefined;
  readonly kind?: AccountKind | undefined;
  readonly orphan?: boolean | undefined;
  readonly present?: boolean | undefined;
}

export function accountConditions(filters: AccountFilters): Condition[] {
  const conditions: Condition[] = [];
  if (filters.system) {
    conditions.push({
      sql: sql`account.system_id = (select id from system where key = ${filters.system})`,
    });
  }
  if (filters.person) conditions.push({ sql: sql`account.person_id = ${filters.person}` });
  if (filters.kind) conditions.push({ sql: sql`account.kind = ${filters.kind}` });
  if (filters.orphan !== undefined)
    conditions.push({ sql: sql`(${isOrphan}) = ${filters.orphan}` });
  if (filters.present !== undefined)
    conditions.push({ sql: sql`${isPresent} = ${filters.present}` });
  return conditions;
}

interface ReadRow {
  readonly id: string;
  readonly system: string;
  readonly systemName: string;
  readonly at: Instant;
  readonly source: string;
  readonly complete: boolean;
  readonly pairs: number;
  readonly added: number;
  readonly gone: number;
  readonly digest: string;
}

export interface ReadItem extends Omit<ReadRow, 'at'> {
  readonly at: string;
}

export const readSorts = {
  at: { sql: sql`read.at`, type: 'timestamptz' },
} satisfies Record<string, SortColumn>;

export const readList: List<ReadRow, ReadItem> = {
  source: {
    from: [sql`read`],
    key: { id: sql`read.id` },
    sorts: readSorts,
    defaultSort: '-at',
    select: sql`read.id, system.key as system, system.name as "systemName", read.at, read.source, read.complete,
      read.pairs, read.added, read.gone, read.digest`,
    details: sql`join read on read.id = page.id join system on system.id = read.system_id`,
  },
  item: (row) => ({ ...row, at: instantText(row.at) }),
  csv: (['system', 'at', 'source', 'complete', 'pairs', 'added', 'gone', 'digest'] as const).map(
    (header) => ({
      header,
      cell: (read: ReadItem) => read[header],
    }),
  ),
  filename: 'reads',
};

interface EntitlementItem {
  readonly id: string;
  readonly name: string;
  readonly system: string;
  readonly privileged: boolean;
  readonly holders: number;
}

export const entitlementSorts = {
  name: { sql: sql`entitlement.name`, type: 'text' },
  privileged: { sql: sql`entitlement.privileged`, type: 'boolean' },
} satisfies Record<string, SortColumn>;

export const entitlementList: List<EntitlementItem, EntitlementItem> = {
  source: {
    from: [sql`entitlement`],
    key: { id: sql`entitlement.id` },
    sorts: entitlementSorts,
    defaultSort: 'name',
    search: (like) => ({ sql: sql`lower(entitlement.name) like ${like}` }),
    select: sql`entitlement.id, entitlement.name, system.key as system, entitlement.privileged,
      (select count(*) from observation
        where observation.entitlement_id = entitlement.id and gone_at is null)::int as holders`,
    details: sql`join entitlement on entitlement.id = page.id join system on system.id = entitlement.system_id`,
  },
  item: (row) => row,
  csv: (['system', 'name', 'privileged', 'holders'] as const).map((header) => ({
    header,
    cell: (entitlement: EntitlementItem) => entitlement[header],
  })),
  filename: 'entitlements',
};
