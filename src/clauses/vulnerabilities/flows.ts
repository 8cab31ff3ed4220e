import type { Flow } from '../../policy/flow.ts';
import * as facts from './facts.decisions.ts';
import {
  type ChangePolicy,
  changePolicy,
  type PatchPolicyChanged,
  type PolicyRefusal,
} from './facts.policy.ts';
import * as settled from './facts.settling.ts';
import { type ItemCommand, type ItemEvent, type ItemRefusal, itemCommand } from './facts.ts';
import * as vectors from './facts.vector.ts';
import * as decisions from './flow.decisions.ts';
import { decidePolicy, mailsOfPolicy, type PolicyState } from './flow.policy.ts';
import * as settling from './flow.settling.ts';
import { decideItems, type ItemsState, mailsOfItems } from './flow.ts';
import * as classifying from './flow.vector.ts';
import {
  loadAsking,
  loadDeciding,
  loadExpiring,
  loadWithdrawing,
  projectAsked,
  projectDecided,
  projectEnded,
} from './store.decisions.ts';
import { loadItems, projectItems } from './store.items.ts';
import { loadPolicy, projectPolicy } from './store.policy.ts';
import { loadReclassifying, projectReclassified } from './store.rating.ts';
import { loadAdvisories, loadEverything, loadSource, projectMatched } from './store.settling.ts';
import {
  loadClassifying,
  loadDecidingVector,
  projectClassified,
  projectDecidedVector,
} from './store.vector.ts';

const clause = 'vulnerabilities';

/** Run by Kept itself alone: no role may. */
export const settleSource: Flow<
  settling.SettlingState,
  settled.SettleSource,
  settled.BacklogMatched,
  'notFound'
> = {
  name: 'vulnerabilities.settleSource',
  clause,
  command: settled.settleSource,
  load: loadSource,
  authorize: () => ({ action: 'settleBacklog' }),
  decide: settling.decideSettling,
  project: projectMatched,
  effects: settling.mailsOfGiven,
};

/** Run by Kept itself alone: no role may. */
export const settleAdvisories: Flow<
  settling.SettlingState,
  settled.SettleAdvisories,
  settled.BacklogMatched,
  'notFound'
> = {
  name: 'vulnerabilities.settleAdvisories',
  clause,
  command: settled.settleAdvisories,
  load: loadAdvisories,
  authorize: () => ({ action: 'settleBacklog' }),
  decide: settling.decideSettling,
  project: projectMatched,
  effects: settling.mailsOfGiven,
};

/** Run by Kept itself alone: no role may. */
export const settleEverything: Flow<
  settling.SettlingState,
  settled.SettleEverything,
  settled.BacklogMatched,
  'notFound'
> = {
  name: 'vulnerabilities.settleEverything',
  clause,
  command: settled.settleEverything,
  load: loadEverything,
  authorize: () => ({ action: 'settleBacklog' }),
  decide: settling.decideSettling,
  project: projectMatched,
  effects: settling.mailsOfGiven,
};

/** Run by Kept itself alone: no role may. */
export const reclassify: Flow<
  settling.ReclassifyingState,
  settled.Reclassify,
  settled.BacklogReclassified,
  'notFound'
> = {
  name: 'vulnerabilities.reclassify',
  clause,
  command: settled.reclassify,
  load: loadReclassifying,
  authorize: () => ({ action: 'settleBacklog' }),
  decide: settling.decideReclassifying,
  project: projectReclassified,
  effects: settling.mailsOfReclassifying,
};

export const changeItems: Flow<ItemsState, ItemCommand, ItemEvent, ItemRefusal> = {
  name: 'vulnerabilities.changeItems',
  clause,
  command: itemCommand,
  load: loadItems,
  authorize: () => ({ action: 'changeBacklog' }),
  decide: decideItems,
  project: projectItems,
  effects: mailsOfItems,
};

/** What lowers the class waits for another person: the guard of VUL-4 in flow.vector.ts. */
export const classifyItem: Flow<
  classifying.ClassifyState,
  vectors.ClassifyItem,
  vectors.BacklogClassified | vectors.BacklogVectorAsked,
  vectors.VectorRefusal
> = {
  name: 'vulnerabilities.classifyItem',
  clause,
  command: vectors.classifyItem,
  load: loadClassifying,
  authorize: () => ({ action: 'changeBacklog' }),
  decide: classifying.decideClassifying,
  project: projectClassified,
  effects: classifying.mailsOfClassifying,
};

export const decideVector: Flow<
  classifying.DecidingVectorState,
  vectors.DecideVector,
  vectors.BacklogClassified | vectors.BacklogVectorRefused,
  vectors.VectorRefusal
> = {
  name: 'vulnerabilities.decideVector',
  clause,
  command: vectors.decideVector,
  load: loadDecidingVector,
  authorize: () => ({ action: 'decideDecision' }),
  decide: classifying.decideDecidingVector,
  project: projectDecidedVector,
  effects: classifying.mailsOfDecidingVector,
};

export const askDecision: Flow<
  decisions.AskingState,
  facts.AskDecision,
  facts.DecisionAsked,
  facts.DecisionRefusal
> = {
  name: 'vulnerabilities.askDecision',
  clause,
  command: facts.askDecision,
  load: loadAsking,
  authorize: () => ({ action: 'askDecision' }),
  decide: decisions.decideAsking,
  project: projectAsked,
  effects: decisions.mailsOfAsking,
};

/** That another person approves than asks is the guard of VUL-4 in flow.decisions.ts. */
export const decideDecisions: Flow<
  decisions.DecidingState,
  facts.DecideDecisions,
  facts.DecisionsDecided,
  facts.DecisionRefusal
> = {
  name: 'vulnerabilities.decideDecisions',
  clause,
  command: facts.decideDecisions,
  load: loadDeciding,
  authorize: () => ({ action: 'decideDecision' }),
  decide: decisions.decideDeciding,
  project: projectDecided,
  effects: decisions.mailsOfDeciding,
};

export const withdrawDecision: Flow<
  decisions.WithdrawingState,
  facts.WithdrawDecision,
  facts.DecisionsEnded,
  facts.DecisionRefusal
> = {
  name: 'vulnerabilities.withdrawDecision',
  clause,
  command: facts.withdrawDecision,
  load: loadWithdrawing,
  authorize: () => ({ action: 'askDecision' }),
  decide: decisions.decideWithdrawal,
  project: projectEnded,
};

/** Run by the clock alone. */
export const expireDecisions: Flow<
  decisions.ExpiringState,
  facts.ExpireDecisions,
  facts.DecisionsEnded,
  facts.DecisionRefusal
> = {
  name: 'vulnerabilities.expireDecisions',
  clause,
  command: facts.expireDecisions,
  load: loadExpiring,
  authorize: () => ({ action: 'settleBacklog' }),
  decide: decisions.decideExpiry,
  project: projectEnded,
};

export const changePatchPolicy: Flow<PolicyState, ChangePolicy, PatchPolicyChanged, PolicyRefusal> =
  {
    name: 'vulnerabilities.changePatchPolicy',
    clause,
    command: changePolicy,
    load: loadPolicy,
    authorize: () => ({ action: 'changePatchPolicy' }),
    decide: decidePolicy,
    project: projectPolicy,
    effects: mailsOfPolicy,
  };
