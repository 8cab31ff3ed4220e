import { z } from 'zod';
import { ok } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { fileLimitBytes } from '../imports/content.ts';
import { refuseRows } from '../imports/problem.ts';
import {
  importCounts,
  importInput,
  planImport,
  previewAnswer,
  rowsOf,
  rowsPreview,
} from '../imports/reading.ts';
import { customersFields } from './facts.columns.ts';
import { planCustomers } from './facts.import.ts';
import { beforeImport, customerFlow } from './store.ts';

const counts = { added: z.int(), changed: z.int(), unchanged: z.int(), contacts: z.int() };

export const importRoutes = {
  previewCustomers: route({
    method: 'post',
    path: '/customers/import/preview',
    summary: 'Reads a file of customers and says what an import would do; writes nothing.',
    permission: 'importCustomers',
    limitBytes: fileLimitBytes,
    input: importInput,
    output: rowsPreview.extend({ contacts: z.int() }),
    handle: async (request, input) => {
      const read = await planOf(request, input);
      return ok({
        ...previewAnswer(read, customersFields, request.language),
        contacts: read.plan?.contacts.length ?? 0,
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
      const rows = rowsOf(table);
      const answer = await request.execute(customerFlow, { do: 'importCustomers', rows });
      if (!answer.ok) return answer;
      const nothing = { added: 0, changed: 0, unchanged: rows.length, contacts: 0 };
      return ok(importCounts(answer.value, nothing));
    },
  }),
};

function planOf({ db }: Request, input: z.output<typeof importInput>) {
  return planImport(input, customersFields, async (rows, newId) =>
    planCustomers(rows, await beforeImport(db, rows), newId),
  );
}
