import { z } from 'zod';
import { type Language, languages } from '../../kernel/language.ts';
import { sha256Hex } from '../../ledger/hash.ts';
import type { Event } from '../../policy/event.ts';

/** What an organisation may set about its people's duties. Days are calendar days. */
export const peopleSettings = z.object({
  /** From the start of employment to the introduction completed (PEO-5). */
  introductionDays: z.int().min(1).max(365).default(30),
  /** From one completion to the next. */
  refresherMonths: z.int().min(1).max(36).default(12),
  /** How long before its last day a refresher is asked for. */
  leadDays: z.int().min(1).max(90).default(30),
  /** To complete a course again after a new major version. */
  newVersionDays: z.int().min(1).max(365).default(30),
  /** After the last day of employment, to record what a leaver disposed of (PEO-3). */
  disposalDays: z.int().min(0).max(90).default(7),
  /** After the last day of employment, until who a leaver was is erased. */
  erasureDays: z.int().min(1).max(3650).default(1095),
});
export type PeopleSettings = z.output<typeof peopleSettings>;

/** Titles and texts by language; both languages, so that nobody signs what they cannot read. */
export const inBothLanguages = (max: number) =>
  z.object({ en: z.string().trim().min(1).max(max), ja: z.string().trim().min(1).max(max) });

export const language = z.enum(languages);
export const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** Short name of a document or a course: `information-security`. */
export const slug = z.string().regex(/^[a-z][a-z0-9-]{1,39}$/);

export type Words = Readonly<Record<Language, string>>;

export const settingsCommand = z.object({
  do: z.literal('changeSettings'),
  settings: peopleSettings,
});
export type SettingsCommand = z.output<typeof settingsCommand>;
export type SettingsEvent = Event & {
  readonly type: 'PeopleSettingsChanged';
  readonly body: PeopleSettings;
};

/** Lines, sorted, each ended: the form of every list that goes beside the ledger. */
export function listOf(lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(
    [...lines]
      .sort()
      .map((line) => `${line}\n`)
      .join(''),
  );
}

export function digestOfList(list: Uint8Array): string {
  return sha256Hex(list);
}
