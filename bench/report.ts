import { type Measured, reaches, type Target } from './figure.ts';

/** The figures as a table for people. */
export function tableOf(measured: readonly Measured[]): string {
  const header = ['', 'figure', 'value', 'baseline', 'ratio', 'to reach'];
  const rows = measured.map((each) => [
    reaches(each) ? 'ok' : 'MISSED',
    each.name,
    amount(each.value, each.unit),
    amount(each.baseline, each.unit),
    each.ratio.toFixed(2),
    targetText(each),
  ]);
  const widths = header.map((_, at) =>
    Math.max(...[header, ...rows].map((row) => row[at]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  const notes = measured.map(({ name, says }) => `${name}: ${says}`);
  return `\n${[header, ...rows].map(line).join('\n')}\n\n${notes.join('\n')}\n`;
}

/** The figures for programs. */
export function jsonOf(measured: readonly Measured[]): string {
  const rows = measured.map(({ name, value, unit, baseline, ratio }) => ({
    name,
    value: rounded(value),
    unit,
    baseline: rounded(baseline),
    ratio: rounded(ratio),
  }));
  return `${JSON.stringify(rows, null, 2)}\n`;
}

function amount(value: number, unit: string): string {
  return `${rounded(value).toLocaleString('en')} ${unit}`;
}

/** Three digits that mean something. */
function rounded(value: number): number {
  return Number(value.toPrecision(value >= 1000 ? 4 : 3));
}

function targetText({ target, unit }: Measured): string {
  const { of, atLeast, atMost }: Target = target;
  const limit = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
  return of === 'ratio' ? `ratio ${limit}` : `${limit} ${unit}`;
}
