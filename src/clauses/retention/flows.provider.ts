import type { Flow, ObligationHandler } from '../../policy/flow.ts';
import {
  type ProviderCommand,
  type ProviderEvent,
  type ProviderRefusal,
  providerCommand,
  renewalKind,
} from './facts.provider.ts';
import { decideProvider, type ProviderState } from './flow.provider.ts';
import { loadProvider, projectProvider } from './store.provider.ts';

/** Reports of auditors on what a provider does for us and we inherit (RET-7). */
export const providerFlow: Flow<ProviderState, ProviderCommand, ProviderEvent, ProviderRefusal> = {
  name: 'retention.provider',
  clause: 'retention',
  command: providerCommand,
  load: loadProvider,
  authorize: (_, command) => ({ action: command.do }),
  decide: decideProvider,
  project: projectProvider,
};

/** Asks for a renewal when the end of a report is near. Again is safe: the flow looks. */
export const providerObligations: Readonly<Record<string, ObligationHandler>> = {
  [renewalKind]: async ({ execute }, { subject }) => {
    await execute(providerFlow, {
      do: 'askRenewal',
      reportId: subject.slice('report/'.length),
    });
  },
};
