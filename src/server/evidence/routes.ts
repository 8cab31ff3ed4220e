import { z } from 'zod';
import { instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import type { World } from '../../platform/world.ts';
import { type Routes, route } from '../../policy/route.ts';
import { type Evidence, evidence, evidenceInput } from '../../registers/evidence/facts.ts';
import { askAgain, checkResults, promiseStatuses } from '../../registers/findings/store.ts';
import { saidFigures } from '../figures.ts';
import { declaredPromises, promiseOf, type Rooms, upholdersOf } from '../rooms.ts';
import { judge } from '../status/engine.ts';
import { evidenceOf, promiseEntries, statusHistory } from './read.ts';

/** Evidence: what stands behind a status, for whoever asks. */
export function evidenceRoutes(world: World, rooms: Rooms): Routes {
  const upholders = upholdersOf(rooms);
  const clauses = new Map(declaredPromises(rooms).map(({ id, clause }) => [id, clause]));
  return {
    getEvidence: route({
      method: 'get',
      path: '/promises/{id}/evidence',
      summary:
        'Everything a promise’s status stands on: checks, duties, guards, history, ledger entries',
      permission: 'readEvidence',
      input: evidenceInput,
      output: evidence,
      handle: async ({ db, language, may, now, zone }, { id }) => {
        const status = (await promiseStatuses(db)).get(id);
        const clause = clauses.get(id);
        if (!status && !clause) return refuse('notFound');
        const results = await checkResults(db);
        const reader = { language, seesItems: may('readFindings') };
        const parts = [];
        for (const upholder of upholders) {
          if (promiseOf(upholder) === id)
            parts.push(await evidenceOf(db, upholder, results, reader));
        }
        const declaration = rooms.clauses.find((each) => each.promises[id])?.promises[id];
        return ok({
          id,
          clause: clause ?? '',
          iso27001: [...(declaration?.iso27001 ?? [])],
          status: status?.status ?? 'unknown',
          reason: (status?.reason ?? { code: 'nothingUpholds', params: {} }) as Evidence['reason'],
          since: status ? instantText(status.since) : null,
          provenAt: status?.proven_at ? instantText(status.proven_at) : null,
          upholders: parts as Evidence['upholders'],
          figures: (await saidFigures(rooms, db, { now, zone, language }))
            .filter(({ promise }) => promise === id)
            .map(({ sentence }) => sentence),
          history: (await statusHistory(db, id)) as Evidence['history'],
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
        await askAgain(db, now);
        return ok({ ran: [...(await judge(world, rooms))] });
      },
    }),
  };
}
