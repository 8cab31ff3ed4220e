import { z } from 'zod';
import type { Event } from '../../policy/event.ts';
import type { OrderOrigin } from './facts.terms.ts';

/** Orders to remove access: what may place one, who may say that it was carried out, what proves it. */

const id = z.uuid();

export const markCarriedOut = z.object({
  originId: id,
  /** All open orders of one system from that origin, or these. */
  systemId: id,
  nos: z.array(z.int().positive()).min(1).max(1_000_000).optional(),
});
export type MarkCarriedOut = z.output<typeof markCarriedOut>;

/** A connection did in its system what was ordered. Said by Kept itself, never by a caller. */
export const recordCarriedOut = z.object({
  connectionId: id,
  systemId: id,
  orders: z
    .array(z.object({ originId: id, no: z.int().positive() }))
    .min(1)
    .max(1_000_000),
});
export type RecordCarriedOut = z.output<typeof recordCarriedOut>;

export const proveOrders = z.object({ systemId: id });
export type ProveOrders = z.output<typeof proveOrders>;

/** Tells the ledger of orders that were placed inside an act of another room. */
export const announceOrders = z.object({}).strict();
export type AnnounceOrders = z.output<typeof announceOrders>;

/**
 * Orders stand from now on. Subject is `orders/<origin id>`. The runner of connections carries them
 * out where a connection may act; where none may, the system's owner has a task.
 */
export interface OrdersPlaced extends Event {
  readonly type: 'OrdersPlaced';
  readonly body: {
    readonly origin: OrderOrigin;
    /** Whose access it is; null where it is several people's. */
    readonly person: string | null;
    readonly count: number;
    readonly systems: readonly { readonly system: string; readonly count: number }[];
    /** Digest of lines that begin with the orders' numbers; of a review, its act's `decisionsBlob`. */
    readonly ordersBlob: string;
  };
}

export interface OrdersCarriedOut extends Event {
  readonly type: 'OrdersCarriedOut';
  readonly body: {
    readonly system: string;
    readonly count: number;
    /** Id of the person who says so, or of the connection that did it. */
    readonly by: string;
    readonly how: 'person' | 'connection';
    /** Digest of the lines `origin<TAB>no`. */
    readonly ordersBlob: string;
  };
  readonly blobs: { readonly ordersBlob: Uint8Array };
}

export interface OrdersProven extends Event {
  readonly type: 'OrdersProven';
  readonly body: {
    readonly read: string;
    readonly readAt: string;
    readonly count: number;
    /** Digest of the lines `origin<TAB>no`. */
    readonly ordersBlob: string;
  };
  readonly blobs: { readonly ordersBlob: Uint8Array };
}
