import { z } from 'zod';
import type { Event } from '../../policy/event.ts';
import { dutySeverities, privilegedBys } from './facts.terms.ts';

/** Rules of conflicting duties, and how access to a system is to be asked for. */

const id = z.uuid();
const reason = z.string().trim().min(1).max(2000);

export const dutyCommand = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('writeRule'),
    /** The rule that this one takes the place of; null: a new one. */
    id: id.nullable().default(null),
    name: z.string().trim().min(1).max(200),
    firstId: id,
    secondId: id,
    severity: z.enum(dutySeverities),
    reason,
  }),
  z.object({ do: z.literal('endRule'), id }),
  z.object({
    do: z.literal('except'),
    ruleId: id,
    personId: id,
    endsOn: z.iso.date(),
    reason,
  }),
  z.object({ do: z.literal('endException'), id }),
]);
export type DutyCommand = z.output<typeof dutyCommand>;

export const offerCommand = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('setRule'),
    systemId: id,
    delegateId: id.nullable(),
    longestDays: z.int().min(1).max(3660).nullable(),
    privilegedBy: z.enum(privilegedBys),
    instructions: z.string().trim().max(5000),
  }),
  z.object({
    do: z.literal('describe'),
    entitlementId: id,
    description: z.string().trim().max(1000),
    requestable: z.boolean(),
    emergency: z.boolean(),
  }),
]);
export type OfferCommand = z.output<typeof offerCommand>;

export type DutyRefusal =
  | 'notFound'
  | 'entitlementUnknown'
  | 'sameEntitlement'
  | 'ruleExists'
  | 'personNotAble'
  | 'endInPast'
  | 'endTooFar'
  | 'ownException';

export type OfferRefusal =
  | 'notFound'
  | 'entitlementUnknown'
  | 'systemsNotFound'
  | 'personNotAble'
  | 'notYourSystem';

export type DutyEvent =
  | (Event & {
      readonly type: 'DutyRuleWritten';
      readonly body: {
        readonly replaces: string | null;
        readonly first: string;
        readonly second: string;
        readonly severity: (typeof dutySeverities)[number];
      };
      readonly private: { readonly name: string; readonly reason: string };
    })
  | (Event & { readonly type: 'DutyRuleEnded' })
  | (Event & {
      readonly type: 'DutyExcepted';
      readonly body: {
        readonly exception: string;
        readonly person: string;
        readonly endsOn: string;
      };
      readonly private: { readonly reason: string };
    })
  | (Event & {
      readonly type: 'DutyExceptionEnded';
      readonly body: { readonly exception: string };
    });

export type OfferEvent =
  | (Event & {
      readonly type: 'AccessRuleSet';
      readonly body: {
        readonly delegate: string | null;
        readonly longestDays: number | null;
        readonly privilegedBy: (typeof privilegedBys)[number];
      };
      readonly private: { readonly instructions: string };
    })
  | (Event & {
      readonly type: 'EntitlementDescribed';
      readonly body: { readonly requestable: boolean; readonly emergency: boolean };
      readonly private: { readonly description: string };
    });
