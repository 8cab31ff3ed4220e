import type { Preview } from '../ui/import/ImportPreview.tsx';

/** A preview as the API answers it. */
export interface PreviewAnswer {
  readonly mapping: Readonly<Record<string, string>>;
  readonly rows: readonly { readonly values: Readonly<Record<string, unknown>> }[];
  readonly total: number;
  readonly problems: readonly {
    readonly line: number;
    readonly column: string;
    readonly why: string;
  }[];
  readonly problemCount: number;
}

/** A preview as the wizard shows it: what is wrong, or the first rows as they will be. */
export function previewShown(answer: PreviewAnswer, label: (field: string) => string): Preview {
  const fields = Object.keys(answer.mapping);
  return {
    fine: answer.total,
    problemCount: answer.problemCount,
    problems: answer.problems.map(({ line, column, why }) => ({ line, column, message: why })),
    columns: fields.map(label),
    rows: answer.rows.map(({ values }) => fields.map((field) => shown(values[field]))),
  };
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
