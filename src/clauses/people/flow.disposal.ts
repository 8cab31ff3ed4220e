import { personOf } from '../../kernel/actor.ts';
import { dateIn } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type {
  DisposalCommand,
  DisposalEvent,
  DisposalRefusal,
  DisposalState,
} from './facts.disposal.ts';

/** What was disposed of, by which method, before whose eyes (PEO-3). */
export function decideDisposal(
  state: DisposalState,
  command: DisposalCommand,
  context: Context,
): Result<readonly DisposalEvent[], Refusal<DisposalRefusal>> {
  const { do: _, ...told } = command;
  const refusal = unfit(state, command, context);
  if (refusal === 'witnessIsHolder') return refuseByGuard('PEO-3', refusal);
  if (refusal) return refuse(refusal);
  const id = context.newId();
  const { medium, method, disposedOn, witnessId, holderId } = told;
  return ok([
    {
      type: 'DisposalRecorded',
      subject: `person/${holderId}`,
      body: { disposal: id, medium, method, on: disposedOn, witness: witnessId },
      private: { what: told.what, how: told.how },
      about: holderId,
      disposal: { ...told, id },
    },
  ]);
}

function unfit(
  { holder, witness }: DisposalState,
  command: DisposalCommand,
  { actor, now, zone }: Context,
): DisposalRefusal | null {
  const { medium, method, holderId, witnessId } = command;
  if (!holder) return 'holderUnknown';
  const answers = actor.kind !== 'system' && answering.some((role) => actor.roles.includes(role));
  if (personOf(actor) !== holderId && !answers) return 'disposalNotYours';
  if (command.disposedOn > dateIn(now, zone).toString()) return 'disposedInFuture';
  const nothing = medium === 'none';
  if (nothing !== (method === 'none')) return 'methodUnfit';
  // Paper cannot be cleared or purged: it is shredded, pulped or burnt (SP 800-88, table A-1).
  if (medium === 'paper' && method !== 'destroy') return 'methodUnfit';
  if (nothing) return null;
  if (command.what === '' || command.how === '') return 'disposalUndescribed';
  if (!witness) return 'witnessNeeded';
  return witnessId === holderId ? 'witnessIsHolder' : null;
}

/** Who may record what was in somebody else's hands. */
const answering = ['people', 'security-officer'] as const;
