import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import type { Db } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import { dateIn, type Instant, instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { answerList, listInput, listOutput } from '../../registers/list.ts';
import { personId } from '../../registers/people/facts.ts';
import {
  type UndertakingVersion,
  undertakingsInForce,
  undertakingVersions,
} from '../../registers/people/store.undertakings.ts';
import { digest, language, slug } from './facts.ts';
import { paperLimitBytes, undertakingText } from './facts.undertaking.ts';
import { undertakingFlow } from './flows.ts';
import { rendered } from './reading.ts';
import {
  type SignatureRow,
  signatureConditions,
  signatureList,
  signatureSorts,
  signatureStates,
} from './store.lists.ts';
import { owedSignatures } from './store.undertaking.ts';

/** What people undertake, and the guidance that they acknowledge. */

const words = z.object({ en: z.string(), ja: z.string() });
const kind = z.enum(['undertaking', 'guidance']);

const mine = z.object({
  document: z.string(),
  kind,
  number: z.int(),
  titles: words,
  /** When the caller last signed it, and in which version. */
  signedAt: z.string().nullable(),
  signedNumber: z.int().nullable(),
  /** The last day to sign, where the caller owes a signature. */
  dueOn: z.string().nullable(),
  publishedAt: z.string(),
});

const versionOutput = z.object({
  id: z.string(),
  number: z.int(),
  digest: z.string(),
  asksAgain: z.boolean(),
  signDays: z.int(),
  publishedAt: z.string(),
  withdrawnAt: z.string().nullable(),
});

const signatureOutput = z.object({
  personId: z.string(),
  name: z.string(),
  department: z.string(),
  document: z.string(),
  titles: words,
  state: z.enum(signatureStates),
  dueOn: z.string().nullable(),
  signedAt: z.string().nullable(),
  number: z.int().nullable(),
  how: z.enum(['signed', 'uploaded']).nullable(),
  witness: z.string().nullable(),
  digest: z.string().nullable(),
  paper: z.string().nullable(),
});
type Signature = z.output<typeof signatureOutput>;

const text = (at: Instant | null): string | null => (at ? instantText(at) : null);

function item(row: SignatureRow): Signature {
  return { ...row, dueOn: row.dueOn?.toString() ?? null, signedAt: text(row.signedAt) };
}

const csv = (
  [
    'name',
    'department',
    'document',
    'state',
    'dueOn',
    'signedAt',
    'number',
    'how',
    'witness',
    'digest',
    'paper',
  ] as const
).map((header) => ({ header, cell: (row: Signature) => row[header] }));

/** Undertakings come first, then guidance. */
const ordered = (versions: readonly UndertakingVersion[]) =>
  versions.toSorted((a, b) => b.kind.localeCompare(a.kind) || a.document.localeCompare(b.document));

async function mineOf(
  { db, actor, now, zone }: Request,
  versions: readonly UndertakingVersion[],
): Promise<z.output<typeof mine>[]> {
  const person = actor && personOf(actor);
  const [signed, owed] = person
    ? [await signedBy(db, person), await owedBy(db, person, dateIn(now, zone), zone)]
    : [new Map<string, Signed>(), new Map<string, Temporal.PlainDate>()];
  return ordered(versions).map(({ document, kind, number, titles, publishedAt }) => ({
    document,
    kind,
    number,
    titles: { en: titles.en ?? '', ja: titles.ja ?? '' },
    signedAt: text(signed.get(document)?.at ?? null),
    signedNumber: signed.get(document)?.number ?? null,
    dueOn: owed.get(document)?.toString() ?? null,
    publishedAt: instantText(publishedAt),
  }));
}

interface Signed {
  readonly at: Instant;
  readonly number: number;
}

async function signedBy(db: Db, person: PersonId): Promise<Map<string, Signed>> {
  const { rows } = await sql<{ document: string } & Signed>`
    select distinct on (document) document, signed_at as at, number from undertaking
    where person_id = ${person} order by document, number desc`.execute(db);
  return new Map(rows.map((row) => [row.document, row]));
}

async function owedBy(db: Db, person: PersonId, today: Temporal.PlainDate, zone: string) {
  const { rows } = await sql<{ document: string; dueOn: Temporal.PlainDate }>`
    select document, due_on as "dueOn" from (${owedSignatures(today, zone)}) owed
    where person_id = ${person}`.execute(db);
  return new Map(rows.map(({ document, dueOn }) => [document, dueOn]));
}

export const undertakingRoutes = {
  listUndertakings: route({
    method: 'get',
    path: '/undertakings',
    summary: 'The undertakings and guidance in force, and where the caller stands with each.',
    permission: 'readUndertakings',
    input: z.object({}),
    output: z.object({ items: z.array(mine) }),
    handle: async (request) =>
      ok({ items: await mineOf(request, await undertakingsInForce(request.db)) }),
  }),

  readUndertaking: route({
    method: 'get',
    path: '/undertakings/{document}',
    summary: 'A document in force: its text, its versions, and the caller’s signature.',
    permission: 'readUndertakings',
    input: z.object({ document: slug, language: language.optional() }),
    output: mine.extend({
      versionId: z.string(),
      digest: z.string(),
      language,
      html: z.string(),
      texts: words,
      signDays: z.int(),
      versions: z.array(versionOutput),
    }),
    handle: async (request, { document, language: asked }) => {
      const versions = (await undertakingVersions(request.db)).filter(
        (each) => each.document === document,
      );
      const version = versions.find(({ withdrawnAt }) => !withdrawnAt);
      const [own] = version ? await mineOf(request, [version]) : [];
      if (!version || !own) return refuse('notFound');
      const shown = asked ?? request.language;
      const texts = { en: version.texts.en ?? '', ja: version.texts.ja ?? '' };
      return ok({
        ...own,
        versionId: version.id,
        digest: version.digest,
        language: shown,
        html: rendered(texts[shown], shown),
        texts,
        signDays: version.signDays,
        versions: versions.map((each) => ({
          id: each.id,
          number: each.number,
          digest: each.digest,
          asksAgain: each.binding,
          signDays: each.signDays,
          publishedAt: instantText(each.publishedAt),
          withdrawnAt: text(each.withdrawnAt),
        })),
      });
    },
  }),

  signUndertaking: route({
    method: 'post',
    path: '/undertakings/{document}/signature',
    summary:
      'Signs the text in force, named by its digest, with the caller’s name typed; only in person and with a second factor.',
    permission: 'signUndertaking',
    input: z.object({
      document: slug,
      versionId: personId,
      digest,
      language,
      name: z.string().max(200).optional(),
    }),
    output: z.object({ signed: z.boolean() }),
    handle: async ({ execute }, { document: _, ...signature }) => {
      const done = await execute(undertakingFlow, { do: 'sign', ...signature });
      return done.ok ? ok({ signed: true }) : done;
    },
  }),

  publishUndertaking: route({
    method: 'post',
    path: '/undertakings',
    summary:
      'Publishes a new version of an undertaking or of guidance, or the first of a document.',
    permission: 'publishUndertaking',
    input: undertakingText,
    output: z.object({ document: z.string() }),
    handle: async ({ execute }, given) => {
      const done = await execute(undertakingFlow, { do: 'publish', ...given });
      return done.ok ? ok({ document: given.document }) : done;
    },
  }),

  withdrawUndertaking: route({
    method: 'post',
    path: '/undertakings/{document}/withdrawal',
    summary: 'Withdraws a document: it is asked of nobody any more; what was signed stays on file.',
    permission: 'publishUndertaking',
    input: z.object({ document: slug }),
    output: z.object({ document: z.string() }),
    handle: async ({ execute }, { document }) => {
      const done = await execute(undertakingFlow, { do: 'withdraw', document });
      return done.ok ? ok({ document }) : done;
    },
  }),

  fileUndertaking: route({
    method: 'post',
    path: '/undertakings/{document}/papers',
    summary: 'Puts an undertaking that was signed on paper on file: the PDF, its day, its witness.',
    permission: 'fileUndertaking',
    // Base64 is a third longer than what it holds.
    limitBytes: paperLimitBytes * 1.4 + 4096,
    input: z.object({
      document: slug,
      personId,
      versionId: personId,
      language,
      signedOn: z.iso.date(),
      witnessId: personId,
      paper: z.base64(),
    }),
    output: z.object({ signed: z.boolean() }),
    handle: async ({ execute }, { document: _, ...paper }) => {
      const done = await execute(undertakingFlow, { do: 'file', ...paper });
      return done.ok ? ok({ signed: true }) : done;
    },
  }),

  listSignatures: route({
    method: 'get',
    path: '/signatures',
    summary: 'Everyone on the staff with every document in force: signed, owed, overdue.',
    permission: 'readSignatures',
    input: listInput(
      { sorts: signatureSorts },
      {
        state: z.enum(signatureStates).optional(),
        document: slug.optional(),
        person: personId.optional(),
        department: z.string().max(200).optional(),
      },
    ),
    output: listOutput(signatureOutput),
    handle: ({ db, now, zone }, input) => {
      const today = dateIn(now, zone);
      const list = signatureList(item, csv, today, zone);
      return answerList(db, list, input, signatureConditions(input, today));
    },
  }),
};
