import { z } from 'zod';
import { instantText } from '../../kernel/instant.ts';
import { languages } from '../../kernel/language.ts';
import { ok } from '../../kernel/result.ts';
import { statusLine } from '../../policy/reason.ts';
import { route } from '../../policy/route.ts';
import { statuses } from '../../policy/status.ts';
import { fillPlaceholders } from '../../policy/text.ts';
import { placeholdersFor } from './document.ts';
import { knownStatuses, policyDocument } from './reading.ts';
import { publicationSettingsOf } from './store.office.ts';
import { promisesOfVersion, versionInForce } from './store.version.ts';

/** What strangers may read. */

/**
 * Where the organisation hides statuses, strangers get `hidden` with neither reason nor time: the
 * list keeps its shape, and nobody can take "not told" for "kept".
 */
const publicStatus = z.enum([...statuses, 'hidden']);
const words = z.partialRecord(z.enum(languages), z.string());

export const publicRoutes = {
  listPromises: route({
    method: 'get',
    path: '/promises',
    summary:
      'Every promise of the policy in force with its status, for anyone; `hidden` where statuses are not published.',
    permission: 'public',
    input: z.object({ lang: z.enum(languages).optional() }),
    output: z.array(
      z.object({
        id: z.string(),
        clause: z.string(),
        status: publicStatus,
        /** A sentence in the caller's language; null where statuses are hidden. */
        reason: z.string().nullable(),
        reasonCode: z.string().nullable(),
        provenAt: z.string().nullable(),
        text: words,
      }),
    ),
    handle: async (request) => {
      const { db, url } = request;
      const version = await versionInForce(db);
      if (!version) return ok([]);
      const settings = await publicationSettingsOf(db);
      const hidden = settings.hideStatuses && !request.may('readPolicy');
      const known = await knownStatuses(db, request.now);
      const promises = await promisesOfVersion(db, version.id);
      return ok(
        promises.map(({ id, clause, words: spoken }) => {
          const it = known(id);
          const shown = hidden
            ? { status: 'hidden' as const, reason: null, reasonCode: null, provenAt: null }
            : {
                status: it.status,
                reason: statusLine(it, { ...request, internals: false }),
                reasonCode: it.reason.code,
                provenAt: it.provenAt ? instantText(it.provenAt) : null,
              };
          const text = Object.fromEntries(
            languages.flatMap((language) => {
              const said = spoken[language];
              return said
                ? [[language, fillPlaceholders(said, placeholdersFor(settings, language, url))]]
                : [];
            }),
          );
          return { id, clause, ...shown, text };
        }),
      );
    },
  }),

  readPublicPolicy: route({
    method: 'get',
    path: '/policy',
    summary: 'The policy in force, for anyone: its version, date, digest and text as HTML.',
    permission: 'public',
    input: z.object({ lang: z.enum(languages).optional() }),
    output: z.object({
      version: z
        .object({
          number: z.int(),
          effectiveOn: z.string(),
          digest: z.string(),
          languages: z.array(z.enum(languages)),
        })
        .nullable(),
      language: z.enum(languages),
      organisation: z.string(),
      clauses: z.array(
        z.object({ id: z.string(), number: z.int(), title: z.string(), html: z.string() }),
      ),
    }),
    handle: async (request) => {
      const settings = await publicationSettingsOf(request.db);
      const document = await policyDocument(request, {
        link: (promise) => `#${promise}`,
        internals: false,
        hidden: settings.hideStatuses,
      });
      const { version, language, organisation, clauses } = document;
      return ok({ version: version && withoutId(version), language, organisation, clauses });
    },
  }),
};

function withoutId<V extends { readonly id: string }>({ id: _, ...rest }: V): Omit<V, 'id'> {
  return rest;
}
