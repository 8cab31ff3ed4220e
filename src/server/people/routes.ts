import { sql } from 'kysely';
import { z } from 'zod';
import { certificatePattern } from '../../clauses/people/facts.training.ts';
import { language } from '../../clauses/people/facts.ts';
import { certificateBy } from '../../clauses/people/store.certificate.ts';
import { personOf } from '../../kernel/actor.ts';
import { isUuid } from '../../kernel/id.ts';
import { ok, refuse } from '../../kernel/result.ts';
import type { World } from '../../platform/world.ts';
import { type Routes, route } from '../../policy/route.ts';
import { storyInput, storyOutput } from '../../registers/people/facts.story.ts';
import { certificatePdf } from './certificate.ts';
import { storyOf } from './story.ts';

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What of people needs more than one room: certificates, papers, a person's whole story. */
export function peopleRoutes(world: World): Routes {
  return {
    downloadCertificate: route({
      method: 'get',
      path: '/certificates/{code}',
      summary: 'A certificate as PDF: one’s own, or anyone’s for who may read trainings.',
      permission: 'takeTraining',
      input: z.object({ code: z.string().regex(certificatePattern), lang: language.optional() }),
      output: z.object({}),
      handle: async ({ db, actor, may, url, language: theirs }, { code, lang }) => {
        const found = await certificateBy(db, code);
        const own = found && actor && personOf(actor) === found.personId;
        if (!found || !(own || may('readTraining'))) return refuse('notFound');
        const organisation = (await world.organisation())?.name ?? '';
        const frame = {
          language: lang ?? theirs,
          organisation,
          address: `${url}/certificates/${code}`,
        };
        return {
          stream: whole(await certificatePdf(found, frame)),
          mediaType: 'application/pdf',
          filename: `certificate-${code}.pdf`,
        };
      },
    }),

    downloadPaper: route({
      method: 'get',
      path: '/signatures/papers/{digest}',
      summary: 'The signed paper of an undertaking, as it was uploaded.',
      permission: 'readSignatures',
      input: z.object({ digest: z.string().regex(/^[0-9a-f]{64}$/) }),
      output: z.object({}),
      handle: async ({ db }, { digest }) => {
        const { rows } = await sql<{ sealed: Buffer }>`
          select sealed from blob where sha256 = decode(${digest}, 'hex')
            and exists (select from undertaking where file = ${digest})`.execute(db);
        const [row] = rows;
        if (!row) return refuse('notFound');
        return {
          stream: whole(world.keys.open('blob', row.sealed)),
          mediaType: 'application/pdf',
          filename: `undertaking-${digest.slice(0, 12)}.pdf`,
        };
      },
    }),

    readPersonStory: route({
      method: 'get',
      path: '/people/{id}/story',
      summary: 'A person’s whole story in one timeline: entries, trainings, signatures, access.',
      permission: 'readLedger',
      input: storyInput,
      output: storyOutput,
      handle: async ({ db }, { id, limit }) =>
        isUuid(id) ? ok({ items: [...(await storyOf(db, id, limit))] }) : refuse('notFound'),
    }),
  };
}
