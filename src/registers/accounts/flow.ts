import { personOf } from '../../kernel/actor.ts';
import type { PersonId, SystemId } from '../../kernel/id.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type {
  AccessObserved,
  AccountCommand,
  AccountEvent,
  AccountKind,
  AccountRefusal,
  Arrivals,
  Grant,
  GrantCommand,
  GrantEvent,
  GrantRefusal,
  ReadRefusal,
  RecordRead,
} from './facts.ts';
import type { Conflict } from './store.duties.ts';

export interface KnownSystem {
  readonly id: SystemId;
  readonly retired: boolean;
  /** A connection reads it. */
  readonly connected: boolean;
}

/** A reading laid beside what was there before. */
export interface ReadState {
  readonly system: KnownSystem | null;
  readonly arrivals: Arrivals;
  /** Pairs that were not there, or had gone; pairs that were there and are not in the reading. */
  readonly added: number;
  readonly missing: number;
  readonly digest: string;
}

export function decideRead(
  state: ReadState,
  command: RecordRead,
  context: Context,
): Result<readonly AccessObserved[], Refusal<ReadRefusal>> {
  const { system, arrivals, added, digest } = state;
  if (!system) return refuse('systemUnknown', { key: command.system });
  if (system.retired) return refuse('systemRetired', { key: command.system });
  if (system.connected) return refuse('systemConnected', { key: command.system });
  const pairs = command.pairs.length / 2;
  if (command.complete && pairs === 0 && !command.empty)
    return refuse('emptyRead', { key: command.system });
  const gone = command.complete ? state.missing : 0;
  const readId = context.newId();
  return ok([
    {
      type: 'AccessObserved',
      subject: `system/${system.id}`,
      body: {
        systemId: system.id,
        readId,
        complete: command.complete,
        pairs,
        accounts: command.accounts.length,
        entitlements: command.entitlements.length,
        newAccounts: arrivals.accounts.length,
        newEntitlements: arrivals.entitlements.length,
        added,
        gone,
      },
      private: { digest, source: command.source },
      systemId: system.id,
      arrivals,
      read: {
        id: readId,
        source: command.source,
        complete: command.complete,
        pairs,
        added,
        gone,
        digest,
      },
    },
  ]);
}

export interface AccountState {
  readonly account: {
    readonly id: string;
    readonly personId: PersonId | null;
    readonly kind: AccountKind;
  } | null;
  readonly entitlement: { readonly id: string; readonly privileged: boolean } | null;
  readonly personKnown: boolean;
}

export function decideAccount(
  state: AccountState,
  command: AccountCommand,
): Result<readonly AccountEvent[], Refusal<AccountRefusal>> {
  if (command.do === 'markEntitlement') {
    if (!state.entitlement) return refuse('entitlementUnknown');
    if (state.entitlement.privileged === command.privileged) return refuse('nothingToChange');
    const body = { privileged: command.privileged };
    return ok([{ type: 'EntitlementMarked', subject: `entitlement/${command.id}`, body }]);
  }
  if (!state.account) return refuse('accountUnknown');
  const subject = `account/${command.id}`;
  if (command.do === 'markAccount') {
    if (state.account.kind === command.kind) return refuse('nothingToChange');
    return ok([{ type: 'AccountMarked', subject, body: { kind: command.kind } }]);
  }
  if (command.personId && !state.personKnown) return refuse('personUnknown');
  if (state.account.personId === command.personId) return refuse('nothingToChange');
  const body = { personId: command.personId, personBefore: state.account.personId };
  return ok([{ type: 'AccountLinked', subject, body }]);
}

export interface GrantState {
  readonly system: KnownSystem | null;
  /** For one grant: its account, entitlement, and the grant that stands now. */
  readonly account: { readonly systemId: SystemId; readonly personId: PersonId | null } | null;
  readonly entitlement: { readonly systemId: SystemId } | null;
  readonly standing: {
    readonly id: string;
    readonly systemId: SystemId;
    readonly personId: PersonId | null;
  } | null;
  /** Of those who are to hold new grants, how many have left (ACC-7). */
  readonly left: number;
  /** Those who are to have access and have no undertaking on file (PEO-4). */
  readonly withoutUndertaking: number;
  /** Rules of conflicting duties that the grant would break. */
  readonly conflicts: readonly Conflict[];
  /** For an import: accounts and entitlements not seen before, and the grants that are new or differ. */
  readonly arrivals: Arrivals;
  readonly changed: readonly Grant[];
  readonly unchanged: number;
  readonly digest: string;
  /** For an import: lines by which somebody would have access of their own approval. */
  readonly own: readonly number[];
  /** For an import: a forbidding rule of conflicting duties that lines would break. */
  readonly broken: { readonly rule: string; readonly lines: readonly number[] } | null;
}

type GrantDecision = Result<readonly GrantEvent[], Refusal<GrantRefusal>>;

export function decideGrant(
  state: GrantState,
  command: GrantCommand,
  context: Context,
): GrantDecision {
  switch (command.do) {
    case 'approveGrant':
      return approve(state, command, context);
    case 'endGrant':
      return end(state);
    case 'importGrants':
      return bring(state, command);
  }
}

function approve(
  { account, entitlement, standing, left, withoutUndertaking, conflicts }: GrantState,
  command: GrantCommand & { do: 'approveGrant' },
  context: Context,
): GrantDecision {
  if (!account) return refuse('accountUnknown');
  if (!entitlement) return refuse('entitlementUnknown');
  if (account.systemId !== entitlement.systemId) return refuse('otherSystem');
  const approverId = personOf(context.actor);
  if (!approverId) return refuse('approverNeeded');
  if (approverId === account.personId) return refuseByGuard('ACC-4', 'ownAccess');
  if (standing) return refuse('alreadyGranted');
  if (left > 0) return refuse('hasLeft', { count: left });
  if (withoutUndertaking > 0)
    return refuseByGuard('PEO-4', 'noUndertaking', { count: withoutUndertaking });
  const forbidden = conflicts.find(({ severity }) => severity === 'forbid');
  if (forbidden)
    return refuseByGuard('ACC-4', 'conflictingDuties', {
      rule: forbidden.rule,
      other: forbidden.other,
    });
  const { accountId, entitlementId, purpose, endsOn } = command;
  if (endsOn !== null && endsOn < dateIn(context.now, context.zone).toString())
    return refuse('endInPast');
  const grant: Grant = {
    id: context.newId(),
    accountId,
    entitlementId,
    purpose,
    approverId,
    endsOn,
  };
  return ok([
    {
      type: 'GrantApproved',
      subject: `grant/${grant.id}`,
      body: { accountId, entitlementId, approverId, endsOn, personId: account.personId },
      private: { purpose },
      ...(account.personId ? { about: account.personId } : {}),
      systemId: account.systemId,
      grant,
    },
  ]);
}

function end({ standing }: GrantState): GrantDecision {
  if (!standing) return refuse('grantUnknown');
  const body: JsonObject = { systemId: standing.systemId, personId: standing.personId };
  return ok([{ type: 'GrantEnded', subject: `grant/${standing.id}`, body, grantId: standing.id }]);
}

function bring(state: GrantState, command: GrantCommand & { do: 'importGrants' }): GrantDecision {
  const { system, arrivals, changed, unchanged, digest } = state;
  if (!system) return refuse('systemUnknown', { key: command.system });
  if (system.retired) return refuse('systemRetired', { key: command.system });
  if (changed.length === 0) return ok([]);
  if (state.left > 0) return refuse('hasLeft', { count: state.left });
  if (state.withoutUndertaking > 0)
    return refuseByGuard('PEO-4', 'noUndertaking', { count: state.withoutUndertaking });
  const { own, broken } = state;
  if (own.length > 0) return refuseByGuard('ACC-4', 'ownAccessInRows', saidOf(own));
  if (broken)
    return refuseByGuard('ACC-4', 'conflictingDutiesInRows', {
      rule: broken.rule,
      ...saidOf(broken.lines),
    });
  return ok([
    {
      type: 'GrantsImported',
      subject: `system/${system.id}`,
      body: {
        systemId: system.id,
        grants: changed.length,
        unchanged,
        newAccounts: arrivals.accounts.length,
        newEntitlements: arrivals.entitlements.length,
      },
      private: { digest },
      systemId: system.id,
      arrivals,
      grants: changed,
    },
  ]);
}

/** Lines that a refusal names; of a file that is wrong on every line, the first ones. */
const namedLines = 20;

function saidOf(lines: readonly number[]): { readonly count: number; readonly lines: string } {
  const named = lines.slice(0, namedLines).join(', ');
  return { count: lines.length, lines: lines.length > namedLines ? `${named}, …` : named };
}
