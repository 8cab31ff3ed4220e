import type { Instant } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type {
  Feed,
  ImportCommand,
  ImportCounts,
  ImportEvent,
  ImportKind,
  ImportRefusal,
} from './facts.ts';

/** An import, with what it has come to. */
export interface KnownImport extends ImportCounts {
  readonly id: string;
  readonly kind: ImportKind;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly digest: string;
  /** The process that has it. */
  readonly holder: string | null;
}

export interface ImportState {
  readonly known: KnownImport | null;
  /** Whether one of this feed waits or is at work. */
  readonly underWay: boolean;
  readonly feed: Feed | null;
  /** Vulnerabilities that this import has joined into others; not more than a body may name. */
  readonly joined: readonly (readonly [from: string, into: string])[];
  readonly joinedCount: number;
  /** Ecosystems of the feed that it has read to their end. */
  readonly readWhole: readonly string[];
  readonly said: readonly SaidWhole[];
}

/** An ecosystem that a file is said to be all of. */
export interface SaidWhole {
  readonly ecosystem: string;
  /** Advisories of it that were in the file, each once, and that are known by now. */
  readonly taken: number;
  readonly known: number;
}

type Decision = Result<readonly ImportEvent[], Refusal<ImportRefusal>>;

export function decideImport(
  state: ImportState,
  command: ImportCommand,
  context: Context,
): Decision {
  switch (command.do) {
    case 'importAdvisories':
      return ok([asked(command.id, command.kind, 'file', command.origin, command.covers)]);
    case 'updateAdvisories':
      return update(state, command.kind, context);
    case 'changeFeed':
      return changeFeed(state, command, context.now);
    case 'finishImport':
      return finish(state, command);
  }
}

function asked(
  id: string,
  kind: ImportKind,
  way: 'file' | 'feed',
  origin: string,
  said: readonly string[] = [],
): ImportEvent {
  const covers = kind === 'osv' ? [...new Set(said)].sort() : [];
  return {
    type: 'AdvisoryImportAsked',
    subject: `advisories/${id}`,
    body: { importId: id, kind, way, ...(covers.length > 0 ? { covers } : {}) },
    // The name of a file is somebody's word for it; an address may name a host inside.
    private: { origin },
    asked: { id, kind, way, origin, covers },
  };
}

function update({ underWay, feed }: ImportState, kind: ImportKind, context: Context): Decision {
  if (underWay) return refuse('importUnderWay');
  return ok([asked(context.newId(), kind, 'feed', feed?.address ?? '')]);
}

function changeFeed(
  { feed }: ImportState,
  { version, changes }: ImportCommand & { do: 'changeFeed' },
  now: Instant,
): Decision {
  if (!feed || feed.version !== version) return refuse('versionConflict');
  const after: Feed = {
    ...feed,
    on: changes.on ?? feed.on,
    address: (changes.address ?? feed.address).replace(/\/+$/, ''),
    ecosystems: changes.ecosystems ? [...new Set(changes.ecosystems)] : feed.ecosystems,
    everyHours: changes.everyHours ?? feed.everyHours,
    staleAfterHours: changes.staleAfterHours ?? feed.staleAfterHours,
  };
  if (JSON.stringify(after) === JSON.stringify(feed)) return refuse('nothingToChange');
  const { kind, on, ecosystems, everyHours, staleAfterHours } = after;
  return ok([
    {
      type: 'AdvisoryFeedChanged',
      subject: `advisory-feed/${kind}`,
      body: { kind, on, ecosystems: [...ecosystems], everyHours, staleAfterHours },
      private: { address: after.address },
      feed: { ...after, version: feed.version + 1 },
      moved: after.address !== feed.address,
      // Turned on it is fetched at once; otherwise its turn stays when it was.
      nextAt: on ? now : null,
    },
  ]);
}

/**
 * Ecosystems that an import has brought up to date: what a feed has read to its end, and what a file is said to
 * be all of. A file that has nothing of an ecosystem, or far less than what is known of it already, is not all of
 * it, whatever is said.
 */
export function coveredBy(
  { known, readWhole, said }: Pick<ImportState, 'known' | 'readWhole' | 'said'>,
  problem: string | null,
): readonly string[] {
  if (known?.kind !== 'osv') return [];
  const whole = said.filter((each) => each.taken > 0 && each.taken * 2 >= each.known);
  const saidWhole = problem === null ? whole.map(({ ecosystem }) => ecosystem) : [];
  return [...new Set([...readWhole, ...saidWhole])].sort();
}

function finish(
  state: ImportState,
  { id, holder, problem, detail }: ImportCommand & { do: 'finishImport' },
): Decision {
  const { known, joined, joinedCount } = state;
  if (!known) return refuse('importUnknown');
  if (known.state === 'done' || known.state === 'failed') return refuse('importEnded');
  if (known.holder !== (holder ?? null)) return refuse('importMovedOn');
  const { kind, added, changed, unchanged, withdrawn, refused, digest } = known;
  const covered = coveredBy(state, problem);
  return ok([
    {
      type: 'AdvisoriesImported',
      subject: `advisories/${id}`,
      body: {
        importId: id,
        kind,
        added,
        changed,
        unchanged,
        withdrawn,
        refused,
        digest,
        problem,
        joined: joined.map((pair) => [...pair]),
        joinedCount,
        covered: [...covered],
      },
      id,
      problem,
      detail,
      covered,
    },
  ]);
}
