import { sql } from 'kysely';
import { z } from 'zod';
import { ok, refuse } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import {
  fieldsAnswer,
  fileContent,
  fileLimitBytes,
  mappingInput,
  previewOutput,
  problemsAnswer,
  textOf,
} from '../imports/content.ts';
import { refuseRows } from '../imports/problem.ts';
import { answerList, listInput, listOutput } from '../list.ts';
import { systemKey } from '../systems/facts.ts';
import { type ParsedRead, parseRead } from './facts.content.ts';
import { readFields, recordRead } from './facts.ts';
import { readList, readSorts } from './list.ts';
import { compareRead, findSystem, readFlow } from './store.reads.ts';

const formats = z.enum(['pairs', 'csv']);

const readInput = z.object({
  system: systemKey,
  source: recordRead.shape.source.meta({
    description: 'Where it was read: name of a file or connector.',
  }),
  complete: z.boolean().default(true),
  format: formats.optional().meta({
    description:
      'Left out: found out from the first line. Lines of pairs have blanks or tabs between; csv has commas, semicolons or tabs, and a header.',
  }),
  ...fileContent,
  mapping: mappingInput,
  empty: z.boolean().default(false),
});

type ReadInput = z.output<typeof readInput>;

function contentOf(input: Pick<ReadInput, 'text' | 'base64' | 'format' | 'mapping'>): ParsedRead {
  const read = textOf(input);
  if ('text' in read) return parseRead(read.text, input.format, input.mapping);
  return { ...parseRead('', 'pairs'), problems: read.problems };
}

const readOutput = z.object({
  id: z.string(),
  system: z.string(),
  systemName: z.string(),
  at: z.string(),
  source: z.string(),
  complete: z.boolean(),
  pairs: z.int(),
  added: z.int(),
  gone: z.int(),
  digest: z.string(),
});

/** What a reading shows, counted. */
const counts = {
  pairs: z.int(),
  duplicates: z.int(),
  accounts: z.int(),
  entitlements: z.int(),
  newAccounts: z.int(),
  newEntitlements: z.int(),
  gone: z.int(),
};

export const routes = {
  recordRead: route({
    method: 'post',
    path: '/systems/{system}/reads',
    summary:
      'Records a reading of a system: pairs of account and entitlement, whole or not at all.',
    permission: 'recordRead',
    limitBytes: fileLimitBytes,
    input: readInput,
    output: z.object({ readId: z.string(), added: z.int(), ...counts }),
    handle: async ({ execute, language }, input) => {
      const { content, problems } = contentOf(input);
      const nothing = problems.length === 1 && problems[0]?.code === 'empty' && input.empty;
      if (problems.length > 0 && !nothing) return refuseRows(problems, language);
      const { duplicates, ...shown } = content;
      const { system, source, complete, empty } = input;
      const done = await execute(readFlow, {
        do: 'recordRead',
        system,
        source,
        complete,
        empty,
        ...shown,
      });
      if (!done.ok) return done;
      const body = done.value[0]?.body as { readId: string; added: number } & Record<
        keyof typeof counts,
        number
      >;
      const { readId, added, pairs, accounts, entitlements, newAccounts, newEntitlements, gone } =
        body;
      return ok({
        readId,
        pairs,
        duplicates,
        accounts,
        entitlements,
        newAccounts,
        newEntitlements,
        added,
        gone,
      });
    },
  }),

  previewRead: route({
    method: 'post',
    path: '/systems/{system}/reads/preview',
    summary: 'Says what recording a reading would change; writes nothing.',
    permission: 'recordRead',
    limitBytes: fileLimitBytes,
    input: readInput,
    output: previewOutput(z.array(z.string())).extend({ ...counts, persons: z.int() }),
    handle: async ({ db, language }, input) => {
      const system = await findSystem(db, input.system);
      if (!system) return refuse('systemUnknown', { key: input.system });
      if (system.connected) return refuse('systemConnected', { key: input.system });
      const parsed = contentOf(input);
      const { content, problems } = parsed;
      let n = 0;
      // The comparison leaves nothing behind but a temporary table, which ends with the transaction.
      const compared = await db
        .transaction()
        .execute((tx) =>
          compareRead(tx, system, problems.length > 0 ? none : content, () => preview(n++)),
        );
      const { arrivals, added, missing } = compared;
      const pairs = content.pairs.length / 2;
      return ok({
        header: [...parsed.header],
        mapping: { ...parsed.mapping },
        fields: fieldsAnswer(readFields),
        sample: parsed.sample.map((cells) => [...cells]),
        rows: parsed.sample.map((cells) => [...cells]),
        total: pairs,
        added: problems.length > 0 ? 0 : added,
        changed: arrivals.settled.length + arrivals.marked.length,
        unchanged: problems.length > 0 ? 0 : pairs - added,
        ...problemsAnswer(problems, language),
        pairs,
        duplicates: content.duplicates,
        accounts: content.accounts.length,
        entitlements: content.entitlements.length,
        newAccounts: arrivals.accounts.length,
        newEntitlements: arrivals.entitlements.length,
        persons: arrivals.accounts.filter(({ personId }) => personId !== null).length,
        gone: input.complete && problems.length === 0 ? missing : 0,
      });
    },
  }),

  listReads: route({
    method: 'get',
    path: '/reads',
    summary: 'Readings of systems, newest first.',
    permission: 'readAccess',
    input: listInput({ sorts: readSorts }, { system: systemKey.optional() }),
    output: listOutput(readOutput),
    handle: ({ db }, input) =>
      answerList(
        db,
        readList,
        input,
        input.system
          ? [{ sql: sql`read.system_id = (select id from system where key = ${input.system})` }]
          : [],
      ),
  }),
};

const none = { accounts: [], entitlements: [], pairs: [] };

/** Ids that only need to differ from each other while a preview lasts. */
function preview(n: number): string {
  return `00000000-0000-8000-8000-${n.toString(16).padStart(12, '0')}`;
}
