import { z } from 'zod';
import { ok, refuse } from '../../kernel/result.ts';
import type { World } from '../../platform/world.ts';
import { type Routes, route } from '../../policy/route.ts';
import { evidence, evidenceInput } from '../../registers/evidence/facts.ts';
import { askAgain } from '../../registers/findings/store.ts';
import type { Rooms } from '../rooms.ts';
import { judge } from '../status/engine.ts';
import { evidenceFor } from './evidence.ts';

/** Evidence: what stands behind a status, for whoever asks. */
export function evidenceRoutes(world: World, rooms: Rooms): Routes {
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
        const asking = { now, zone, language, seesItems: may('readFindings') };
        const found = await evidenceFor(rooms, db, id, asking);
        return found ? ok(found) : refuse('notFound');
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
