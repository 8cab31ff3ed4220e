import type { Db } from '../kernel/db.ts';
import type { Instant } from '../kernel/instant.ts';
import { fill, type Language, type Words } from '../kernel/language.ts';

/**
 * A number that the company publishes with a promise: on the public page below its clause, and in the
 * promise's evidence. It judges nothing; checks do.
 */
export interface PublishedFigure {
  readonly id: string;
  readonly promise: string;
  /** `{value}` is the number. */
  readonly says: Words;
  /** Numbers that are said in a sentence of their own: none, or one. */
  readonly exactly?: Readonly<Record<number, Words>>;
  /** Said where there is no number. */
  readonly none: Words;
  readonly read: (db: Db, now: Instant, zone: string) => Promise<number | null>;
}

/** A figure as people read it. */
export function figureSentence(
  { says, exactly, none }: PublishedFigure,
  value: number | null,
  language: Language,
): string {
  if (value === null) return none[language];
  const said = exactly?.[value] ?? says;
  return fill(said[language], { value: new Intl.NumberFormat(language).format(value) });
}
