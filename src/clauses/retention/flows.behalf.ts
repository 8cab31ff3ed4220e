import type { Flow } from '../../policy/flow.ts';
import {
  type BehalfCommand,
  type BehalfEvent,
  type BehalfRefusal,
  behalfCommand,
} from './facts.behalf.ts';
import { type BehalfState, decideBehalf, mailsOfBehalf } from './flow.behalf.ts';
import { loadBehalf, projectBehalf } from './store.behalf.ts';

/** What customers may do by themselves, done for them who wrote or called (RET-4). */
export const behalfFlow: Flow<BehalfState, BehalfCommand, BehalfEvent, BehalfRefusal> = {
  name: 'retention.behalf',
  clause: 'retention',
  command: behalfCommand,
  load: loadBehalf,
  authorize: () => ({ action: 'actForCustomer' }),
  decide: decideBehalf,
  project: projectBehalf,
  effects: mailsOfBehalf,
};
