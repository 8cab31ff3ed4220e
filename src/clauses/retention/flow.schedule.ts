import { dateIn } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type { KeptKind } from '../../policy/keeping.ts';
import {
  contentsKind,
  type DisposalCommand,
  type DisposalEvent,
  type Disposed,
  type Schedule,
  type ScheduleCommand,
  type ScheduleEvent,
  type ScheduleRefusal,
} from './facts.schedule.ts';

export interface ScheduleState {
  /** Null where no room keeps such a kind. */
  readonly kept: Pick<KeptKind, 'after' | 'remains'> | null;
  readonly productKnown: boolean;
  readonly customerKnown: boolean;
  /** The schedule that stands for the very scope, or that is to be ended. */
  readonly standing: (Schedule & { readonly id: string }) | null;
}

type Decision = Result<readonly ScheduleEvent[], Refusal<ScheduleRefusal>>;

/** Decides on how long a kind of record is kept (RET-1). */
export function decideSchedule(
  state: ScheduleState,
  command: ScheduleCommand,
  context: Context,
): Decision {
  const { standing } = state;
  if (command.do === 'endSchedule') {
    if (!standing) return refuse('scheduleUnknown');
    return ok([
      {
        type: 'RetentionScheduleEnded',
        subject: `schedule/${standing.id}`,
        body: { schedule: standing.id, kind: standing.kind },
      },
    ]);
  }
  const unfit = unfitIn(state, command);
  if (unfit) return unfit;
  const id = context.newId();
  const { kind, productId, collection, customerId, after, period, purpose, ground } = command;
  return ok([
    {
      type: 'RetentionScheduleSet',
      subject: `schedule/${id}`,
      body: {
        schedule: id,
        kind,
        product: productId,
        collection,
        customer: customerId,
        version: (standing?.version ?? 0) + 1,
        after,
        period,
        replaces: standing?.id ?? null,
      },
      private: { purpose, ground },
    },
  ]);
}

type SetSchedule = Extract<ScheduleCommand, { do: 'setSchedule' }>;

function unfitIn(state: ScheduleState, command: SetSchedule): (Decision & { ok: false }) | null {
  const { kind, productId, collection, customerId, after } = command;
  const { standing } = state;
  if (!state.kept) return refuse('kindUnknown');
  if (!state.kept.after.includes(after)) return refuse('momentUnknown');
  // RET-6: nobody is there any more with whose account it would end.
  if (state.kept.remains && command.period === null) return refuse('periodNeeded');
  // Products and collections are of what customers entrusted; a collection is somebody's.
  const placed = productId !== null || collection !== null;
  if (placed && kind !== contentsKind) return refuse('scopeUnfit');
  if (collection !== null && productId === null && customerId === null) return refuse('scopeUnfit');
  if (productId !== null && customerId !== null) return refuse('scopeUnfit');
  if (productId !== null && !state.productKnown) return refuse('productUnknown');
  if (customerId !== null && !state.customerKnown) return refuse('customerUnknown');
  if (command.version !== (standing?.version ?? 0)) return refuse('versionConflict');
  return standing && sameAs(standing, command) ? refuse('nothingToChange') : null;
}

function sameAs(standing: Schedule, { after, period, purpose, ground }: SetSchedule): boolean {
  return (
    standing.after === after &&
    standing.period === period &&
    standing.purpose.en === purpose.en &&
    standing.purpose.ja === purpose.ja &&
    standing.ground.en === ground.en &&
    standing.ground.ja === ground.ja
  );
}

export interface DisposalState {
  readonly kind: string;
  /** Up to a batch of records past their date, of one kind; none: the night's work is done. */
  readonly recordIds: readonly string[];
  readonly disposed: readonly Disposed[];
  /** The ids as a blob, and its SHA-256 in hex. */
  readonly evidence: { readonly bytes: Uint8Array; readonly sha256: string };
}

/** What is past its date goes: one act a batch, of one kind. */
export function decideDisposal(
  { kind, recordIds, disposed, evidence }: DisposalState,
  _command: DisposalCommand,
  { now, zone }: Context,
): Result<readonly DisposalEvent[], never> {
  if (recordIds.length === 0) return ok([]);
  const day = dateIn(now, zone).toString();
  const customers = new Set(disposed.flatMap(({ customerId }) => customerId ?? []));
  return ok([
    {
      type: 'RecordsDisposed',
      subject: `disposal/${day}`,
      body: {
        kind,
        day,
        count: recordIds.length,
        customers: customers.size,
        idsBlob: evidence.sha256,
      },
      blobs: { idsBlob: evidence.bytes },
      recordIds,
      disposed,
    },
  ]);
}
