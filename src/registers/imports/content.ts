import { z } from 'zod';
import type { Language } from '../../kernel/language.ts';
import { decodeText } from './decode.ts';
import { explained, type RowProblem, rowProblem } from './problem.ts';
import type { Fields } from './table.ts';

/** Bytes of a request that brings a file. */
export const fileLimitBytes = 64 * 1024 * 1024;

/** A file in a request: its text, or its bytes where their encoding is yet to be found out. */
export const fileContent = {
  text: z.string().optional().meta({ description: 'The file as text.' }),
  base64: z
    .base64()
    .optional()
    .meta({ description: 'The bytes of the file: UTF-8, UTF-16 or Shift_JIS.' }),
};

export const mappingInput = z
  .record(z.string(), z.string())
  .optional()
  .meta({ description: 'Field → header of the column that holds it; empty where no column does.' });

/** The text of a file that a request brought, or what is wrong with it. */
export function textOf(content: {
  text?: string | undefined;
  base64?: string | undefined;
}): { readonly text: string } | { readonly problems: readonly RowProblem[] } {
  if (content.text !== undefined) return { text: content.text };
  const decoded = decodeText(Buffer.from(content.base64 ?? '', 'base64'));
  if (decoded) return { text: decoded.text };
  return { problems: [{ line: 1, column: '', code: 'encoding', params: {} }] };
}

/** What a preview of an import answers: nothing was written. */
export function previewOutput<Row extends z.ZodType>(row: Row) {
  return z.object({
    header: z.array(z.string()),
    mapping: z.record(z.string(), z.string()),
    fields: z.array(z.object({ name: z.string(), required: z.boolean() })),
    sample: z.array(z.array(z.string())),
    rows: z.array(row),
    total: z.int(),
    added: z.int(),
    changed: z.int(),
    unchanged: z.int(),
    problems: z.array(rowProblem),
    problemCount: z.int(),
  });
}

/** Rows of a preview that are shown with their normalised values. */
export const previewRows = 20;

export function problemsAnswer(problems: readonly RowProblem[], language: Language) {
  return { problems: explained(problems, language), problemCount: problems.length };
}

export function fieldsAnswer(fields: Fields) {
  return Object.entries(fields).map(([name, field]) => ({
    name,
    required: field.required === true,
  }));
}
