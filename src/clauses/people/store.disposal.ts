import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Context } from '../../policy/event.ts';
import type { DisposalCommand, DisposalEvent, DisposalState } from './facts.disposal.ts';

export async function loadDisposal(
  tx: Tx,
  { holderId, witnessId }: DisposalCommand,
): Promise<DisposalState> {
  const ids = [holderId, ...(witnessId ? [witnessId] : [])];
  const { rows } = await sql<{ id: PersonId }>`
    select id from person where id = any(${ids}::uuid[]) and erased_at is null`.execute(tx);
  const known = (id: PersonId | null) => rows.find((row) => row.id === id)?.id ?? null;
  return { holder: known(holderId), witness: known(witnessId) };
}

export async function projectDisposal(
  tx: Tx,
  { disposal: it }: DisposalEvent,
  { now, actor }: Context,
): Promise<void> {
  await sql`
    insert into disposal (id, medium, what, method, how, disposed_on, holder_id, witness_id,
      recorded_by, recorded_at)
    values (${it.id}, ${it.medium}, ${it.what}, ${it.method}, ${it.how}, ${it.disposedOn}::date,
      ${it.holderId}, ${it.witnessId}, ${personOf(actor)}, ${now})`.execute(tx);
}
