import { dateIn, type Instant, instantText, isBefore } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context, Effect } from '../../policy/event.ts';
import {
  type ClosureCommand,
  type ClosureEvent,
  type ClosureRefusal,
  closureClock,
  codeDigest,
  dayOfClosure,
  eraseByAfterHold,
  erasureCode,
  type KeyBackup,
  type RequestClosure,
  type Seal,
  secondLookMinutes,
} from './facts.closure.ts';
import type { ClosureState } from './facts.terms.ts';

/** A closure as it stands: the one that is under way, or the last one. */
export interface StandingClosure {
  readonly id: string;
  readonly state: ClosureState;
  readonly requestedOn: Temporal.PlainDate;
  readonly reopenUntil: Instant;
  readonly eraseBy: Instant;
  readonly dueAt: Instant;
  readonly seenDueAt: Instant | null;
  /** SHA-256 in hex over what was held at the request. */
  readonly seal: string;
  readonly keyDestroyedAt: Instant | null;
  readonly clearedAt: Instant | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly erasedAt: Instant | null;
}

/** A backup that is followed until it is gone. */
export interface FollowedBackup {
  readonly madeAt: Instant;
  readonly expiresAt: Instant;
  readonly goneAt: Instant | null;
}

/** What a decision on a closure stands on. */
export interface ClosingState {
  readonly customer: { readonly id: string; readonly key: string; readonly state: string } | null;
  readonly held: boolean;
  readonly closure: StandingClosure | null;
  /** Who asks: an owner at this customer, somebody else there, or nobody of theirs. */
  readonly asker: 'owner' | 'other' | 'staff';
  /** The request that is answered asks to close this account, and who asks was made sure of. */
  readonly requestVerified: boolean;
  /** What is held now; null where the command does not ask. */
  readonly seal: Seal | null;
  /** Keys in the register that are not destroyed yet. */
  readonly keys: readonly string[];
  /** Rows of contents and files to be removed that are still there. */
  readonly remaining: number;
  readonly backups: readonly FollowedBackup[];
  /** Contacts who are told. */
  readonly owners: readonly string[];
}

type Decision = Result<readonly ClosureEvent[], Refusal<ClosureRefusal>>;

/** Decides on the end of an account (RET-5). What is done already is done: nothing happens twice. */
export function decideClosure(
  state: ClosingState,
  command: ClosureCommand,
  context: Context,
): Decision {
  if (!state.customer) return refuse('customerUnknown');
  if (command.do === 'requestClosure') return requested(state, command, context);
  const { closure } = state;
  if (!closure) return refuse('notClosing');
  switch (command.do) {
    case 'reopen':
      return reopened(state, closure, context);
    case 'beginErasure':
      return begun(state, closure, context);
    case 'resume':
      return resumed(state, closure, context);
    case 'destroyKey':
      return keyDestroyed(state, closure, command.backups, context);
    case 'finish':
      return finished(state, closure, context);
    case 'followBackups':
      return followed(state, closure, command.backups, context);
    case 'certify':
      return certified(state, closure, context);
  }
}

/** The account a closure belongs to, as the ledger names it. */
function subjectOf({ customer }: ClosingState): string {
  return `customer/${customer?.id}`;
}

function contactOf({ actor }: Context): string | null {
  return actor.kind === 'contact' ? actor.id : null;
}

function dayOf({ requestedOn }: StandingClosure, { now, zone }: Context): number {
  return dayOfClosure(requestedOn, now, zone);
}

function requested(state: ClosingState, command: RequestClosure, context: Context): Decision {
  const { customer, asker, seal } = state;
  if (customer?.state !== 'open' || !seal) return refuse('alreadyClosing');
  if (command.confirmation !== customer.key) return refuse('confirmationDiffers');
  if (asker === 'other') return refuse('contactNotOwner');
  if (asker === 'staff' && !state.requestVerified) return refuse('needsVerifiedRequest');
  const clock = closureClock(context.now, context.zone);
  return ok([
    {
      type: 'CustomerClosureRequested',
      subject: subjectOf(state),
      body: {
        closure: context.newId(),
        requestedOn: clock.requestedOn.toString(),
        reopenUntil: instantText(clock.reopenUntil),
        eraseBy: instantText(clock.eraseBy),
        contact: contactOf(context),
        request: command.requestId,
        seal: seal.digest,
        objects: seal.objects,
        records: seal.records,
        bytes: seal.bytes,
      },
    },
  ]);
}

function reopened(state: ClosingState, closure: StandingClosure, context: Context): Decision {
  if (closure.state === 'reopened' || closure.state === 'certified') return refuse('notClosing');
  if (closure.state !== 'closing' || !state.seal) return refuse('erasureBegun');
  if (state.asker === 'other') return refuse('contactNotOwner');
  if (!isBefore(context.now, closure.reopenUntil)) return refuse('reopeningOver');
  return ok([
    {
      type: 'CustomerReopened',
      subject: subjectOf(state),
      body: {
        closure: closure.id,
        contact: contactOf(context),
        sealAtClosure: closure.seal,
        sealNow: state.seal.digest,
        same: closure.seal === state.seal.digest,
      },
    },
  ]);
}

/**
 * From here on nothing can be taken back. It takes two looks at the clock, minutes apart: a clock
 * that jumped ahead is usually put right in between, and then nothing was lost.
 */
function begun(state: ClosingState, closure: StandingClosure, context: Context): Decision {
  if (closure.state === 'reopened') return refuse('notClosing');
  if (closure.state !== 'closing') return ok([]);
  if (state.held) return refuseByGuard('RET-5', 'closureHeld');
  if (isBefore(context.now, closure.dueAt)) return refuseByGuard('RET-5', 'erasureNotDue');
  const { seenDueAt } = closure;
  if (!seenDueAt || isBefore(context.now, seenDueAt.add({ minutes: secondLookMinutes })))
    return refuse('secondLook');
  return ok([
    {
      type: 'CustomerErasureBegun',
      subject: subjectOf(state),
      body: {
        closure: closure.id,
        dueAt: instantText(closure.dueAt),
        day: dayOf(closure, context),
      },
    },
  ]);
}

/** The last hold was lifted after the deletion had fallen due: it has its sixty days from now on. */
function resumed(state: ClosingState, closure: StandingClosure, context: Context): Decision {
  const waits = closure.state === 'closing' || closure.state === 'erasing';
  if (!waits || closure.keyDestroyedAt || state.held) return ok([]);
  if (isBefore(context.now, closure.dueAt)) return ok([]);
  return ok([
    {
      type: 'ClosureResumed',
      subject: subjectOf(state),
      body: {
        closure: closure.id,
        dueAt: instantText(context.now),
        eraseBy: instantText(eraseByAfterHold(context.now, closure.eraseBy, context.zone)),
      },
    },
  ]);
}

function keyDestroyed(
  state: ClosingState,
  closure: StandingClosure,
  backups: readonly KeyBackup[],
  context: Context,
): Decision {
  if (closure.keyDestroyedAt) return ok([]);
  if (closure.state !== 'erasing') return refuseByGuard('RET-5', 'erasureNotDue');
  return ok([
    {
      type: 'CustomerKeyDestroyed',
      subject: subjectOf(state),
      body: { closure: closure.id, day: dayOf(closure, context), keys: state.keys, backups },
    },
  ]);
}

function finished(state: ClosingState, closure: StandingClosure, context: Context): Decision {
  if (closure.erasedAt) return ok([]);
  if (!closure.keyDestroyedAt) return refuse('keyNotDestroyed');
  if (!closure.clearedAt || state.remaining > 0)
    return refuse('contentsRemain', { count: state.remaining });
  return ok([
    {
      type: 'CustomerDataErased',
      subject: subjectOf(state),
      body: { closure: closure.id, day: dayOf(closure, context), counts: closure.counts },
    },
  ]);
}

/** A backup that is not among them is gone if it is past its day: before, it is only out of sight. */
function followed(
  state: ClosingState,
  closure: StandingClosure,
  holding: readonly KeyBackup[],
  { now }: Context,
): Decision {
  if (!closure.keyDestroyedAt || closure.state === 'certified') return ok([]);
  const held = new Set(holding.map(({ madeAt }) => instantText(Temporal.Instant.from(madeAt))));
  const known = new Set(state.backups.map(({ madeAt }) => instantText(madeAt)));
  const gone = state.backups
    .filter(
      ({ madeAt, expiresAt, goneAt }) =>
        !goneAt && !isBefore(now, expiresAt) && !held.has(instantText(madeAt)),
    )
    .map(({ madeAt }) => instantText(madeAt));
  const found = holding.filter(
    ({ madeAt }) => !known.has(instantText(Temporal.Instant.from(madeAt))),
  );
  if (gone.length + found.length === 0) return ok([]);
  return ok([
    {
      type: 'KeyBackupsExpired',
      subject: subjectOf(state),
      body: { closure: closure.id, gone, found, remaining: held.size },
    },
  ]);
}

function certified(state: ClosingState, closure: StandingClosure, context: Context): Decision {
  if (closure.state === 'certified') return ok([]);
  const { keyDestroyedAt, erasedAt } = closure;
  if (!keyDestroyedAt || !erasedAt) return refuse('contentsRemain', { count: state.remaining });
  const open = state.backups.filter(({ goneAt }) => !goneAt).length;
  if (open > 0) return refuse('backupsRemain', { count: open });
  const last = state.backups.map(({ goneAt }) => goneAt?.epochMilliseconds ?? 0);
  const code = erasureCode(context.newId());
  return ok([
    {
      type: 'ErasureCertified',
      subject: subjectOf(state),
      body: {
        closure: closure.id,
        day: dayOf(closure, context),
        codeDigest: codeDigest(code),
        method: 'NIST SP 800-88 Rev. 1 cryptographic erase',
        keyDestroyedAt: instantText(keyDestroyedAt),
        erasedAt: instantText(erasedAt),
        lastBackupGoneAt:
          last.length === 0
            ? null
            : instantText(Temporal.Instant.fromEpochMilliseconds(Math.max(...last))),
      },
      code,
    },
  ]);
}

/** Owners at the customer are told of each step that they would want to know of. */
export function mailsOfClosure(
  event: ClosureEvent,
  { owners, closure }: ClosingState,
  { zone }: Context,
): readonly Effect[] {
  const lastDay = (end: Instant) => dateIn(end.subtract({ seconds: 1 }), zone).toString();
  const mail = (name: string, params: Effect['params'], path: string): readonly Effect[] =>
    owners.map((to) => ({
      kind: 'customerMail',
      to,
      template: `retention.${name}`,
      params,
      path,
    }));
  switch (event.type) {
    case 'CustomerClosureRequested': {
      const { reopenUntil, eraseBy } = event.body;
      const days = {
        reopenUntil: lastDay(Temporal.Instant.from(reopenUntil)),
        eraseBy: lastDay(Temporal.Instant.from(eraseBy)),
      };
      return mail('closureRequested', days, '/portal/account');
    }
    case 'CustomerReopened':
      return mail('closureReopened', {}, '/portal');
    case 'CustomerDataErased':
      return mail('dataErased', closure ? { eraseBy: lastDay(closure.eraseBy) } : {}, '/portal');
    case 'ErasureCertified':
      return mail('erasureCertified', { code: event.code }, `/erasures/${event.code}`);
    default:
      return [];
  }
}
