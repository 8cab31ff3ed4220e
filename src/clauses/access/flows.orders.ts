import type { Flow } from '../../policy/flow.ts';
import * as facts from './facts.ts';
import * as orders from './flow.orders.ts';
import {
  loadCarriedOut,
  loadCarriedOutBy,
  loadProving,
  projectCarriedOut,
  projectProven,
} from './store.orders.ts';
import { loadSilent, projectAnnounced } from './store.placing.ts';

type Code = facts.RefusalCode;
const clause = 'access';

export const markCarriedOut: Flow<
  orders.CarriedOutState,
  facts.MarkCarriedOut,
  facts.OrdersCarriedOut,
  Code
> = {
  name: 'access.markCarriedOut',
  clause,
  command: facts.markCarriedOut,
  load: loadCarriedOut,
  authorize: () => ({ action: 'carryOutOrders' }),
  decide: orders.decideCarriedOut,
  project: projectCarriedOut,
};

/** For the runner of connections alone: no rule permits it to anybody but Kept itself. */
export const recordCarriedOut: Flow<
  orders.RecordedState,
  facts.RecordCarriedOut,
  facts.OrdersCarriedOut,
  Code
> = {
  name: 'access.recordCarriedOut',
  clause,
  command: facts.recordCarriedOut,
  load: loadCarriedOutBy,
  authorize: () => ({ action: 'recordCarriedOut' }),
  decide: orders.decideRecorded,
  project: projectCarriedOut,
};

export const proveOrders: Flow<orders.ProvingState, facts.ProveOrders, facts.OrdersProven, Code> = {
  name: 'access.proveOrders',
  clause,
  command: facts.proveOrders,
  load: loadProving,
  authorize: () => ({ action: 'carryOutOrders' }),
  decide: orders.decideProof,
  project: projectProven,
};

/** Run by Kept itself after every act that places orders inside another room's transaction. */
export const announceOrders: Flow<
  readonly orders.Silent[],
  facts.AnnounceOrders,
  orders.Announced,
  Code
> = {
  name: 'access.announceOrders',
  clause,
  command: facts.announceOrders,
  load: loadSilent,
  authorize: () => ({ action: 'announceOrders' }),
  decide: orders.decideAnnouncing,
  project: projectAnnounced,
};
