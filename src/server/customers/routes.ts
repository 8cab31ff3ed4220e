import { sql } from 'kysely';
import { z } from 'zod';
import { isUuid } from '../../kernel/id.ts';
import { ok, refuse } from '../../kernel/result.ts';
import type { World } from '../../platform/world.ts';
import { type Routes, route } from '../../policy/route.ts';
import {
  standingInput,
  standingOutput,
  storyInput,
  storyOutput,
} from '../../registers/customers/facts.story.ts';
import { standingOf, storyOf } from './story.ts';

/** What of customers needs more than one room: their story, where they stand, a provider's report. */
export function customerRoutes(world: World): Routes {
  return {
    readCustomerStory: route({
      method: 'get',
      path: '/customers/{id}/story',
      summary: 'What happened to an account in one timeline: itself, its cases, its requests.',
      permission: 'readCustomers',
      input: storyInput,
      output: storyOutput,
      handle: async ({ db }, { id, limit }) =>
        isUuid(id) ? ok({ items: [...(await storyOf(db, id, limit))] }) : refuse('notFound'),
    }),

    readCustomerStanding: route({
      method: 'get',
      path: '/customers/{id}/standing',
      summary: 'Where an account stands: what the vault holds, its closure, cases and requests.',
      permission: 'readCustomers',
      input: standingInput,
      output: standingOutput,
      handle: async ({ db, now }, { id }) =>
        isUuid(id) ? ok(await standingOf(db, id, now)) : refuse('notFound'),
    }),

    downloadProviderReport: route({
      method: 'get',
      path: '/provider-reports/{id}/file',
      summary: 'The report of a provider, as it was uploaded.',
      permission: 'readProviderReports',
      input: z.object({ id: z.string().refine(isUuid) }),
      output: z.object({}),
      handle: async ({ db }, { id }) => {
        const { rows } = await sql<{ sealed: Buffer; mediaType: string }>`
          select blob.sealed, report.media_type as "mediaType"
          from provider_report report join blob on blob.sha256 = decode(report.file, 'hex')
          where report.id = ${id}`.execute(db);
        const [row] = rows;
        if (!row) return refuse('notFound');
        return {
          stream: whole(world.keys.open('blob', row.sealed)),
          mediaType: row.mediaType,
          // The name that it came with is anybody's text; a header takes letters and digits.
          filename: `provider-report-${id}.${row.mediaType === 'application/pdf' ? 'pdf' : 'txt'}`,
        };
      },
    }),
  };
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
