import { sql } from 'kysely';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { List, SortColumn } from '../list.ts';

export const connectionStates = ['working', 'failing', 'gaps', 'paused', 'new'] as const;
export type ConnectionStateName = (typeof connectionStates)[number];

interface ConnectionRow {
  readonly id: string;
  readonly system: string;
  readonly systemName: string;
  readonly kind: string;
  readonly everyHours: number;
  readonly paused: boolean;
  readonly acting: boolean;
  readonly state: ConnectionStateName;
  readonly lastRunAt: Instant | null;
  readonly lastReadAt: Instant | null;
  readonly nextAt: Instant | null;
  readonly runId: string | null;
  readonly gaps: number;
}

type Moments = 'lastRunAt' | 'lastReadAt' | 'nextAt';
export type ConnectionItem = Omit<ConnectionRow, Moments> & {
  readonly [at in Moments]: string | null;
};

/** How a connection does: paused, never read, its last run failed, read with gaps, or simply works. */
const state = sql`case
  when c.paused then 'paused'
  when last.state = 'failed' then 'failing'
  when recorded.at is null then 'new'
  when exists (select from read_gap where read_gap.system_id = c.system_id) then 'gaps'
  else 'working' end`;

const system = sql`join system on system.id = c.system_id`;
const last = sql`left join lateral (
  select state, ended_at from connection_run run
  where run.connection_id = c.id and ended_at is not null order by asked_at desc limit 1) last on true`;
const recorded = sql`left join lateral (
  select started_at as at from connection_run run
  where run.connection_id = c.id and run.state = 'done' order by asked_at desc limit 1) recorded on true`;

export const connectionSorts = {
  system: { sql: sql`system.name`, type: 'text', needs: ['system'] },
  kind: { sql: sql`c.kind`, type: 'text' },
  lastReadAt: { sql: sql`recorded.at`, type: 'timestamptz', nullable: true, needs: ['recorded'] },
} satisfies Record<string, SortColumn>;

export const connectionList: List<ConnectionRow, ConnectionItem> = {
  source: {
    from: [sql`connection c`],
    joins: { system, last, recorded },
    key: { id: sql`c.id` },
    sorts: connectionSorts,
    defaultSort: 'system',
    search: (like) => ({
      sql: sql`lower(system.name) like ${like} or c.kind like ${like}`,
      needs: ['system'],
    }),
    select: sql`c.id, system.key as system, system.name as "systemName", c.kind, c.every_hours as "everyHours",
      c.paused, c.acting_since is not null as acting, ${state} as state, last.ended_at as "lastRunAt",
      recorded.at as "lastReadAt",
      (select min(due_at) from obligation
        where subject = 'connection/' || c.id and done_at is null) as "nextAt",
      (select run.id from connection_run run
        where run.connection_id = c.id and run.state in ('waiting', 'running')) as "runId",
      (select count(*) from read_gap where read_gap.system_id = c.system_id)::int as gaps`,
    details: sql`join connection c on c.id = page.id ${system} ${last} ${recorded}`,
  },
  item: (row) => ({
    ...row,
    lastRunAt: row.lastRunAt && instantText(row.lastRunAt),
    lastReadAt: row.lastReadAt && instantText(row.lastReadAt),
    nextAt: row.nextAt && instantText(row.nextAt),
  }),
  csv: [
    { header: 'system', cell: (item) => item.system },
    { header: 'kind', cell: (item) => item.kind },
    { header: 'state', cell: (item) => item.state },
    { header: 'everyHours', cell: (item) => item.everyHours },
    { header: 'acting', cell: (item) => item.acting },
    { header: 'lastReadAt', cell: (item) => item.lastReadAt },
  ],
  filename: 'connections',
};

/** Of the system that a condition names, or all that stand. */
export const standing = { sql: sql`c.removed_at is null` };

interface RunRow {
  readonly id: string;
  readonly connectionId: string;
  readonly reads: 'whole' | 'changes';
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly askedAt: Instant;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly seconds: number | null;
  readonly observations: number;
  readonly complete: boolean | null;
  readonly counts: Record<string, unknown> | null;
  readonly gaps: { aspect: string; permission: string; message: string }[];
  readonly error: string | null;
  readonly detail: string | null;
}
type RunMoments = 'askedAt' | 'startedAt' | 'endedAt';
export type RunItem = Omit<RunRow, RunMoments> & { readonly [at in RunMoments]: string | null };

export const runSorts = {
  askedAt: { sql: sql`run.asked_at`, type: 'timestamptz' },
  state: { sql: sql`run.state`, type: 'text' },
  observations: { sql: sql`run.observations`, type: 'integer' },
} satisfies Record<string, SortColumn>;

export const runList: List<RunRow, RunItem> = {
  source: {
    from: [sql`connection_run run`],
    key: { id: sql`run.id` },
    sorts: runSorts,
    defaultSort: '-askedAt',
    select: sql`run.id, run.connection_id as "connectionId", run.reads, run.state, run.asked_at as "askedAt",
      run.started_at as "startedAt", run.ended_at as "endedAt",
      extract(epoch from run.ended_at - run.started_at)::float8 as seconds, run.observations, run.complete,
      run.counts, run.gaps, run.error, run.detail`,
    details: sql`join connection_run run on run.id = page.id`,
  },
  item: (row) => ({
    ...row,
    askedAt: instantText(row.askedAt),
    startedAt: row.startedAt && instantText(row.startedAt),
    endedAt: row.endedAt && instantText(row.endedAt),
  }),
  csv: [
    { header: 'askedAt', cell: (item) => item.askedAt },
    { header: 'state', cell: (item) => item.state },
    { header: 'reads', cell: (item) => item.reads },
    { header: 'seconds', cell: (item) => item.seconds },
    { header: 'observations', cell: (item) => item.observations },
    { header: 'complete', cell: (item) => item.complete },
    { header: 'gaps', cell: (item) => item.gaps.map(({ aspect }) => aspect).join(' ') },
    { header: 'error', cell: (item) => item.error },
  ],
  filename: 'connection-runs',
};
