import { instantText } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type {
  Evidence,
  MarkCarriedOut,
  OrdersCarriedOut,
  OrdersProven,
  ProveOrders,
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
      subject: `campaign/${command.campaignId}`,
      body: {
        system: command.systemId,
        count: state.count,
        by: state.personId,
        orders: state.evidence.sha256,
      },
      blobs: { orders: state.evidence.bytes },
    },
  ]);
}

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
      body: { read: read.id, readAt: instantText(read.at), count, orders: evidence.sha256 },
      blobs: { orders: evidence.bytes },
    },
  ]);
}
