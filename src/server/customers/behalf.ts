import {
  type BehalfCommand,
  type BehalfRoutes,
  correctForInput,
  correctForOutput,
  deleteForInput,
  deleteForOutput,
  exportForInput,
  exportForOutput,
} from '../../clauses/retention/facts.behalf.ts';
import { unfit } from '../../clauses/retention/flow.behalf.ts';
import { behalfFlow } from '../../clauses/retention/flows.behalf.ts';
import { causeOf } from '../../clauses/retention/store.behalf.ts';
import { personOf } from '../../kernel/actor.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { World } from '../../platform/world.ts';
import { type Request, type Routes, route } from '../../policy/route.ts';
import { resolveScope } from '../cases/scope.ts';
import type { OpenCustomer } from '../vault/door.ts';
import { mergePatch } from '../vault/merging.ts';
import { openCustomer } from '../vault/opening.ts';

/**
 * What customers may do by themselves, done for them who wrote or called (RET-4). Nothing of what is
 * held is shown to whoever does it: an archive is taken by the customer at the portal, names are only
 * compared, and of a record only what is to be another is given.
 */
export function behalfRoutes(world: World) {
  return {
    exportForCustomer: route({
      method: 'post',
      path: '/customer-requests/{requestId}/export',
      summary: 'Starts an export that the customer asked for; they take it at the portal.',
      permission: 'actForCustomer',
      input: exportForInput,
      output: exportForOutput,
      handle: async ({ execute }, { requestId }) => {
        const done = await execute(behalfFlow, { do: 'exportFor', requestId });
        if (!done.ok) return done;
        const [made] = done.value;
        return ok({ id: made?.type === 'ExportRequestedFor' ? made.body.export : '' });
      },
    }),

    deleteForCustomer: route({
      method: 'post',
      path: '/customer-requests/{requestId}/delete',
      summary:
        'Deletes what a customer asked to have deleted, by another than who identified them.',
      permission: 'actForCustomer',
      input: deleteForInput,
      output: deleteForOutput,
      handle: async (request, { requestId, what, collection, names }) => {
        const items = await itemsOf(world, request, { requestId, what, collection, names });
        if (!items.ok) return items;
        const itemIds = [...items.value];
        const command: BehalfCommand = { do: 'deleteFor', requestId, what, collection, itemIds };
        const done = await request.execute(behalfFlow, command);
        if (!done.ok) return done;
        const [gone] = done.value;
        if (gone?.type !== 'CustomerDeletedFor') return ok({ objects: 0, records: 0 });
        const { objects, records } = gone.body;
        return ok({ objects, records });
      },
    }),

    correctForCustomer: route({
      method: 'post',
      path: '/customer-requests/{requestId}/correct',
      summary:
        'Corrects a record as the customer asked: what is to be another is given, nothing is shown.',
      permission: 'actForCustomer',
      input: correctForInput,
      output: correctForOutput,
      handle: (request, input) => correct(world, request, input),
    }),
  } satisfies BehalfRoutes & Routes;
}

/**
 * The door to the account of a request that allows the act; null where it does not, and the flow will
 * say why. Before a name is looked for: who may not act is not to learn what there is.
 */
async function openFor(
  world: World,
  { db, actor }: Request,
  requestId: string,
  act: BehalfCommand['do'],
): Promise<Result<OpenCustomer, Refusal> | null> {
  const cause = await causeOf(db, requestId);
  if (!cause?.customerId || unfit(cause, act, actor && personOf(actor))) return null;
  return openCustomer(world, cause.customerId, { by: 'system', what: 'request of the customer' });
}

async function itemsOf(
  world: World,
  request: Request,
  { requestId, what, collection, names }: ReturnType<typeof deleteForInput.parse>,
): Promise<Result<readonly string[], Refusal>> {
  if (what !== 'items') return ok([]);
  if (collection === null || names.length === 0) return refuse('nothingHeld');
  const opened = await openFor(world, request, requestId, 'deleteFor');
  if (!opened) return ok([]);
  const lines = [{ collection, names, itemIds: [] }];
  const found = await resolveScope(() => Promise.resolve(opened), lines);
  return found.ok ? ok(found.value.flatMap(({ itemId }) => itemId ?? [])) : found;
}

async function correct(
  world: World,
  request: Request,
  { requestId, collection, key, patch }: ReturnType<typeof correctForInput.parse>,
): Promise<Result<{ id: string; revision: number }, Refusal>> {
  const opened = await openFor(world, request, requestId, 'correctFor');
  if (opened && !opened.ok) return opened;
  const row = await opened?.value.findRecord(collection, key);
  if (opened && !row) return refuse('recordUnknown');
  // In the ledger, with who and for which request, before the record changes.
  const begun = await request.execute(behalfFlow, {
    do: 'correctFor',
    requestId,
    collection,
    itemId: row?.id ?? requestId,
  });
  if (!begun.ok) return begun;
  if (!opened || !row) return refuse('recordUnknown');
  const read = await opened.value.readRecord(row.id);
  if (!read.ok) return read;
  const value = mergePatch(read.value.value, patch) as JsonObject;
  const precondition = { kind: 'revision', id: row.id, revision: read.value.row.revision } as const;
  const done = await opened.value.writeRecords(collection, [{ key, value, precondition }]);
  if (!done.ok) return done;
  const [written] = done.value;
  return ok({ id: row.id, revision: written?.revision ?? read.value.row.revision });
}
