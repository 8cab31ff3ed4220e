import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Tx } from '../../kernel/db.ts';
import { dateIn } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import { sha256Hex } from '../../ledger/hash.ts';
import type { Context } from '../../policy/event.ts';
import { ownersOf } from '../../registers/customers/store.contacts.ts';
import { lacksUndertaking } from '../../registers/people/store.undertakings.ts';
import { openTasks, schedule } from '../../registers/tasks/store.ts';
import { type CaseRequested, consentLimitBytes, type RequestCase } from './facts.ts';
import type { RequestingState } from './flow.requesting.ts';
import {
  approvers,
  holdersOf,
  isOfficer,
  officers,
  tellingRole,
  worksHere,
} from './store.people.ts';
import { caseSettings } from './store.settings.ts';

export const approveTask = 'customer-data.approveCase';
export const lapseKind = 'customer-data.lapseCase';

export async function loadRequesting(
  tx: Tx,
  command: RequestCase,
  { actor, now, zone }: Context,
): Promise<RequestingState> {
  const today = dateIn(now, zone);
  const requesterId = personOf(actor);
  const { rows } = await sql<NonNullable<RequestingState['customer']>>`
    select coalesce(name, key) as name, state, approves_cases as "approvesCases"
    from customer where id = ${command.customerId} for no key update`.execute(tx);
  const lines = command.scope.map(({ collection, itemId }) => `${collection}/${itemId ?? '*'}\n`);
  const scope = new TextEncoder().encode([...new Set(lines)].sort().join(''));
  return {
    requesterId,
    able: requesterId !== null && (await worksHere(tx, requesterId, today)),
    role: tellingRole(actor),
    officer: isOfficer(actor),
    lacksUndertaking: requesterId !== null && (await lacksUndertaking(tx, requesterId)),
    customer: rows[0] ?? null,
    settings: await caseSettings(tx),
    consent: consentOf(command.consent),
    scope: { bytes: scope, sha256: sha256Hex(scope) },
    approvers: await holdersOf(tx, command.emergency ? officers : approvers, requesterId, today),
    owners: await ownersOf(tx, command.customerId),
  };
}

function consentOf(base64: string | null): RequestingState['consent'] {
  if (base64 === null) return null;
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  if (bytes.length === 0 || bytes.length > consentLimitBytes) return false;
  return { bytes, sha256: sha256Hex(bytes) };
}

export async function projectRequested(
  tx: Tx,
  event: CaseRequested,
  context: Context,
): Promise<void> {
  const { body, private: prose } = event;
  const id = event.subject.slice('case/'.length);
  const at = (text: string | null) => (text === null ? null : Temporal.Instant.from(text));
  const lapsesAt = Temporal.Instant.from(body.lapsesAt);
  await sql`
    insert into customer_case (id, customer_id, requester_id, requester_role, purpose, basis, basis_reference,
      consent_sha256, from_at, to_at, hours, copy, emergency, asked_at, lapses_at, customer_needed)
    values (${id}, ${body.customer}, ${body.requester}, ${body.role}, ${prose.purpose}, ${body.basis},
      ${prose.reference}, ${body.consent}, ${at(body.fromAt)}, ${at(body.toAt)}, ${body.hours}, ${body.copy},
      ${body.emergency}, ${context.now}, ${lapsesAt}, ${body.customerNeeded})`.execute(tx);
  await projectScope(tx, id, event.blobs.scopeBlob);
  await schedule(tx, [
    {
      id: context.newId(),
      clause: 'customer-data',
      kind: lapseKind,
      subject: event.subject,
      dueAt: lapsesAt,
    },
  ]);
  if (!body.customerNeeded) await openApproval(tx, id, context);
}

async function projectScope(tx: Tx, id: string, blob: Uint8Array): Promise<void> {
  const lines = new TextDecoder().decode(blob).trimEnd().split('\n');
  const collections = lines.map((line) => line.split('/')[0] ?? '');
  const items = lines.map((line) => line.split('/')[1] ?? '').map((it) => (it === '*' ? null : it));
  await sql`
    insert into case_scope (case_id, collection, item_id)
    select ${id}::uuid, collection, item_id
    from unnest(${collections}::text[], ${items}::uuid[]) as t (collection, item_id)`.execute(tx);
}

/** What Today shows of a case, and as whom it was asked for. */
export async function detailOf(
  tx: Tx,
  id: string,
): Promise<{ readonly customer: string; readonly requester: string; readonly role: string }> {
  const { rows } = await sql<{ customer: string; requester: string; role: string }>`
    select coalesce(customer.name, customer.key) as customer, person.name as requester, it.requester_role as role
    from customer_case it join customer on customer.id = it.customer_id
    join person on person.id = it.requester_id where it.id = ${id}`.execute(tx);
  const [row] = rows;
  invariant(row, `case ${id} exists`);
  return row;
}

/** A line of Today for whoever may approve, once it is theirs to do. */
export async function openApproval(tx: Tx, id: string, context: Context): Promise<void> {
  const { rows } = await sql<{ emergency: boolean; lapses_at: Temporal.Instant }>`
    select emergency, lapses_at from customer_case where id = ${id}`.execute(tx);
  const [row] = rows;
  if (!row) return;
  const { role: _asWhom, ...detail } = await detailOf(tx, id);
  // Two officers stand for an emergency: it waits for either role.
  const roles = row.emergency ? officers : approvers;
  await openTasks(
    tx,
    roles.map((role) => ({
      id: context.newId(),
      kind: approveTask,
      promise: 'CUS-3',
      subject: `case/${id}`,
      assigneeId: null,
      role,
      openedAt: context.now,
      dueAt: row.emergency ? context.now : row.lapses_at,
      detail,
      path: `/console/cases/${id}`,
    })),
  );
}
