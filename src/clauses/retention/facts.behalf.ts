import { z } from 'zod';
import { isUuid } from '../../kernel/id.ts';
import type { Event } from '../../policy/event.ts';
import type { Route } from '../../policy/route.ts';
import { collectionName } from '../../registers/vault/facts.ts';
import type { RequestKind } from './facts.requests.ts';

const anId = z.string().refine(isUuid);

/** What is deleted at one go, as at the portal. */
export const deletions = ['items', 'collection', 'all'] as const;
export type Deletion = (typeof deletions)[number];

/** What staff do for a customer who wrote or called (RET-4): each goes by a request of the register. */
export const behalfCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('exportFor'), requestId: anId }),
  z.object({
    do: z.literal('deleteFor'),
    requestId: anId,
    what: z.enum(deletions),
    /** Of `collection`; null otherwise. */
    collection: collectionName.nullable(),
    /** Objects and records, of `items`. */
    itemIds: z.array(anId).max(1_000),
  }),
  /** Before the record is written: who did it, and for which request. */
  z.object({
    do: z.literal('correctFor'),
    requestId: anId,
    collection: collectionName,
    itemId: anId,
  }),
]);
export type BehalfCommand = z.infer<typeof behalfCommand>;

/** Which kinds of request allow which act. */
export const kindsFor: Readonly<Record<BehalfCommand['do'], readonly RequestKind[]>> = {
  exportFor: ['export', 'access'],
  deleteFor: ['delete'],
  correctFor: ['correct'],
};

interface For {
  readonly request: string;
  readonly by: string;
}

/** Subject `customer/ID`: ids and counts. */
export type BehalfEvent =
  | (Event & {
      readonly type: 'ExportRequestedFor';
      /** `contact`: who is told when the archive is there, and takes it at the portal. */
      readonly body: For & { readonly export: string; readonly contact: string };
    })
  | (Event & {
      readonly type: 'CustomerDeletedFor';
      readonly body: For & {
        readonly what: Deletion;
        readonly collection: string | null;
        readonly objects: number;
        readonly records: number;
      };
    })
  | (Event & {
      readonly type: 'RecordCorrectionBegun';
      readonly body: For & { readonly collection: string; readonly item: string };
    });

export type BehalfRefusal =
  | 'notFound'
  | 'requestAnswered'
  | 'requestUnmatched'
  | 'identityNotVerified'
  | 'requestOfOtherKind'
  | 'ownVerification'
  | 'needsPerson'
  | 'customerHeld'
  | 'accountFrozen'
  | 'accountErased'
  | 'exportUnderWay'
  | 'nobodyToGive'
  | 'nothingHeld';

const requestId = z.string().refine(isUuid);

export const exportForInput = z.object({ requestId });
export const deleteForInput = z.object({
  requestId,
  what: z.enum(deletions),
  collection: collectionName.nullable().default(null),
  /** Names of objects and keys of records in the collection, of `items`. */
  names: z.array(z.string().min(1).max(1_000)).max(1_000).default([]),
});
export const correctForInput = z.object({
  requestId,
  collection: collectionName,
  key: z.string().min(1).max(1_000),
  /** What is to be another, by RFC 7396: null takes a member away; the others stay unseen. */
  patch: z.record(z.string(), z.json()),
});
export const exportForOutput = z.object({ id: z.string() });
export const deleteForOutput = z.object({ objects: z.int(), records: z.int() });
export const correctForOutput = z.object({ id: z.string(), revision: z.int() });

/** What the server mounts of this room: names and records need the vault's door. */
export interface BehalfRoutes {
  readonly exportForCustomer: Route<typeof exportForInput, typeof exportForOutput>;
  readonly deleteForCustomer: Route<typeof deleteForInput, typeof deleteForOutput>;
  readonly correctForCustomer: Route<typeof correctForInput, typeof correctForOutput>;
}
