import { z } from 'zod';
import type { Language } from '../../kernel/language.ts';
import {
  fieldsAnswer,
  fileContent,
  mappingInput,
  previewOutput,
  previewRows,
  problemsAnswer,
  textOf,
} from './content.ts';
import { inHeaders, type RowProblem } from './problem.ts';
import { type Fields, readTable, type Table } from './table.ts';

/** A file, and which of its columns holds what. */
export const importInput = z.object({ ...fileContent, mapping: mappingInput });

/** What a preview of rows with fields answers. */
export const rowsPreview = previewOutput(
  z.object({ line: z.int(), values: z.record(z.string(), z.unknown()) }),
);

/** What importing a file would do; nothing at all where there are problems. */
interface Plan {
  readonly added: readonly unknown[];
  readonly changed: readonly unknown[];
  readonly unchanged: number;
  readonly problems: readonly RowProblem[];
}

/**
 * Reads a file and decides what importing it would do; nothing is decided where a row cannot be read.
 *
 * @param decide is given ids that differ from each other and from real ones: nothing is written
 */
export async function planImport<Of extends Fields, Decided extends Plan>(
  input: z.output<typeof importInput>,
  fields: Of,
  decide: (rows: Table<Of>['rows'], newId: () => string) => Promise<Decided>,
) {
  const read = textOf(input);
  const table = readTable('text' in read ? read.text : '', fields, input.mapping);
  const unread: readonly RowProblem[] = 'text' in read ? table.problems : read.problems;
  if (unread.length > 0) return { table, plan: null, problems: unread };
  let n = 0;
  const plan = await decide(table.rows, () => `new-${n++}`);
  return { table, plan, problems: inHeaders(plan.problems, table.mapping) };
}

/** A preview as `rowsPreview` describes it. */
export function previewAnswer(
  { table, plan, problems }: ImportRead,
  fields: Fields,
  language: Language,
): z.input<typeof rowsPreview> {
  return {
    header: [...table.header],
    mapping: { ...table.mapping },
    fields: fieldsAnswer(fields),
    sample: table.sample.map((cells) => [...cells]),
    rows: rowsOf(table).slice(0, previewRows),
    total: table.rows.length,
    added: plan?.added.length ?? 0,
    changed: plan?.changed.length ?? 0,
    unchanged: plan?.unchanged ?? 0,
    ...problemsAnswer(problems, language),
  };
}

interface ImportRead {
  readonly table: Table<Fields>;
  readonly plan: Omit<Plan, 'problems'> | null;
  readonly problems: readonly RowProblem[];
}

/** The rows of a table, as a command takes them. */
export function rowsOf<Values extends object>(table: {
  readonly rows: readonly { readonly line: number; readonly values: Values }[];
}): { line: number; values: Values }[] {
  return table.rows.map(({ line, values }) => ({ line, values: { ...values } }));
}

/**
 * What an import did, as its event says.
 *
 * @param otherwise where nothing was to be done there is no event
 */
export function importCounts<Counts extends Readonly<Record<string, number>>>(
  events: readonly { readonly body: Readonly<Record<string, unknown>> }[],
  otherwise: Counts,
): Counts {
  const body = events[0]?.body ?? {};
  const counted = Object.keys(otherwise).map((name) => [name, body[name]]);
  return {
    ...otherwise,
    ...Object.fromEntries(counted.filter(([, count]) => typeof count === 'number')),
  };
}
