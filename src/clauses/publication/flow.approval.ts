import { personOf } from '../../kernel/actor.ts';
import { dateIn } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import type { Language } from '../../kernel/language.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import { changedClauses, promiseChanges } from './facts.changes.ts';
import type {
  AcknowledgementsAsked,
  ApprovalCommand,
  ApprovalEvent,
  Ask,
  Asked,
  ClauseText,
  RefusalCode,
  Version,
} from './facts.ts';
import {
  canonicalText,
  clausesOf,
  digestOf,
  digestOfBytes,
  hasErrors,
  listOf,
  problemsOf,
  promisesOf,
} from './facts.version.ts';
import { subjectOf } from './flow.draft.ts';
import { reviewed } from './flow.office.ts';

/** What a decision on a proposal needs to know. */
export interface ApprovalState {
  /** The version that the command names. */
  readonly version: Version | null;
  /** Its texts in the languages that are published, in order. */
  readonly texts: readonly ClauseText[];
  readonly inForce: { readonly version: Version; readonly texts: readonly ClauseText[] } | null;
  /** People who created, edited or proposed it. */
  readonly authors: readonly string[];
  /** Languages that the organisation publishes. */
  readonly languages: readonly Language[];
  /** Whom a publication now would ask, as the approver chooses or chose. */
  readonly asked: readonly Asked[];
}

type Decision = Result<readonly ApprovalEvent[], Refusal<RefusalCode>>;
type Command<Do extends ApprovalCommand['do']> = Extract<ApprovalCommand, { do: Do }>;

/** From a draft to a policy in force: proposed by its authors, approved by someone else. */
export function decideApproval(
  state: ApprovalState,
  command: ApprovalCommand,
  context: Context,
): Decision {
  const { version } = state;
  if (version?.id !== command.versionId) return refuse('versionNotFound');
  switch (command.do) {
    case 'propose':
      return propose(state, version, command);
    case 'withdraw':
      return withdraw(version);
    case 'reject':
      return reject(version, command);
    case 'approve':
      return approve(state, version, command, context);
    case 'publishNow':
      if (version.state !== 'approved') return refuse('notApproved', { number: version.number });
      return ok(publish(state, version, version.ask ?? { kind: 'everyone' }, context));
    case 'publishDue':
      return ok(
        isDue(version, context)
          ? publish(state, version, version.ask ?? { kind: 'everyone' }, context)
          : [],
      );
  }
}

function propose(state: ApprovalState, version: Version, command: Command<'propose'>): Decision {
  if (version.state !== 'draft') return refuse('notADraft', { number: version.number });
  const problems = problemsOf(state.texts, state.languages).filter(
    (problem) => problem.severity === 'error',
  );
  if (hasErrors(problems)) return refuse('textHasProblems', { count: problems.length });
  const digest = digestOf(state.texts);
  if (state.inForce?.version.digest === digest) return refuse('nothingChanged');
  return ok([
    {
      type: 'PolicyProposed',
      subject: subjectOf(version),
      body: { number: version.number, digest, effectiveOn: command.effectiveOn },
      private: { summary: withoutEmpty(command.summary) },
    },
  ]);
}

function withoutEmpty(
  words: Partial<Record<Language, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(words).filter((entry): entry is [Language, string] => Boolean(entry[1])),
  );
}

function withdraw(version: Version): Decision {
  if (version.state !== 'proposed' && version.state !== 'approved') {
    return refuse('notProposed', { number: version.number });
  }
  const body = { number: version.number, from: version.state };
  return ok([{ type: 'ProposalWithdrawn', subject: subjectOf(version), body }]);
}

function reject(version: Version, command: Command<'reject'>): Decision {
  if (version.state !== 'proposed') return refuse('notProposed', { number: version.number });
  const body = { number: version.number, digest: version.digest ?? '' };
  return ok([
    {
      type: 'ProposalRejected',
      subject: subjectOf(version),
      body,
      private: { reason: command.reason },
    },
  ]);
}

function approve(
  state: ApprovalState,
  version: Version,
  command: Command<'approve'>,
  context: Context,
): Decision {
  const approver = personOf(context.actor);
  if (!approver || context.actor.kind !== 'person') return refuse('needsPerson');
  if (version.state !== 'proposed') return refuse('notProposed', { number: version.number });
  if (state.authors.includes(approver))
    return refuseByGuard('PUB-1', 'authorApproves', { number: version.number });
  if (command.digest !== version.digest) return refuse('textChanged');
  const before = state.inForce?.texts ?? [];
  const removed = promiseChanges(before, state.texts).removed.map((promise) => promise.id);
  const unnamed = removed.filter((promise) => !command.removedPromises.includes(promise));
  if (unnamed.length > 0 || command.removedPromises.length !== removed.length) {
    return refuse('removedNotNamed', { promises: removed.join(', '), count: removed.length });
  }
  const unfit = problemOfAsk(state, command.ask);
  if (unfit) return unfit;
  const effectiveOn = laterOf(version.effectiveOn, dateIn(context.now, context.zone));
  const approved: ApprovalEvent = {
    type: 'PolicyApproved',
    subject: subjectOf(version),
    body: {
      number: version.number,
      digest: command.digest,
      effectiveOn: effectiveOn.toString(),
      ask: command.ask.kind,
      promisesRemoved: removed,
    },
    private: { ask: command.ask },
  };
  const now = Temporal.PlainDate.compare(effectiveOn, dateIn(context.now, context.zone)) <= 0;
  return ok(now ? [approved, ...publish(state, version, command.ask, context)] : [approved]);
}

/** Whether those who are to acknowledge can be left to that choice. */
function problemOfAsk(
  state: ApprovalState,
  ask: Ask,
): ReturnType<typeof refuse<RefusalCode>> | null {
  if (!state.inForce) return ask.kind === 'everyone' ? null : refuse('everyoneFirst');
  const changes = promiseChanges(state.inForce.texts, state.texts);
  if (ask.kind === 'nobody' && changes.added.length + changes.removed.length > 0)
    return refuse('notACorrection');
  if (ask.kind !== 'changed') return null;
  const judged = new Set(ask.concerned.map((concern) => concern.clause));
  const missing = changedClauses(state.inForce.texts, state.texts).filter(
    (clause) => !judged.has(clause),
  );
  return missing.length > 0 ? refuse('concernMissing', { clauses: missing.join(', ') }) : null;
}

function laterOf(a: Temporal.PlainDate | null, b: Temporal.PlainDate): Temporal.PlainDate {
  return a && Temporal.PlainDate.compare(a, b) > 0 ? a : b;
}

function isDue(version: Version, context: Context): boolean {
  if (version.state !== 'approved' || !version.effectiveOn) return false;
  return Temporal.PlainDate.compare(version.effectiveOn, dateIn(context.now, context.zone)) <= 0;
}

function publish(
  state: ApprovalState,
  version: Version,
  ask: Ask,
  context: Context,
): readonly ApprovalEvent[] {
  const bytes = canonicalText(state.texts);
  const digest = digestOfBytes(bytes);
  invariant(digest === version.digest, 'what is published is what was proposed');
  const changes = promiseChanges(state.inForce?.texts ?? [], state.texts);
  const idsOf = (promises: readonly { readonly id: string }[]): string[] =>
    promises.map(({ id }) => id);
  const published: ApprovalEvent = {
    type: 'PolicyPublished',
    subject: subjectOf(version),
    body: {
      number: version.number,
      digest,
      textBlob: digest,
      effectiveOn: dateIn(context.now, context.zone).toString(),
      languages: state.languages,
      clauses: clausesOf(state.texts).length,
      promises: promisesOf(state.texts).length,
      promisesAdded: idsOf(changes.added),
      promisesRemoved: idsOf(changes.removed),
      promisesReworded: idsOf(changes.reworded.map(({ after }) => after)),
      ask: ask.kind,
      supersedes: state.inForce?.version.id ?? null,
    },
    blobs: { textBlob: bytes },
  };
  return [
    published,
    ...(state.asked.length > 0
      ? [askEvent(subjectOf(version), version.number, 'published', state.asked)]
      : []),
    ...(state.inForce ? [] : [reviewed('firstPublished', context, '')]),
  ];
}

/** That people are asked: who, by when, sorted so that the same people give the same digest. */
export function askEvent(
  subject: string,
  number: number,
  because: 'joined' | 'published',
  asked: readonly Asked[],
): AcknowledgementsAsked {
  const list = listOf(asked.map(({ personId, dueAt }) => `${personId}\t${dueAt.toString()}`));
  return {
    type: 'AcknowledgementsAsked',
    subject,
    body: { number, because, people: asked.length, listBlob: digestOfBytes(list) },
    blobs: { listBlob: list },
  };
}
