import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Db, Tx } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import { sha256Hex } from '../../ledger/hash.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import {
  type Confirming,
  type ConfirmingRefusal,
  type ContactsConfirmed,
  confirming,
} from './facts.confirming.ts';

interface Waiting {
  readonly id: string;
  readonly customerId: string;
  readonly version: number;
  /** Null: confirmed already. */
  readonly unconfirmedSince: Instant | null;
  readonly placedBy: readonly string[];
}

export interface ConfirmingState {
  /** Those of the command that there are, removed ones too. */
  readonly waiting: readonly Waiting[];
  /** Whether whoever acts is a contact of the customer whom nobody has confirmed. */
  readonly unconfirmedSelf: boolean;
}

/** Somebody else's word on contacts whom staff added or readdressed (CUS-2). */
export const confirmingFlow: Flow<
  ConfirmingState,
  Confirming,
  ContactsConfirmed,
  ConfirmingRefusal
> = {
  name: 'customers.confirming',
  clause: 'customers',
  command: confirming,
  load,
  authorize: () => ({ action: 'confirmContacts' }),
  decide: decideConfirming,
  project,
};

async function load(
  tx: Tx,
  { customerId, contacts }: Confirming,
  { actor }: Context,
): Promise<ConfirmingState> {
  const { rows: waiting } = await sql<Waiting>`
    select id, customer_id as "customerId", version, unconfirmed_since as "unconfirmedSince", placed_by as "placedBy"
    from customer_contact
    where id = any(${contacts.map(({ id }) => id)}::uuid[])
      and (${customerId}::uuid is null or customer_id = ${customerId}::uuid)
    order by id for update`.execute(tx);
  if (actor.kind !== 'contact') return { waiting, unconfirmedSelf: false };
  const { rows: self } = await sql`
    select from customer_contact
    where id = ${actor.id} and removed_at is null and unconfirmed_since is null`.execute(tx);
  return { waiting, unconfirmedSelf: self.length === 0 };
}

type Decision = Result<readonly ContactsConfirmed[], Refusal<ConfirmingRefusal>>;

/** An owner of the account confirms, or a person of staff who did not put the contact as it is. */
export function decideConfirming(
  { waiting, unconfirmedSelf }: ConfirmingState,
  { contacts }: Confirming,
  { actor, newId }: Pick<Context, 'actor' | 'newId'>,
): Decision {
  const person = personOf(actor);
  if (actor.kind !== 'contact' && !person) return refuse('needsPerson');
  if (unconfirmedSelf) return refuseByGuard('CUS-2', 'unconfirmedYourself');
  const found = new Map(waiting.map((it) => [it.id, it]));
  const confirmed: Waiting[] = [];
  for (const { id, version } of contacts) {
    const it = found.get(id);
    if (!it) return refuse('contactUnknown');
    // Confirming twice is as good as once.
    if (!it.unconfirmedSince) continue;
    if (it.version !== version) return refuse('versionConflict');
    const isOwn = id === actor.id || (person !== null && it.placedBy.includes(person));
    if (isOwn) return refuseByGuard('CUS-2', 'ownContact');
    confirmed.push(it);
  }
  if (confirmed.length === 0) return ok([]);
  const contactIds = [...new Set(confirmed.map(({ id }) => id))].sort();
  const customers = [...new Set(confirmed.map(({ customerId }) => customerId))].sort();
  const blob = Buffer.from(canonicalJson({ contacts: contactIds, customers }));
  return ok([
    {
      type: 'ContactsConfirmed',
      subject: `confirmation/${newId()}`,
      body: { contacts: contactIds.length, contactsBlob: sha256Hex(blob) },
      blobs: { contactsBlob: blob },
      touches: customers.map((id) => ({ subject: `customer/${id}` })),
      contactIds,
    },
  ]);
}

async function project(
  tx: Tx,
  { contactIds }: ContactsConfirmed,
  { now, actor }: Context,
): Promise<void> {
  const contact = actor.kind === 'contact' ? actor.id : null;
  await sql`
    update customer_contact set unconfirmed_since = null, entered_unconfirmed = false, former_email = null,
      confirmed_at = ${now}, confirmed_by = ${personOf(actor)}, confirmed_by_contact = ${contact}::uuid
    where id = any(${contactIds}::uuid[])`.execute(tx);
}

/** A contact that waits to be confirmed, as a list shows it. */
export interface UnconfirmedContact {
  readonly id: string;
  readonly customerKey: string;
  readonly name: string;
  readonly email: string;
  readonly part: 'owner' | 'member' | 'billing';
  readonly version: number;
  readonly removed: boolean;
  readonly unconfirmedSince: Instant;
  readonly placedBy: readonly string[];
}

/** Contacts that wait, the longest first, as many as can be confirmed at once. */
export async function unconfirmedContacts(
  db: Db,
  most: number,
): Promise<readonly UnconfirmedContact[]> {
  const { rows } = await sql<UnconfirmedContact>`
    select it.id, customer.key as "customerKey", it.name, it.email, it.part, it.version,
      it.removed_at is not null as removed, it.unconfirmed_since as "unconfirmedSince", it.placed_by as "placedBy"
    from customer_contact it join customer on customer.id = it.customer_id
    where it.unconfirmed_since is not null and customer.name is not null
      and (it.removed_at is null or it.entered_unconfirmed)
    order by it.unconfirmed_since, it.id limit ${most}`.execute(db);
  return rows;
}
