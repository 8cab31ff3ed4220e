import { type Refusal, refuse } from '../../kernel/result.ts';
import type { Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';

/**
 * A flow of the register of customers, for the hands of the customer: only about the account that the
 * contact signed in to, and by an owner of it. In the register itself such a command is an officer's.
 */
export function byOwner<State, Command extends object, E extends Event, Code extends string>(
  flow: Flow<State, Command, E, Code>,
): Flow<State, Command, E, Code | 'notYourAccount' | 'onlyOwner'> {
  return {
    ...flow,
    authorize: () => ({ action: 'helpThemselves' }),
    decide(state, command, context) {
      const { actor } = context;
      if (actor.kind !== 'contact' || actor.customerId !== accountOf(command))
        return refuse('notYourAccount');
      if (actor.part !== 'owner') return refuse('onlyOwner');
      return flow.decide(state, command, context) as
        | ReturnType<typeof flow.decide>
        | { readonly ok: false; readonly refusal: Refusal<Code> };
    },
  };
}

/** The account that a command names; null for those that name none. */
function accountOf(command: object): string | null {
  return 'customerId' in command && typeof command.customerId === 'string'
    ? command.customerId
    : null;
}
