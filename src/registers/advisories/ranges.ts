import type { OsvAffected, OsvEvent, OsvRange } from '../../advisories/osv.ts';

/** A stretch of versions that are affected. Null where it has no such end. */
export interface Stretch {
  /** First affected version; null: from the beginning. */
  readonly from: string | null;
  /** First version that no longer is. */
  readonly before: string | null;
  /** Last affected version, where no fixed one is named. */
  readonly upTo: string | null;
}

/** What one package of an advisory says, for a person to read. */
export interface ReadableRanges {
  readonly stretches: Stretch[];
  /** Versions that are listed by name and lie in no stretch's words, the first ones. */
  readonly versions: string[];
  readonly versionCount: number;
  /** Whether it speaks of commits, which only a repository can put in order. */
  readonly hasCommits: boolean;
}

const versionsShown = 12;

/** Ranges of an affected package (OSV schema, "affected[].ranges") as stretches, in the order given. */
export function readableRanges(affected: OsvAffected): ReadableRanges {
  const ranges = affected.ranges ?? [];
  const versions = affected.versions ?? [];
  return {
    stretches: ranges.filter(({ type }) => type !== 'GIT').flatMap(stretchesOf),
    versions: versions.slice(0, versionsShown),
    versionCount: versions.length,
    hasCommits: ranges.some(({ type }) => type === 'GIT'),
  };
}

function stretchesOf({ events }: OsvRange): Stretch[] {
  const found: Stretch[] = [];
  let open: string | null | undefined;
  const close = (before: string | null, upTo: string | null) => {
    // An end without a beginning: affected from the first version on.
    found.push({ from: open ?? null, before, upTo });
    open = undefined;
  };
  for (const event of events) {
    const end = endOf(event);
    if ('introduced' in event) {
      if (open !== undefined) close(null, null);
      open = event.introduced === '0' ? null : event.introduced;
    } else if (end) close(end.before, end.upTo);
  }
  if (open !== undefined) close(null, null);
  return found;
}

function endOf(event: OsvEvent): Pick<Stretch, 'before' | 'upTo'> | null {
  if ('fixed' in event) return { before: event.fixed, upTo: null };
  if ('last_affected' in event) return { before: null, upTo: event.last_affected };
  if ('limit' in event && event.limit !== '*') return { before: event.limit, upTo: null };
  return null;
}
