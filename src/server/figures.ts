import type { Db } from '../kernel/db.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Language } from '../kernel/language.ts';
import { figureSentence } from '../policy/figure.ts';
import type { Rooms } from './rooms.ts';

/** A published figure, said. */
export interface SaidFigure {
  /** Clause whose folder declares it. */
  readonly clause: string;
  readonly promise: string;
  readonly sentence: string;
}

/** Every figure that this installation publishes, as it stands now. */
export async function saidFigures(
  rooms: Rooms,
  db: Db,
  {
    now,
    zone,
    language,
  }: { readonly now: Instant; readonly zone: string; readonly language: Language },
): Promise<readonly SaidFigure[]> {
  const said: SaidFigure[] = [];
  for (const { id: clause, figures = [] } of rooms.clauses) {
    for (const figure of figures) {
      const value = await figure.read(db, now, zone);
      said.push({
        clause,
        promise: figure.promise,
        sentence: figureSentence(figure, value, language),
      });
    }
  }
  return said;
}
