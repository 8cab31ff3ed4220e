import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import {
  contradictions,
  isGapless,
  type ObservationsRecorded,
  type ObservedCounts,
  type ObservedRefusal,
  type OpenRead,
  type RecordObserved,
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
