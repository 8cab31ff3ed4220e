import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { languages } from '../../kernel/language.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { answerList, listInput, listOutput } from '../../registers/list.ts';
import { acknowledgementFlow } from './flows.ts';
import { policyDocument } from './reading.ts';
import {
  type AcknowledgementRow,
  acknowledgementConditions,
  acknowledgementCounts,
  acknowledgementList,
  acknowledgementOf,
  acknowledgementSorts,
} from './store.reading.ts';
import { versionInForce } from './store.version.ts';

/** The policy as the staff read it, and their acknowledgement of it. */

const states = ['acknowledged', 'waiting', 'overdue', 'notAsked'] as const;

const acknowledgementOutput = z.object({
  personId: z.string(),
  name: z.string(),
  department: z.string(),
  state: z.enum(states),
  version: z.int().nullable(),
  acknowledgedAt: z.string().nullable(),
  language: z.enum(languages).nullable(),
  digest: z.string().nullable(),
  dueAt: z.string().nullable(),
});
type Item = z.output<typeof acknowledgementOutput>;

const textOf = (at: Instant | null): string | null => (at ? instantText(at) : null);

function item(row: AcknowledgementRow): Item {
  return { ...row, acknowledgedAt: textOf(row.acknowledgedAt), dueAt: textOf(row.dueAt) };
}

const csv = (
  [
    'name',
    'department',
    'state',
    'version',
    'acknowledgedAt',
    'language',
    'digest',
    'dueAt',
  ] as const
).map((header) => ({ header, cell: (row: Item) => row[header] }));

const counts = z.object({ kept: z.int(), due: z.int(), broken: z.int(), unknown: z.int() });

export const acknowledgementRoutes = {
  readMyPolicy: route({
    method: 'get',
    path: '/policy/mine',
    summary: 'The policy in force with the status of each promise, and what the caller owes it.',
    permission: 'readPolicy',
    input: z.object({ language: z.enum(languages).optional() }),
    output: z.object({
      version: z
        .object({
          id: z.string(),
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
      promises: z.array(
        z.object({ id: z.string(), clause: z.string(), text: z.string(), status: z.string() }),
      ),
      counts,
      /** One entry for each change of how many promises are in which state; oldest first. */
      year: z.array(counts.extend({ at: z.string() })),
      acknowledgedAt: z.string().nullable(),
      dueAt: z.string().nullable(),
      /** The newest version that the caller acknowledged: what they compare with. */
      last: z.object({ id: z.string(), number: z.int() }).nullable(),
    }),
    handle: async (request, { language }) => {
      const { db, actor } = request;
      const document = await policyDocument(
        { ...request, language: language ?? request.language },
        { link: (promise) => `?promise=${promise}`, internals: true },
      );
      const person = actor && personOf(actor);
      const own =
        person && document.version
          ? await acknowledgementOf(db, person, document.version.id)
          : null;
      return ok({
        ...document,
        acknowledgedAt: textOf(own?.acknowledgedAt ?? null),
        dueAt: textOf(own?.dueAt ?? null),
        last: own?.lastId && own.lastNumber ? { id: own.lastId, number: own.lastNumber } : null,
      });
    },
  }),

  acknowledgePolicy: route({
    method: 'post',
    path: '/policy/acknowledgement',
    summary:
      'Acknowledges the text in force, named by its digest; only in person and with a second factor.',
    permission: 'acknowledgePolicy',
    input: z.object({ digest: z.string().regex(/^[0-9a-f]{64}$/), language: z.enum(languages) }),
    output: z.object({ number: z.int(), acknowledgedAt: z.string() }),
    handle: async ({ db, execute, actor, now }, input) => {
      const answer = await execute(acknowledgementFlow, { do: 'acknowledge', ...input });
      if (!answer.ok) return answer;
      const version = await versionInForce(db);
      const person = actor && personOf(actor);
      if (!version || !person) return refuse('nothingInForce');
      const { acknowledgedAt } = await acknowledgementOf(db, person, version.id);
      return ok({ number: version.number, acknowledgedAt: instantText(acknowledgedAt ?? now) });
    },
  }),

  listAcknowledgements: route({
    method: 'get',
    path: '/policy/acknowledgements',
    summary:
      'Everyone on the staff: who has acknowledged which version, who is asked, who is late.',
    permission: 'readAcknowledgements',
    input: listInput(
      { sorts: acknowledgementSorts },
      {
        state: z.enum(states).optional(),
        department: z.string().max(200).optional(),
        person: z.uuid().optional(),
      },
    ),
    output: listOutput(acknowledgementOutput),
    handle: ({ db, now, zone }, input) =>
      answerList(
        db,
        acknowledgementList(item, csv, now),
        input,
        acknowledgementConditions(input, now, zone),
      ),
  }),

  countAcknowledgements: route({
    method: 'get',
    path: '/policy/acknowledgements/count',
    summary: 'How many have acknowledged, are asked, are late.',
    permission: 'readAcknowledgements',
    input: z.object({}),
    output: z.object({
      people: z.int(),
      acknowledged: z.int(),
      waiting: z.int(),
      overdue: z.int(),
      notAsked: z.int(),
    }),
    handle: async ({ db, now, zone }) => ok({ ...(await acknowledgementCounts(db, now, zone)) }),
  }),
};
