import { sql } from 'kysely';
import { z } from 'zod';
import {
  caseRequest,
  collectionsInput,
  collectionsOutput,
  contentsInput,
  contentsOutput,
  madeOutput,
  namesInput,
  namesOutput,
  readInput,
  streamOutput,
  type ViewingRoutes,
} from '../../clauses/customer-data/facts.viewing.ts';
import { requestCase } from '../../clauses/customer-data/flows.ts';
import { personOf } from '../../kernel/actor.ts';
import { instantText } from '../../kernel/instant.ts';
import { ok, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { World } from '../../platform/world.ts';
import { type Routes, route } from '../../policy/route.ts';
import { collectionsOf } from '../../registers/vault/store.objects.ts';
import { openCustomer } from '../vault/opening.ts';
import { caseOf, contentsOf, contentsPage } from './contents.ts';
import { namesUnderCase, openUnderCase, readContent } from './reading.ts';
import { resolveScope } from './scope.ts';

/** What of cases needs the door: looking names up for a request, and reading under an open case. */
export function caseRoutes(world: World) {
  return {
    requestCase: route({
      method: 'post',
      path: '/cases',
      summary: 'Asks for a case to read a customer’s data: purpose, legal basis, scope, hours.',
      permission: 'requestCase',
      limitBytes: 8 * 1024 * 1024,
      input: caseRequest,
      output: madeOutput,
      handle: async ({ execute }, { scope: lines, ...input }) => {
        const open = () =>
          openCustomer(world, input.customerId, { by: 'system', what: 'scope of a case' });
        const scope = await resolveScope(open, lines);
        if (!scope.ok) return scope;
        const done = await execute(requestCase, { ...input, scope: [...scope.value] });
        return done.ok ? ok({ id: done.value[0]?.subject.split('/')[1] ?? '' }) : done;
      },
    }),

    listCollectionsForCase: route({
      method: 'get',
      path: '/case-collections/{customerId}',
      summary:
        'Collections of a customer that a case could be about, with numbers; nothing is opened.',
      permission: 'requestCase',
      input: collectionsInput,
      output: collectionsOutput,
      handle: async ({ db }, { customerId }) => {
        const held = await collectionsOf(db, customerId);
        return ok({
          items: held.map(({ collection, objects, records }) => ({
            collection,
            objects: Number(objects),
            records: Number(records),
          })),
        });
      },
    }),

    listCaseContents: route({
      method: 'get',
      path: '/cases/{id}/contents',
      summary: 'What lies within the scope of one’s own case: ids, sizes and dates, no names.',
      permission: 'readUnderCase',
      input: contentsInput,
      output: contentsOutput,
      handle: async ({ db, actor }, { id, what, collection, after }) => {
        if (!actor || !(await caseOf(db, id, personOf(actor)))) return refuse('notFound');
        const found = await contentsOf(db, id, what, collection, { after: after ?? null });
        return ok({
          items: found.slice(0, contentsPage).map((each) => ({
            id: each.id,
            size: each.size,
            changedAt: instantText(each.changedAt),
          })),
          more: found.length > contentsPage,
        });
      },
    }),

    ...readingRoutes(world),
  } satisfies ViewingRoutes & Routes;
}

function readingRoutes(world: World) {
  return {
    listNamesUnderCase: route({
      method: 'post',
      path: '/cases/{id}/names',
      summary:
        'Opens the names of what a case is about; it counts as a read, and is in the ledger.',
      permission: 'readUnderCase',
      input: namesInput,
      output: namesOutput,
      handle: async (request, { id, ...wanted }) => {
        const opened = await openUnderCase(world, request, id);
        if (!opened.ok) return opened;
        const { what, collection, itemIds } = wanted;
        const within = await contentsOf(request.db, id, what, collection, { only: itemIds });
        if (within.length < new Set(itemIds).size) return refuseByGuard('CUS-3', 'outsideScope');
        const names = await namesUnderCase(opened.value, request.db, id, wanted);
        return names.ok ? ok({ names: [...names.value] }) : names;
      },
    }),

    readUnderCase: route({
      method: 'post',
      path: '/cases/{id}/read',
      summary:
        'Reads one object or record under an open case: in the ledger before the first byte.',
      permission: 'readUnderCase',
      input: readInput,
      output: streamOutput,
      handle: async (request, { id, what, itemId, copy }) => {
        const opened = await openUnderCase(world, request, id, copy);
        if (!opened.ok) return opened;
        return readContent(opened.value, request.db, { what, itemId, copy });
      },
    }),

    downloadConsent: route({
      method: 'get',
      path: '/cases/{id}/consent',
      summary: 'The record of the customer’s consent that a case was asked for with.',
      permission: 'readCases',
      input: z.object({ id: z.uuid() }),
      output: z.object({}),
      handle: async ({ db, actor, may }, { id }) => {
        const { rows } = await sql<{ sealed: Buffer; requesterId: string }>`
          select blob.sealed, it.requester_id as "requesterId"
          from customer_case it join blob on blob.sha256 = decode(it.consent_sha256, 'hex')
          where it.id = ${id}`.execute(db);
        const [row] = rows;
        const own = row && actor && personOf(actor) === row.requesterId;
        if (!row || !(own || may('readAllCases'))) return refuse('notFound');
        return {
          stream: whole(world.keys.open('blob', row.sealed)),
          mediaType: 'application/octet-stream',
          filename: `consent-${id}.bin`,
        };
      },
    }),
  } satisfies Routes;
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
