import { z } from 'zod';
import { type Language, languages } from '../../kernel/language.ts';
import type { Event } from '../../policy/event.ts';
import type { AcknowledgementsAsked, Asked, Version } from './facts.ts';

export const acknowledgementCommand = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('acknowledge'),
    /** Of the text that was read: what is in force may have changed meanwhile. */
    digest: z.string().regex(/^[0-9a-f]{64}$/),
    language: z.enum(languages),
  }),
  /** Looks who joined and is not yet asked, and who left and no longer needs to answer. */
  z.object({ do: z.literal('readRoster') }),
  /** Reminds all who have not answered by a time that is near. */
  z.object({ do: z.literal('remind'), dueAt: z.iso.datetime() }),
]);
export type AcknowledgementCommand = z.output<typeof acknowledgementCommand>;

export interface AcknowledgementState {
  readonly inForce: Version | null;
  /** The caller has acknowledged what is in force. */
  readonly acknowledged: boolean;
  readonly newcomers: readonly Asked[];
  readonly leavers: readonly string[];
  /** Whether the roster was already read today. */
  readonly readToday: boolean;
  readonly waiting: readonly Asked[];
}

export type AcknowledgementRefusal =
  | 'nothingInForce'
  | 'needsPerson'
  | 'secondFactorNeeded'
  | 'textSuperseded'
  | 'languageNotPublished';

export type AcknowledgementEvent =
  | (Event & {
      readonly type: 'PolicyAcknowledged';
      readonly body: {
        readonly version: string;
        readonly number: number;
        readonly digest: string;
        readonly language: Language;
        readonly secondFactor: boolean;
      };
    })
  | AcknowledgementsAsked
  | (Event & {
      readonly type: 'AcknowledgementsReleased';
      readonly body: { readonly people: number; readonly listBlob: string };
    })
  | (Event & {
      readonly type: 'RosterRead';
      readonly body: { readonly joined: number; readonly left: number };
    })
  | (Event & {
      readonly type: 'AcknowledgementsReminded';
      readonly body: {
        readonly dueAt: string;
        readonly days: number;
        readonly people: number;
        readonly listBlob: string;
      };
    });
