import type { Db } from '../../kernel/db.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { Language } from '../../kernel/language.ts';
import type { Evidence } from '../../registers/evidence/facts.ts';
import { checkResults, promiseStatuses } from '../../registers/findings/store.ts';
import { saidFigures } from '../figures.ts';
import { declaredPromises, promiseOf, type Rooms, upholdersOf } from '../rooms.ts';
import { evidenceOf, promiseEntries, statusHistory } from './read.ts';

interface Asking {
  readonly now: Instant;
  readonly zone: string;
  readonly language: Language;
  /** Whether the reader is shown which items violate, and who did what. */
  readonly seesItems: boolean;
}

/** Everything that a promise's status stands on; null where there is no such promise. */
export async function evidenceFor(
  rooms: Rooms,
  db: Db,
  id: string,
  asking: Asking,
): Promise<Evidence | null> {
  const status = (await promiseStatuses(db)).get(id);
  const declared = declaredPromises(rooms).find((each) => each.id === id);
  if (!status && !declared) return null;
  const results = await checkResults(db);
  const upholders = upholdersOf(rooms).filter((upholder) => promiseOf(upholder) === id);
  const parts = [];
  for (const upholder of upholders) parts.push(await evidenceOf(db, upholder, results, asking));
  const declaration = rooms.clauses.find((each) => each.promises[id])?.promises[id];
  const figures = await saidFigures(rooms, db, asking);
  return {
    id,
    clause: declared?.clause ?? '',
    iso27001: [...(declaration?.iso27001 ?? [])],
    status: status?.status ?? 'unknown',
    reason: (status?.reason ?? { code: 'nothingUpholds', params: {} }) as Evidence['reason'],
    since: status ? instantText(status.since) : null,
    provenAt: status?.proven_at ? instantText(status.proven_at) : null,
    upholders: parts as Evidence['upholders'],
    figures: figures.filter(({ promise }) => promise === id).map(({ sentence }) => sentence),
    history: (await statusHistory(db, id)) as Evidence['history'],
    entries: await promiseEntries(db, id, upholders, asking.language),
  };
}
