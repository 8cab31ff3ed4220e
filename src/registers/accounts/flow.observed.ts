import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import { essentialAspects, type Gap, ownReasons } from '../connections/facts.connector.ts';
import type {
  ObservationsRecorded,
  ObservedCounts,
  ObservedRefusal,
  OpenRead,
  RecordObserved,
} from './facts.observed.ts';

export interface ObservedState {
  readonly read: OpenRead | null;
  readonly system: { readonly key: string; readonly retired: boolean } | null;
  /** When the newest complete read of the system began. */
  readonly newestAt: Temporal.Instant | null;
  readonly counts: ObservedCounts;
  readonly digest: string;
}

export function decideObserved(
  state: ObservedState,
  command: RecordObserved,
  _context: Context,
): Result<readonly ObservationsRecorded[], Refusal<ObservedRefusal>> {
  const { read, system, newestAt, counts, digest } = state;
  if (!read) return refuse('readUnknown');
  if (!system) return refuse('systemUnknown', { key: '' });
  if (system.retired) return refuse('systemRetired', { key: system.key });
  // What it shows is older than what is known by now: recording it would turn the facts back.
  if (newestAt && Temporal.Instant.compare(read.openedAt, newestAt) < 0)
    return refuse('readOvertaken', { key: system.key });
  if (isGapless(command.gaps) && !read.changes && counts.accounts === 0 && !command.empty)
    return refuse('emptyRead', { key: system.key });
  const gaps = [...command.gaps, ...contradictions(counts)];
  // A read of changes says itself what is gone: what it shows too early waits for the rest.
  const complete = isGapless(read.changes ? command.gaps : gaps);
  const gone = complete ? counts.missing : 0;
  const { missing: _missing, ...shown } = counts;
  return ok([
    {
      type: 'AccessObserved',
      subject: `system/${read.systemId}`,
      body: {
        systemId: read.systemId,
        readId: read.id,
        complete,
        changes: read.changes,
        ...shown,
        goneAccounts: complete ? counts.goneAccounts : 0,
        gone,
        gaps: [...new Set(gaps.map(({ aspect }) => aspect))].sort(),
      },
      private: { digest, source: read.source },
      read,
      complete,
      counts,
      gone,
      digest,
      gaps,
    },
  ]);
}

/** No gap in what proves that access is gone. */
function isGapless(gaps: RecordObserved['gaps']): boolean {
  return !gaps.some(({ aspect }) => essentialAspects.includes(aspect));
}

/**
 * A read that shows access of something it does not show contradicts itself: one of its lists misses
 * something, and nobody knows what else. A whole one can then show access, and prove none of it gone.
 */
function contradictions({ dangling }: ObservedCounts): readonly Gap[] {
  const gap = { permission: '', message: ownReasons.contradicts };
  return dangling > 0 ? [{ aspect: 'held', ...gap }] : [];
}
