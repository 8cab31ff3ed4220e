import { instantText } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type {
  AnnounceOrders,
  Evidence,
  MarkCarriedOut,
  OrderOrigin,
  OrdersCarriedOut,
  OrdersPlaced,
  OrdersProven,
  ProveOrders,
  RecordCarriedOut,
  RefusalCode,
} from './facts.ts';

export interface CarriedOutState {
  readonly systemExists: boolean;
  readonly personId: string | null;
  /** Owner of the system, or security officer. */
  readonly answerable: boolean;
  /** Open orders that nobody has said to be carried out. */
  readonly count: number;
  readonly evidence: Evidence;
}

/** Somebody says that orders were carried out. It stands on record and proves nothing. */
export function decideCarriedOut(
  state: CarriedOutState,
  command: MarkCarriedOut,
  _context: Context,
): Result<readonly OrdersCarriedOut[], Refusal<RefusalCode>> {
  if (!state.systemExists) return refuse('notFound');
  if (!state.personId) return refuse('needsPerson');
  if (!state.answerable) return refuse('notYourSystem');
  if (state.count === 0) return refuse('noOpenOrders');
  return ok([
    {
      type: 'OrdersCarriedOut',
      subject: `orders/${command.originId}`,
      body: {
        system: command.systemId,
        count: state.count,
        by: state.personId,
        how: 'person',
        ordersBlob: state.evidence.sha256,
      },
      blobs: { ordersBlob: state.evidence.bytes },
    },
  ]);
}

export interface RecordedState {
  /** Of the orders that were named, those still open. */
  readonly count: number;
  readonly evidence: Evidence;
}

/** A connection carried orders out. It proves as little as a person's word: the next read does. */
export function decideRecorded(
  { count, evidence }: RecordedState,
  { systemId, connectionId }: RecordCarriedOut,
  _context: Context,
): Result<readonly OrdersCarriedOut[], Refusal<RefusalCode>> {
  if (count === 0) return ok([]);
  return ok([
    {
      type: 'OrdersCarriedOut',
      subject: `system/${systemId}`,
      body: {
        system: systemId,
        count,
        by: connectionId,
        how: 'connection',
        ordersBlob: evidence.sha256,
      },
      blobs: { ordersBlob: evidence.bytes },
    },
  ]);
}

/** Orders that one origin placed inside an act of another room, not yet told to the ledger. */
export interface Silent extends RecordedState {
  readonly originId: string;
  readonly kind: OrderOrigin;
  readonly personId: string | null;
  readonly systems: OrdersPlaced['body']['systems'];
}

/** Tells the ledger of every origin that it does not know of. */
export function decideAnnouncing(
  silent: readonly Silent[],
  _command: AnnounceOrders,
  _context: Context,
): Result<readonly Announced[], Refusal<RefusalCode>> {
  return ok(
    silent.map(({ originId, kind, personId, count, systems, evidence }) => ({
      type: 'OrdersPlaced',
      subject: `orders/${originId}`,
      body: { origin: kind, person: personId, count, systems, ordersBlob: evidence.sha256 },
      blobs: { ordersBlob: evidence.bytes },
    })),
  );
}

/** The orders of a review share the blob of its decisions; all others bring their own. */
export type Announced = OrdersPlaced & { readonly blobs: { readonly ordersBlob: Uint8Array } };

export interface ProvingState {
  /** Newest complete read of the system; null where there is none. */
  readonly read: { readonly id: string; readonly at: Temporal.Instant } | null;
  /** Orders given before that read whose access the system no longer shows. */
  readonly count: number;
  readonly evidence: Evidence;
}

/** Proves orders by the newest complete read of their system; nothing else ever closes one. */
export function decideProof(
  { read, count, evidence }: ProvingState,
  { systemId }: ProveOrders,
  _context: Context,
): Result<readonly OrdersProven[], Refusal<RefusalCode>> {
  if (!read || count === 0) return ok([]);
  return ok([
    {
      type: 'OrdersProven',
      subject: `system/${systemId}`,
      body: { read: read.id, readAt: instantText(read.at), count, ordersBlob: evidence.sha256 },
      blobs: { ordersBlob: evidence.bytes },
    },
  ]);
}
