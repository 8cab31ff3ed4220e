import { z } from 'zod';
import { ok } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import {
  fieldsAnswer,
  fileContent,
  fileLimitBytes,
  mappingInput,
  previewOutput,
  previewRows,
  problemsAnswer,
  textOf,
} from '../imports/content.ts';
import { type RowProblem, refuseRows } from '../imports/problem.ts';
import { readTable } from '../imports/table.ts';
import { customersFields } from './facts.columns.ts';
import { planCustomers } from './facts.import.ts';
import { beforeImport, customerFlow } from './store.ts';

const importInput = z.object({ ...fileContent, mapping: mappingInput });
const counts = { added: z.int(), changed: z.int(), unchanged: z.int(), contacts: z.int() };

export const importRoutes = {
  previewCustomers: route({
    method: 'post',
    path: '/customers/import/preview',
    summary: 'Reads a file of customers and says what an import would do; writes nothing.',
    permission: 'importCustomers',
    limitBytes: fileLimitBytes,
    input: importInput,
    output: previewOutput(
      z.object({ line: z.int(), values: z.record(z.string(), z.unknown()) }),
    ).extend({ contacts: z.int() }),
    handle: async (request, input) => {
      const { table, plan, problems } = await planOf(request, input);
      return ok({
        header: [...table.header],
        mapping: { ...table.mapping },
        fields: fieldsAnswer(customersFields),
        sample: table.sample.map((cells) => [...cells]),
        rows: table.rows
          .slice(0, previewRows)
          .map(({ line, values }) => ({ line, values: { ...values } })),
        total: table.rows.length,
        added: plan?.added.length ?? 0,
        changed: plan?.changed.length ?? 0,
        unchanged: plan?.unchanged ?? 0,
        contacts: plan?.contacts.length ?? 0,
        ...problemsAnswer(problems, request.language),
      });
    },
  }),

  importCustomers: route({
    method: 'post',
    path: '/customers/import',
    summary: 'Imports a file of customers, whole or not at all; again is safe.',
    permission: 'importCustomers',
    limitBytes: fileLimitBytes,
    input: importInput,
    output: z.object(counts),
    handle: async (request, input) => {
      const { table, problems } = await planOf(request, input);
      if (problems.length > 0) return refuseRows(problems, request.language);
      const rows = table.rows.map(({ line, values }) => ({ line, values: { ...values } }));
      const answer = await request.execute(customerFlow, { do: 'importCustomers', rows });
      if (!answer.ok) return answer;
      const body = (answer.value[0]?.body ?? {}) as Partial<Record<keyof typeof counts, number>>;
      const { added = 0, changed = 0, unchanged = rows.length, contacts = 0 } = body;
      return ok({ added, changed, unchanged, contacts });
    },
  }),
};

async function planOf({ db }: Request, input: z.output<typeof importInput>) {
  const read = textOf(input);
  const table = readTable('text' in read ? read.text : '', customersFields, input.mapping);
  const unread: readonly RowProblem[] = 'text' in read ? table.problems : read.problems;
  if (unread.length > 0) return { table, plan: null, problems: unread };
  let n = 0;
  const before = await beforeImport(db, table.rows);
  const plan = planCustomers(table.rows, before, () => `new-${n++}`);
  return { table, plan, problems: plan.problems };
}
