import { sql } from 'kysely';
import { z } from 'zod';
import { instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import type { World } from '../../platform/world.ts';
import { type Routes, route } from '../../policy/route.ts';
import { statuses } from '../../policy/status.ts';
import { checkResults, promiseStatuses } from '../../registers/findings/store.ts';
import { declaredPromises, promiseOf, type Rooms, upholdersOf } from '../rooms.ts';
import { judge } from '../status/engine.ts';
import { evidenceOf, promiseEntries, statusHistory } from './read.ts';

const instant = z.string();

const checkPart = z.object({
  by: z.literal('check'),
  id: z.string(),
  states: z.string(),
  status: z.enum(['kept', 'broken', 'unknown']),
  at: instant.nullable(),
  factsAt: instant.nullable(),
  examined: z.int(),
  violated: z.int(),
  sources: z.array(z.object({ name: z.string(), readAt: instant.nullable(), staleAfterHours: z.int() })),
  findings: z.array(
    z.object({
      id: z.string(),
      subject: z.string(),
      sentence: z.string(),
      openedAt: instant,
      dueAt: instant,
      exceptedUntil: instant.nullable(),
      owner: z.string().nullable(),
      path: z.string().nullable(),
    }),
  ),
  history: z.array(z.object({ at: instant, status: z.string(), examined: z.int(), violated: z.int() })),
});

const dutyPart = z.object({
  by: z.literal('duty'),
  id: z.string(),
  states: z.string(),
  counts: z.object({ total: z.int(), done: z.int(), missed: z.int(), open: z.int() }),
  occurrences: z.array(
    z.object({
      id: z.string(),
      subject: z.string(),
      openedAt: instant,
      dueAt: instant,
      doneAt: instant.nullable(),
      missedAt: instant.nullable(),
      assignee: z.string().nullable(),
      doneBy: z.string().nullable(),
    }),
  ),
});

const guardPart = z.object({
  by: z.literal('guard'),
  id: z.string(),
  states: z.string(),
  refusals: z.int(),
  lastRefusalAt: instant.nullable(),
});

const evidence = z.object({
  id: z.string(),
  clause: z.string(),
  iso27001: z.array(z.string()),
  status: z.enum(statuses),
  reason: z.object({ code: z.string(), params: z.record(z.string(), z.json()) }),
  since: instant.nullable(),
  provenAt: instant.nullable(),
  upholders: z.array(z.discriminatedUnion('by', [checkPart, dutyPart, guardPart])),
  history: z.array(z.object({ at: instant, status: z.string(), reason: z.record(z.string(), z.json()) })),
  entries: z.array(
    z.object({ index: z.int(), at: instant, type: z.string(), actor: z.string(), clause: z.string() }),
  ),
});

/** Evidence: what stands behind a status, for whoever asks. */
export function evidenceRoutes(world: World, rooms: Rooms): Routes {
  const upholders = upholdersOf(rooms);
  const clauses = new Map(declaredPromises(rooms).map(({ id, clause }) => [id, clause]));
  return {
    getEvidence: route({
      method: 'get',
      path: '/promises/{id}/evidence',
      summary: 'Everything a promise’s status stands on: checks, duties, guards, history, ledger entries',
      permission: 'readEvidence',
      input: z.object({ id: z.string().regex(/^[A-Z]{2,5}-\d{1,3}$/) }),
      output: evidence,
      handle: async ({ db, language, may }, { id }) => {
        const status = (await promiseStatuses(db)).get(id);
        const clause = clauses.get(id);
        if (!status && !clause) return refuse('notFound');
        const results = await checkResults(db);
        const reader = { language, seesItems: may('readFindings') };
        const parts = [];
        for (const upholder of upholders) {
          if (promiseOf(upholder) === id) parts.push(await evidenceOf(db, upholder, results, reader));
        }
        const declaration = rooms.clauses.find((each) => each.promises[id])?.promises[id];
        return ok({
          id,
          clause: clause ?? '',
          iso27001: [...(declaration?.iso27001 ?? [])],
          status: status?.status ?? 'unknown',
          reason: (status?.reason ?? { code: 'nothingUpholds', params: {} }) as z.input<typeof evidence>['reason'],
          since: status ? instantText(status.since) : null,
          provenAt: status?.proven_at ? instantText(status.proven_at) : null,
          upholders: parts as z.input<typeof evidence>['upholders'],
          history: (await statusHistory(db, id)) as z.input<typeof evidence>['history'],
          entries: await promiseEntries(db, id),
        });
      },
    }),
    runChecks: route({
      method: 'post',
      path: '/promises/check',
      summary: 'Runs every check now instead of when it is next due',
      permission: 'runChecks',
      input: z.object({}),
      output: z.object({ ran: z.array(z.string()) }),
      handle: async ({ db, now }) => {
        await sql`update check_result set next_change_at = ${now}`.execute(db);
        return ok({ ran: [...(await judge(world, rooms))] });
      },
    }),
  };
}
