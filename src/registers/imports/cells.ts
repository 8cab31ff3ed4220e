import { z } from 'zod';
import { hasControl } from './pairs.ts';
import type { ProblemCode } from './problem.ts';

/**
 * Cells of a spreadsheet, each as a schema from its text to its value. What is wrong with a cell is
 * a code of this room's words, carried in the issue.
 */
export type CellSchema<Value = unknown> = z.ZodType<Value, string>;

function cell<Value>(read: (text: string) => Value | Unfit): CellSchema<Value> {
  return z.string().transform((text, context) => {
    const value = hasControl(text) ? unfit('control') : read(text);
    if (!(value instanceof Unfit)) return value;
    context.addIssue({ code: 'custom', params: { code: value.code, with: value.params } });
    return z.NEVER;
  }) as unknown as CellSchema<Value>;
}

/** Why a cell's text is no value. */
class Unfit {
  readonly code: ProblemCode;
  readonly params: Readonly<Record<string, string | number>>;

  constructor(code: ProblemCode, params: Readonly<Record<string, string | number>>) {
    this.code = code;
    this.params = params;
  }
}

function unfit(code: ProblemCode, params: Readonly<Record<string, string | number>> = {}): Unfit {
  return new Unfit(code, params);
}

export function textCell(limit: number): CellSchema<string> {
  return cell((text) =>
    text.length > limit ? unfit('tooLong', { limit }) : text.normalize('NFC'),
  );
}

export const emailCell: CellSchema<string> = cell((text) => {
  const isAddress = text.length <= 254 && /^[^\s@,;<>"]+@[^\s@,;<>"]+\.[^\s@,;<>".]+$/.test(text);
  return isAddress ? text.normalize('NFC') : unfit('notEmail', { value: text });
});

/** 2026-04-01, 2026/4/1, 2026.4.1 and 2026年4月1日. Orders that put the year last are ambiguous: refused. */
export const dateCell: CellSchema<string> = cell((text) => {
  const match = /^(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?(?:[T ]00:00(?::00)?)?$/.exec(
    text,
  );
  const [year, month, day] = (match ?? []).slice(1).map(Number);
  try {
    return Temporal.PlainDate.from(
      { year: year ?? 0, month: month ?? 0, day: day ?? 0 },
      { overflow: 'reject' },
    ).toString();
  } catch {
    return unfit('notDate', { value: text });
  }
});

const yes = new Set(['true', 'yes', 'y', '1', 'はい', '有', '有効', '○', '〇', '済']);
const no = new Set(['false', 'no', 'n', '0', 'いいえ', '無', '無効', '×', '✕', '未']);

export const booleanCell: CellSchema<boolean> = cell((text) => {
  const word = text.normalize('NFKC').toLowerCase();
  if (yes.has(text) || yes.has(word)) return true;
  return no.has(text) || no.has(word) ? false : unfit('notBoolean', { value: text });
});

export function integerCell(least: number, most: number): CellSchema<number> {
  return cell((text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return number >= least && number <= most
      ? number
      : unfit('notNumber', { value: text, least, most });
  });
}

/** A closed list; each choice may go by other words too, in any case of letters. */
export function choiceCell<const Choice extends string | number>(
  choices: readonly (readonly [Choice, ...string[]])[],
): CellSchema<Choice> {
  const byWord = new Map(
    choices.flatMap(([choice, ...words]) =>
      [String(choice), ...words].map((word) => [word.toLowerCase(), choice]),
    ),
  );
  const allowed = choices.map(([choice]) => choice).join(', ');
  return cell(
    (text) => byWord.get(text.toLowerCase()) ?? unfit('notOneOf', { value: text, allowed }),
  );
}

/** Several choices in one cell, with spaces, commas, semicolons, `|` or 、 between them. */
export function choicesCell<const Choice extends string>(
  choices: readonly (readonly [Choice, ...string[]])[],
): CellSchema<Choice[]> {
  const one = choiceCell(choices);
  const allowed = choices.map(([choice]) => choice).join(', ');
  return cell((text) => {
    const words = text.split(/[\s,;|、]+/).filter(Boolean);
    const found = new Set<Choice>();
    for (const word of words) {
      const parsed = one.safeParse(word);
      if (!parsed.success) return unfit('notOneOf', { value: word, allowed });
      found.add(parsed.data);
    }
    return [...found];
  });
}

/** Short names as systems have them: `erp`, `aws-prod`. */
export const keyPattern = /^[a-z][a-z0-9-]{0,39}$/;

export const keyCell: CellSchema<string> = cell((text) =>
  keyPattern.test(text) ? text : unfit('notKey', { value: text }),
);
