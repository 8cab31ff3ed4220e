import { z } from 'zod';
import type { Event } from '../../policy/event.ts';
import { anId } from './facts.ts';

/** Contacts that one command confirms at most. */
export const confirmedAtOnce = 1_000;

export const confirming = z.object({
  /** Account whose contacts they are; null: of several. */
  customerId: anId.nullable(),
  /** `version` is the one that was looked at: what was changed since is looked at again. */
  contacts: z
    .array(z.object({ id: anId, version: z.int() }))
    .min(1)
    .max(confirmedAtOnce),
});
export type Confirming = z.infer<typeof confirming>;

/** Who is confirmed stands in the blob, by id; `touches` are the accounts. */
export type ContactsConfirmed = Event & {
  readonly type: 'ContactsConfirmed';
  readonly body: { readonly contacts: number; readonly contactsBlob: string };
  readonly contactIds: readonly string[];
};

export type ConfirmingRefusal =
  | 'contactUnknown'
  | 'versionConflict'
  | 'needsPerson'
  | 'ownContact'
  | 'unconfirmedYourself';
