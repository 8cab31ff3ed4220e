import { z } from 'zod';
import type { PersonId } from '../../kernel/id.ts';
import type { Event } from '../../policy/event.ts';
import { personId } from '../../registers/people/facts.ts';

/** What personal data was on. `none`: a leaver's statement that nothing was kept. */
export const media = ['paper', 'file', 'storage', 'device', 'none'] as const;
/** NIST SP 800-88 Rev. 1, section 2.5. */
export const methods = ['clear', 'purge', 'destroy', 'none'] as const;

export const disposalCommand = z.object({
  do: z.literal('recordDisposal'),
  medium: z.enum(media),
  what: z.string().trim().max(500),
  method: z.enum(methods),
  how: z.string().trim().max(500),
  disposedOn: z.iso.date(),
  holderId: personId,
  witnessId: personId.nullable(),
});
export type DisposalCommand = z.output<typeof disposalCommand>;

export interface DisposalState {
  readonly holder: PersonId | null;
  readonly witness: PersonId | null;
}

export type DisposalRefusal =
  | 'holderUnknown'
  | 'witnessNeeded'
  | 'witnessIsHolder'
  | 'disposedInFuture'
  | 'methodUnfit'
  | 'disposalUndescribed'
  | 'disposalNotYours';

export interface Disposal extends Omit<DisposalCommand, 'do'> {
  readonly id: string;
}

export type DisposalEvent = Event & {
  readonly type: 'DisposalRecorded';
  readonly disposal: Disposal;
};
