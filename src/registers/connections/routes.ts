import { sql } from 'kysely';
import { z } from 'zod';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { answerList, listInput, listOutput } from '../list.ts';
import { systemKey } from '../systems/facts.ts';
import {
  type ConnectionItem,
  connectionList,
  connectionSorts,
  connectionStates,
  runList,
  runSorts,
  standing,
} from './list.ts';
import { connectionFlow } from './store.ts';

const moment = z.string().nullable();
const gap = z.object({ aspect: z.string(), permission: z.string(), message: z.string() });
const item = z.object({
  id: z.string(),
  system: z.string(),
  systemName: z.string(),
  kind: z.string(),
  everyHours: z.int(),
  paused: z.boolean(),
  acting: z.boolean(),
  state: z.enum(connectionStates),
  lastRunAt: moment,
  lastReadAt: moment,
  nextAt: moment,
  runId: z.string().nullable(),
  gaps: z.int(),
});
const runItem = z.object({
  id: z.string(),
  connectionId: z.string(),
  reads: z.enum(['whole', 'changes']),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']),
  askedAt: moment,
  startedAt: moment,
  endedAt: moment,
  seconds: z.number().nullable(),
  observations: z.int(),
  complete: z.boolean().nullable(),
  counts: z.record(z.string(), z.unknown()).nullable(),
  gaps: z.array(gap),
  error: z.string().nullable(),
  detail: z.string().nullable(),
});
const changed = z.object({ id: z.string() });
const id = z.uuid();

export const routes = {
  listConnections: route({
    method: 'get',
    path: '/connections',
    summary: 'Connections to systems, how they do and when they read next.',
    permission: 'readConnections',
    input: listInput({ sorts: connectionSorts }, { system: systemKey.optional() }),
    output: listOutput(item),
    handle: ({ db }, input) =>
      answerList(db, connectionList, input, [
        standing,
        ...(input.system
          ? [{ sql: sql`c.system_id = (select id from system where key = ${input.system})` }]
          : []),
      ]),
  }),

  getConnection: route({
    method: 'get',
    path: '/connections/{id}',
    summary: 'One connection with its settings, never its secrets, and what it could not read.',
    permission: 'readConnections',
    input: z.object({ id }),
    output: item.extend({
      settings: z.record(z.string(), z.unknown()),
      secretAt: z.string(),
      actingSecret: z.boolean(),
      actingSince: moment,
      version: z.int(),
      missing: z.array(gap),
    }),
    handle: async ({ db }, input) => {
      const { source } = connectionList;
      const { rows } = await sql<
        Parameters<typeof connectionList.item>[0] & {
          settings: JsonObject;
          secretAt: Instant;
          actingSecret: boolean;
          actingSince: Instant | null;
          version: number;
          missing: z.input<typeof gap>[];
        }
      >`
        select ${source.select}, c.settings, c.secret_at as "secretAt", c.acting_secret is not null as "actingSecret",
          c.acting_since as "actingSince", c.version,
          (select coalesce(jsonb_agg(jsonb_build_object('aspect', aspect, 'permission', permission, 'message', message)
            order by aspect, permission), '[]') from read_gap where read_gap.system_id = c.system_id) as missing
        from (select id from connection where id = ${input.id} and removed_at is null) page
        ${source.details}`.execute(db);
      const [row] = rows;
      if (!row) return refuse('notFound');
      const { settings, secretAt, actingSecret, actingSince, version, missing, ...rest } = row;
      return ok({
        ...(connectionList.item(rest) as ConnectionItem),
        settings,
        secretAt: instantText(secretAt),
        actingSecret,
        actingSince: actingSince && instantText(actingSince),
        version,
        missing,
      });
    },
  }),

  removeConnection: route({
    method: 'delete',
    path: '/connections/{id}',
    summary: 'Removes a connection and its secrets; what it read stays until it goes stale.',
    permission: 'removeConnection',
    input: z.object({ id }),
    output: changed,
    handle: async ({ execute }, input) => {
      const done = await execute(connectionFlow, { do: 'removeConnection', ...input });
      return done.ok ? ok({ id: input.id }) : done;
    },
  }),

  listConnectionRuns: route({
    method: 'get',
    path: '/connections/{id}/runs',
    summary: 'Runs of a connection: what they read, how long it took, what went wrong.',
    permission: 'readConnections',
    input: listInput({ sorts: runSorts }, { id }),
    output: listOutput(runItem),
    handle: ({ db }, input) =>
      answerList(db, runList, input, [{ sql: sql`run.connection_id = ${input.id}` }]),
  }),

  readConnectionNow: route({
    method: 'post',
    path: '/connections/{id}/runs',
    summary: 'Asks for a read now: of what has changed, or of the whole.',
    permission: 'readNow',
    input: z.object({ id, whole: z.boolean().default(false) }),
    output: z.object({ runId: z.string() }),
    handle: async ({ execute }, input) => {
      const done = await execute(connectionFlow, { do: 'readNow', ...input });
      return done.ok ? ok({ runId: String(done.value[0]?.body['runId'] ?? '') }) : done;
    },
  }),

  getConnectionRun: route({
    method: 'get',
    path: '/connection-runs/{id}',
    summary: 'How a run stands.',
    permission: 'readConnections',
    input: z.object({ id }),
    output: z.object({
      state: runItem.shape.state,
      done: z.int(),
      total: z.int().nullable(),
      startedAt: moment,
      endedAt: moment,
      error: z.string().nullable(),
      detail: z.string().nullable(),
    }),
    handle: async ({ db }, input) => {
      const { rows } = await sql<RunProgress>`
        select run.state, run.observations as done, run.started_at as "startedAt", run.ended_at as "endedAt",
          run.error, run.detail, case when run.state = 'done' then run.observations when run.reads = 'whole' then (
            select greatest(max(before.observations), run.observations) from connection_run before
            where before.connection_id = run.connection_id and before.state = 'done' and before.reads = 'whole') end as total
        from connection_run run where run.id = ${input.id}`.execute(db);
      const [run] = rows;
      if (!run) return refuse('notFound');
      return ok({
        ...run,
        startedAt: run.startedAt && instantText(run.startedAt),
        endedAt: run.endedAt && instantText(run.endedAt),
      });
    },
  }),

  cancelConnectionRun: route({
    method: 'post',
    path: '/connection-runs/{id}/cancel',
    summary: 'Cancels a run that waits or is under way; nothing of it is recorded.',
    permission: 'cancelRun',
    input: z.object({ id }),
    output: changed,
    handle: async ({ execute }, input) => {
      const done = await execute(connectionFlow, { do: 'cancelRun', runId: input.id });
      return done.ok ? ok({ id: input.id }) : done;
    },
  }),
};

interface RunProgress {
  readonly state: z.infer<typeof runItem.shape.state>;
  readonly done: number;
  readonly total: number | null;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly error: string | null;
  readonly detail: string | null;
}
