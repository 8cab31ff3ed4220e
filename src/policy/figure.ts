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
  /** Said where the number is 1, if a language says it otherwise. */
  readonly one?: Words;
  /** Said where there is no number. */
  readonly none: Words;
  readonly read: (db: Db, now: Instant, zone: string) => Promise<number | null>;
}

/** A figure as people read it. */
export function figureSentence(
  { says, one, none }: PublishedFigure,
  value: number | null,
  language: Language,
): string {
  if (value === null) return none[language];
  const said = value === 1 && one ? one : says;
  return fill(said[language], { value: new Intl.NumberFormat(language).format(value) });
}
