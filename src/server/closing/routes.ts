import { z } from 'zod';
import { erasureCertificate } from '../../clauses/retention/store.certificate.ts';
import { languages } from '../../kernel/language.ts';
import { refuse } from '../../kernel/result.ts';
import type { World } from '../../platform/world.ts';
import { type Routes, route } from '../../policy/route.ts';
import { entryOfErasure, erasurePdf } from './certificate.ts';

/** What of closures needs more than their clause: certificates as PDF. */
export function closingRoutes(world: World): Routes {
  return {
    downloadErasureCertificate: route({
      method: 'get',
      path: '/closures/{id}/certificate',
      summary: 'The certificate of an erasure as PDF, in either language.',
      permission: 'readClosures',
      input: z.object({ id: z.uuid(), lang: z.enum(languages).optional() }),
      output: z.object({}),
      handle: async ({ db, zone, url, language: theirs }, { id, lang }) => {
        const found = await erasureCertificate(db, { closureId: id });
        if (!found) return refuse('notFound');
        const language = lang ?? theirs;
        const pdf = await erasurePdf(found, {
          language,
          organisation: (await world.organisation())?.name ?? '',
          zone,
          address: `${url}/erasures/${found.code}`,
          entry: await entryOfErasure(db, found),
        });
        return {
          stream: whole(pdf),
          mediaType: 'application/pdf',
          filename: `erasure-${found.code}.pdf`,
        };
      },
    }),
  };
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
