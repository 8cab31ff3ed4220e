import type { PersonId } from './id.ts';
import type { Language } from './language.ts';

/** Roles in the policy's words. A person may have several; `employee` is everyone on the staff. */
export const roles = [
  'security-officer',
  'commercial-officer',
  'people',
  'engineer',
  'support',
  'auditor',
  'employee',
  'customer',
  'service',
] as const;
export type Role = (typeof roles)[number];

/**
 * Who acts. `system` is Kept itself (the tick, the sequencer, a connector run): it acts by the
 * clock, never on anyone's behalf.
 */
export type Actor =
  | {
      readonly kind: 'person';
      readonly id: PersonId;
      readonly roles: readonly Role[];
      /** How the session or token was proven; `second factor` stands in acknowledgements. */
      readonly secondFactor: boolean;
      readonly language: Language;
    }
  | {
      readonly kind: 'token';
      readonly id: string;
      readonly roles: readonly Role[];
      readonly person: PersonId | null;
      /** Actions the token is narrowed to; null for all that its roles may. */
      readonly scope: readonly string[] | null;
    }
  | {
      /** Somebody of a customer, at the portal: acts for that one account, in the role `customer`. */
      readonly kind: 'contact';
      /** Of `customer_contact`. */
      readonly id: string;
      readonly customerId: string;
      readonly part: 'owner' | 'member';
      readonly roles: readonly Role[];
      readonly language: Language;
    }
  | { readonly kind: 'system'; readonly id: string };

/** The person behind an actor, where there is one. */
export function personOf(actor: Actor): PersonId | null {
  if (actor.kind === 'person') return actor.id;
  return actor.kind === 'token' ? actor.person : null;
}

/** How an actor is named in the ledger: an opaque id, never a name or an address. */
export function actorText(actor: Actor): string {
  return `${actor.kind}/${actor.id}`;
}
