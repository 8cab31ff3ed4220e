import { z } from 'zod';
import { isUuid } from '../../kernel/id.ts';
import type { Event } from '../../policy/event.ts';

const anId = z.string().refine(isUuid);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** How somebody came in. `demo`: chosen from a list, on the machine itself, where nothing is real. */
export const waysIn = ['link', 'passkey', 'demo'] as const;
export type WayIn = (typeof waysIn)[number];

/** Minutes in which a mailed link can be used. */
export const linkMinutes = 15;
/** A session ends after so many hours, and earlier where nobody uses it. */
export const sessionHours = 12;
export const idleMinutes = 60;
/** Days in which a finished archive can be loaded. */
export const archiveDays = 7;
/** Hours in which a link to an archive is good. */
export const downloadHours = 24;

export const exportForms = ['plain', 'age'] as const;
export type ExportForm = (typeof exportForms)[number];
export type ExportState = 'asked' | 'running' | 'done' | 'failed' | 'cancelled' | 'expired';

/** What is deleted at one go. */
const deletions = ['items', 'collection', 'all'] as const;
type Deletion = (typeof deletions)[number];

export const portalCommand = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('enterPortal'),
    customerId: anId,
    contactId: anId,
    sessionId: anId,
    way: z.enum(waysIn),
  }),
  z.object({
    do: z.literal('addPasskey'),
    customerId: anId,
    passkey: z.object({
      address: z.string(),
      credentialId: z.string().min(1).max(2000),
      /** Base64. */
      publicKey: z.string(),
      counter: z.int().min(0),
      transports: z.array(z.string().max(20)).max(10),
      device: z.string().max(100),
    }),
  }),
  z.object({ do: z.literal('removePasskey'), customerId: anId, passkeyId: anId }),
  z.object({ do: z.literal('askExport'), customerId: anId, form: z.enum(exportForms) }),
  z.object({ do: z.literal('cancelExport'), customerId: anId, exportId: anId }),
  z.object({ do: z.literal('linkExport'), customerId: anId, exportId: anId, sha256 }),
  z.object({ do: z.literal('takeIdentity'), customerId: anId }),
  z.object({
    do: z.literal('deleteHeld'),
    customerId: anId,
    what: z.enum(deletions),
    /** Of `collection`; null otherwise. */
    collection: z.string().nullable(),
    /** Of the others, but `all`. */
    objects: z.array(anId).max(1_000),
    records: z.array(anId).max(1_000),
  }),
  // From here on Kept itself.
  z.object({
    do: z.literal('finishExport'),
    customerId: anId,
    exportId: anId,
    sha256,
    size: z.int().min(0),
    objects: z.int().min(0),
    records: z.int().min(0),
    missed: z.int().min(0),
  }),
  z.object({
    do: z.literal('failExport'),
    customerId: anId,
    exportId: anId,
    why: z.string().max(500),
  }),
  z.object({ do: z.literal('expireExport'), customerId: anId, exportId: anId }),
]);
export type PortalCommand = z.infer<typeof portalCommand>;

/** Subject `customer/ID`: ids, counts and digests. */
export type PortalEvent =
  | (Event & {
      readonly type: 'ContactSignedIn';
      readonly body: { readonly contact: string; readonly session: string; readonly way: WayIn };
    })
  | (Event & {
      readonly type: 'PortalPasskeyAdded';
      readonly body: { readonly contact: string; readonly passkey: string };
      readonly passkey: Extract<PortalCommand, { do: 'addPasskey' }>['passkey'];
    })
  | (Event & {
      readonly type: 'PortalPasskeyRemoved';
      readonly body: { readonly contact: string; readonly passkey: string };
    })
  | (Event & {
      readonly type: 'ExportRequested';
      readonly body: {
        readonly export: string;
        readonly contact: string;
        readonly form: ExportForm;
      };
    })
  | (Event & { readonly type: 'ExportCancelled'; readonly body: { readonly export: string } })
  | (Event & {
      readonly type: 'ExportLinkMade';
      readonly body: {
        readonly export: string;
        readonly link: string;
        readonly expiresAt: string;
        readonly sha256: string;
      };
    })
  | (Event & { readonly type: 'IdentityTaken'; readonly body: { readonly contact: string } })
  | (Event & {
      readonly type: 'CustomerDeleted';
      readonly body: {
        readonly contact: string;
        readonly what: Deletion;
        readonly collection: string | null;
        readonly objects: number;
        readonly records: number;
      };
    })
  | (Event & {
      readonly type: 'ExportFinished';
      readonly body: {
        readonly export: string;
        readonly sha256: string;
        readonly size: number;
        readonly objects: number;
        readonly records: number;
        readonly missed: number;
        readonly expiresAt: string;
      };
    })
  | (Event & {
      readonly type: 'ExportFailed';
      readonly body: { readonly export: string };
      readonly why: string;
    })
  | (Event & { readonly type: 'ExportExpired'; readonly body: { readonly export: string } });

export type PortalRefusal =
  | 'notYourAccount'
  | 'onlyOwner'
  | 'exportUnknown'
  | 'exportUnderWay'
  | 'exportNotReady'
  | 'passkeyUnknown'
  | 'passkeyKnown'
  | 'nothingHeld'
  | 'accountFrozen'
  | 'accountErased';
