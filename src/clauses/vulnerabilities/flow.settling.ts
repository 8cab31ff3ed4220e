import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context, Effect, Touched } from '../../policy/event.ts';
import type {
  BacklogMatched,
  BacklogReclassified,
  MatchedCounts,
  ReclassifiedCounts,
  Reclassify,
  Settled,
} from './facts.settling.ts';

/** Lines of what became of which item, with their digest. */
export interface Evidence {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** What an entry names the lines by: their digest, null where there are none and so no blob. */
export function nameOf({ bytes, sha256 }: Evidence): string | null {
  return bytes.length > 0 ? sha256 : null;
}

/** Items that one act happened to; none where it happened to one, which is then its subject. */
export function touchedBy(ids: readonly string[]): readonly Touched[] {
  return ids.length === 1 ? [] : ids.map((id) => ({ subject: `backlog/${id}` }));
}

/** What became of which item, of lines such as `opened ID`. */
export function touchedIn({ bytes }: Evidence): readonly Touched[] {
  const lines = new TextDecoder().decode(bytes).split('\n');
  return lines.flatMap((line) => {
    const [what = '', id] = line.split(' ');
    return id ? [{ subject: `backlog/${id}`, what }] : [];
  });
}

/** Somebody who is given items by a settling. */
export interface Told {
  readonly personId: string;
  readonly items: number;
  /** Of them, known to be exploited. */
  readonly exploited: number;
}

export interface SettlingState {
  /** Null where the source or the import is not known. */
  readonly settled: Settled | null;
  readonly counts: MatchedCounts;
  readonly evidence: Evidence;
  readonly told: readonly Told[];
}

export function decideSettling(
  { settled, counts, evidence }: SettlingState,
  _command: unknown,
  _context: Context,
): Result<readonly BacklogMatched[], Refusal<'notFound'>> {
  if (!settled) return refuse('notFound');
  return ok([
    {
      type: 'BacklogMatched',
      subject: subjectOf(settled),
      body: { ...counts, itemsBlob: nameOf(evidence) },
      ...(evidence.bytes.length > 0 ? { blobs: { itemsBlob: evidence.bytes } } : {}),
      touches: touchedIn(evidence),
      settled,
    },
  ]);
}

function subjectOf(settled: Settled): string {
  switch (settled.of) {
    case 'source':
      return `source/${settled.sourceId}`;
    case 'advisories':
      return `advisories/${settled.importId}`;
    case 'everything':
      return 'backlog/everything';
  }
}

/** Whoever is given items is told once, however many they are. */
export function mailsOfGiven(
  _event: unknown,
  { told }: { readonly told: readonly Told[] },
): readonly Effect[] {
  return told.map(({ personId, items, exploited }) => ({
    kind: 'mail',
    to: personId,
    template: 'vulnerabilities.given',
    params: { count: items, exploited },
    path: `/console/backlog?assignee=${personId}`,
  }));
}

export interface ReclassifyingState {
  readonly counts: ReclassifiedCounts;
  readonly evidence: Evidence;
  /** Whose open items are due sooner than they were told. */
  readonly told: readonly Told[];
}

/** Nothing is recorded where nothing changes. */
export function decideReclassifying(
  { counts, evidence }: ReclassifyingState,
  { because, id }: Reclassify,
  _context: Context,
): Result<readonly BacklogReclassified[], Refusal<'notFound'>> {
  if (counts.changed === 0) return ok([]);
  return ok([
    {
      type: 'BacklogReclassified',
      subject: `${because}/${id}`,
      body: { ...counts, itemsBlob: evidence.sha256 },
      blobs: { itemsBlob: evidence.bytes },
    },
  ]);
}

/** Whoever has to be done sooner is told once, however many items it is about. */
export function mailsOfReclassifying(
  _event: BacklogReclassified,
  { told }: ReclassifyingState,
): readonly Effect[] {
  return told.map(({ personId, items, exploited }) => ({
    kind: 'mail',
    to: personId,
    template: 'vulnerabilities.sooner',
    params: { count: items, exploited },
    path: `/console/backlog?assignee=${personId}`,
  }));
}
