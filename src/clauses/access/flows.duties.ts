import type { Flow } from '../../policy/flow.ts';
import * as facts from './facts.duties.ts';
import * as duties from './flow.duties.ts';
import { loadDuties, loadOffer, projectDuties, projectOffer } from './store.offers.ts';

const clause = 'access';

export const changeDuties: Flow<
  duties.DutyState,
  facts.DutyCommand,
  facts.DutyEvent,
  facts.DutyRefusal
> = {
  name: 'access.changeDuties',
  clause,
  command: facts.dutyCommand,
  load: loadDuties,
  authorize: () => ({ action: 'changeDuties' }),
  decide: duties.decideDuties,
  project: projectDuties,
};

/** That only the owner of a system says how access to it is asked for is decided in flow.duties.ts. */
export const changeOffer: Flow<
  duties.OfferState,
  facts.OfferCommand,
  facts.OfferEvent,
  facts.OfferRefusal
> = {
  name: 'access.changeOffer',
  clause,
  command: facts.offerCommand,
  load: loadOffer,
  authorize: () => ({ action: 'changeOffer' }),
  decide: duties.decideOffer,
  project: projectOffer,
};
