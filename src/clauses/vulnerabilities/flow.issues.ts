import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type {
  AskIssues,
  IssueLinked,
  IssueRefusal,
  IssueSeen,
  IssuesAsked,
  LinkIssue,
  SeeIssue,
} from './facts.issues.ts';
import { type Evidence, touchedBy } from './flow.settling.ts';
import type { KnownItem } from './flow.ts';

export interface AskingIssuesState {
  readonly items: readonly (KnownItem & { readonly hasIssue: boolean })[];
  /** The source, where it is one that issues may be made in. */
  readonly source: {
    readonly id: string;
    readonly key: string;
    readonly repository: string;
    /** Whether it is a repository of a connection. */
    readonly connected: boolean;
    /** Whether somebody has let that connection act. */
    readonly acting: boolean;
  } | null;
  readonly evidenceOf: (ids: readonly string[]) => Evidence;
}

/** Asks for issues; items that have one, or of which one is asked for, are left as they are. */
export function decideAskingIssues(
  { items, source, evidenceOf }: AskingIssuesState,
  { ids }: AskIssues,
  _context: Context,
): Result<readonly IssuesAsked[], Refusal<IssueRefusal>> {
  if (items.length !== new Set(ids).size) return refuse('notFound');
  if (!source) return refuse('sourceUnknown');
  if (!source.connected) return refuse('sourceHasNoRepository', { key: source.key });
  if (!source.acting) return refuse('actingIsOff', { key: source.key });
  const closed = items.find(({ state }) => state === 'fixed' || state === 'lapsed');
  if (closed) return refuse('itemClosed', { number: closed.number });
  const wanted = items.filter(({ hasIssue }) => !hasIssue).map(({ id }) => id);
  if (wanted.length === 0) return ok([]);
  const { bytes, sha256 } = evidenceOf(wanted);
  const { id: sourceId, repository } = source;
  return ok([
    {
      type: 'IssuesAsked',
      subject: wanted.length === 1 ? `backlog/${wanted[0]}` : 'backlog/bulk',
      body: { sourceId, items: wanted.length, itemsBlob: sha256 },
      blobs: { itemsBlob: bytes },
      touches: touchedBy(wanted),
      ids: wanted,
      sourceId,
      repository,
    },
  ]);
}

/** The first issue of an item counts; whoever tells of another is told that there is one. */
export function decideLinking(
  { known, linked }: { readonly known: boolean; readonly linked: boolean },
  issue: LinkIssue,
  _context: Context,
): Result<readonly IssueLinked[], Refusal<IssueRefusal>> {
  if (!known) return refuse('notFound');
  if (linked) return refuse('nothingToChange');
  const { itemId, number } = issue;
  return ok([
    { type: 'IssueLinked', subject: `backlog/${itemId}`, body: { itemId, number }, issue },
  ]);
}

/** Nothing is recorded where an issue stands as it stood. */
export function decideSeeing(
  { itemId, state }: { readonly itemId: string | null; readonly state: string | null },
  issue: SeeIssue,
  _context: Context,
): Result<readonly IssueSeen[], Refusal<IssueRefusal>> {
  if (itemId === null) return refuse('notFound');
  if (state === issue.state) return ok([]);
  const body = { itemId, number: issue.number, state: issue.state };
  return ok([{ type: 'IssueSeen', subject: `backlog/${itemId}`, body, issue }]);
}
