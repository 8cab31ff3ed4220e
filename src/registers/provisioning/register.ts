import { invariant } from '../../kernel/invariant.ts';
import type { Register } from '../../policy/clause.ts';
import type { AnyFlow, ReactionHandler } from '../../policy/flow.ts';
import { mappingFlow } from './store.mapping.ts';
import { provisioningFlow } from './store.tokens.ts';

const settle: ReactionHandler = async ({ execute }, { subject }) => {
  const personId = subject.slice('person/'.length);
  const done = await execute(mappingFlow, { do: 'settleRoles', personId });
  invariant(done.ok, 'the system may settle roles');
};

/** What directories say of people and groups, by SCIM 2.0, and the tokens by which they may. */
export const provisioning: Register = {
  id: 'provisioning',
  flows: {
    settings: provisioningFlow as unknown as AnyFlow,
    mapping: mappingFlow as unknown as AnyFlow,
  },
  // A role of a group waits for the undertakings that it stands on (PEO-4).
  reactions: { UndertakingSigned: settle, UndertakingFiled: settle },
};
