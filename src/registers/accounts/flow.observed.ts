import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
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
  /** No gap in what proves that access is gone. */
  readonly complete: boolean;
  readonly counts: ObservedCounts;
  readonly digest: string;
}

export function decideObserved(
  state: ObservedState,
  command: RecordObserved,
  _context: Context,
): Result<readonly ObservationsRecorded[], Refusal<ObservedRefusal>> {
  const { read, system, newestAt, counts, digest, complete } = state;
  if (!read) return refuse('readUnknown');
  if (!system) return refuse('systemUnknown', { key: '' });
  if (system.retired) return refuse('systemRetired', { key: system.key });
  // What it shows is older than what is known by now: recording it would turn the facts back.
  if (newestAt && Temporal.Instant.compare(read.openedAt, newestAt) < 0)
    return refuse('readOvertaken', { key: system.key });
  if (complete && !read.changes && counts.accounts === 0 && !command.empty)
    return refuse('emptyRead', { key: system.key });
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
        gaps: [...new Set(command.gaps.map(({ aspect }) => aspect))].sort(),
      },
      private: { digest, source: read.source },
      read,
      complete,
      counts,
      gone,
      digest,
      gaps: command.gaps,
    },
  ]);
}
