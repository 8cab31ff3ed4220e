import type { Flow } from '../../policy/flow.ts';
import * as facts from './facts.requests.ts';
import * as expiry from './flow.expiry.ts';
import * as requests from './flow.requests.ts';
import { loadRequests, projectDecidedRequests } from './store.approving.ts';
import { loadGivingBack, loadSweep, projectGivenBack, projectSweep } from './store.expiry.ts';
import {
  loadAsking,
  loadOne,
  projectAsked,
  projectLapsed,
  projectWithdrawn,
} from './store.requests.ts';

type Code = facts.RequestRefusal;
const clause = 'access';

export const askAccess: Flow<requests.AskingState, facts.AskAccess, facts.AccessRequested, Code> = {
  name: 'access.askAccess',
  clause,
  command: facts.askAccess,
  load: loadAsking,
  authorize: () => ({ action: 'askAccess' }),
  decide: requests.decideAsking,
  project: projectAsked,
  effects: requests.mailsOfAsking,
};

/** Who may decide on which request is the guard of ACC-4 in flow.requests.ts, request by request. */
export const decideRequests: Flow<
  requests.RequestsState,
  facts.DecideRequests,
  facts.RequestsDecided,
  Code
> = {
  name: 'access.decideRequests',
  clause,
  command: facts.decideRequests,
  load: loadRequests,
  authorize: () => ({ action: 'decideRequests' }),
  decide: requests.decideOnRequests,
  project: projectDecidedRequests,
  effects: requests.mailsOfDecision,
};

export const withdrawRequest: Flow<
  requests.OneRequestState,
  facts.WithdrawRequest,
  facts.RequestWithdrawn,
  Code
> = {
  name: 'access.withdrawRequest',
  clause,
  command: facts.withdrawRequest,
  load: loadOne,
  authorize: () => ({ action: 'askAccess' }),
  decide: requests.decideWithdrawal,
  project: projectWithdrawn,
};

/** Run by the clock alone. */
export const lapseRequest: Flow<
  requests.OneRequestState,
  facts.LapseRequest,
  facts.RequestLapsed,
  Code
> = {
  name: 'access.lapseRequest',
  clause,
  command: facts.lapseRequest,
  load: loadOne,
  authorize: () => ({ action: 'lapseRequest' }),
  decide: requests.decideLapse,
  project: projectLapsed,
  effects: requests.mailsOfLapse,
};

export const giveBack: Flow<requests.GivingBackState, facts.GiveBack, facts.AccessGivenBack, Code> =
  {
    name: 'access.giveBack',
    clause,
    command: facts.giveBack,
    load: loadGivingBack,
    authorize: () => ({ action: 'askAccess' }),
    decide: requests.decideGivingBack,
    project: projectGivenBack,
  };

/** Run by the clock alone, each day. */
export const sweepGrants: Flow<
  expiry.SweepState,
  facts.SweepGrants,
  facts.GrantsExpired | facts.ExpiryWarned,
  Code
> = {
  name: 'access.sweepGrants',
  clause,
  command: facts.sweepGrants,
  load: loadSweep,
  authorize: () => ({ action: 'sweepGrants' }),
  decide: expiry.decideSweep,
  project: projectSweep,
  effects: expiry.mailsOfSweep,
};
