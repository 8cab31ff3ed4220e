import type { Flow } from '../../policy/flow.ts';
import * as facts from './facts.ts';
import * as cases from './flow.cases.ts';
import * as closing from './flow.closing.ts';
import * as mails from './flow.mails.ts';
import * as requesting from './flow.requesting.ts';
import {
  loadCase,
  projectCustomerDecided,
  projectDeciding,
  projectDropped,
  projectEnded,
} from './store.cases.ts';
import {
  loadReconciling,
  projectMissed,
  projectReconciling,
  projectReviewed,
} from './store.closing.ts';
import { projectExtensionAsked, projectExtensionDecided } from './store.extending.ts';
import { loadRequesting, projectRequested } from './store.requesting.ts';
import { projectSettings } from './store.settings.ts';

export { readUnderCase } from './store.reading.ts';

type Code = facts.CaseRefusal;
type Hand = cases.CaseInHand;
const clause = 'customer-data';
const name = (flow: string) => `${clause}.${flow}`;

export const requestCase: Flow<
  requesting.RequestingState,
  facts.RequestCase,
  facts.CaseRequested,
  Code
> = {
  name: name('requestCase'),
  clause,
  command: facts.requestCase,
  load: loadRequesting,
  authorize: () => ({ action: 'requestCase' }),
  decide: requesting.decideRequest,
  project: projectRequested,
  effects: mails.mailsOfRequest,
};

export const withdrawCase: Flow<Hand, facts.OneCase, facts.CaseWithdrawn, Code> = {
  name: name('withdrawCase'),
  clause,
  command: facts.oneCase,
  load: loadCase,
  authorize: () => ({ action: 'requestCase' }),
  decide: requesting.decideWithdrawal,
  project: projectDropped,
};

/** Run by the clock alone. */
export const lapseCase: Flow<Hand, facts.OneCase, facts.CaseLapsed, Code> = {
  name: name('lapseCase'),
  clause,
  command: facts.oneCase,
  load: loadCase,
  authorize: () => ({ action: 'lapseCase' }),
  decide: requesting.decideLapse,
  project: projectDropped,
  effects: mails.mailsOfLapse,
};

/** That nobody approves their own is the guard of CUS-3 in flow.cases.ts: its refusals are on record. */
export const decideCase: Flow<Hand, facts.DecideCase, cases.Deciding, Code> = {
  name: name('decideCase'),
  clause,
  command: facts.decideCase,
  load: loadCase,
  authorize: ({ found }) => ({ action: found?.emergency ? 'confirmEmergency' : 'approveCase' }),
  decide: cases.decideOnCase,
  project: projectDeciding,
  effects: mails.mailsOfDeciding,
};

/** Executed by the portal, as the contact who signed in there. */
export const customerDecides: Flow<Hand, facts.CustomerDecides, facts.CustomerDecided, Code> = {
  name: name('customerDecides'),
  clause,
  command: facts.customerDecides,
  load: loadCase,
  authorize: () => ({ action: 'decideAsCustomer' }),
  decide: cases.decideByCustomer,
  project: projectCustomerDecided,
  effects: mails.mailsByCustomer,
};

export const openCase: Flow<Hand, facts.OneCase, facts.CaseOpened | facts.CustomerTold, Code> = {
  name: name('openCase'),
  clause,
  command: facts.oneCase,
  load: loadCase,
  authorize: () => ({ action: 'openCase' }),
  decide: cases.decideOpening,
  project: projectDeciding,
  effects: mails.mailsOfDeciding,
};

export const askExtension: Flow<Hand, facts.AskExtension, facts.ExtensionAsked, Code> = {
  name: name('askExtension'),
  clause,
  command: facts.askExtension,
  load: loadCase,
  authorize: () => ({ action: 'openCase' }),
  decide: cases.decideExtensionAsked,
  project: projectExtensionAsked,
  effects: mails.mailsOfExtensionAsked,
};

export const decideExtension: Flow<Hand, facts.DecideCase, facts.ExtensionDecided, Code> = {
  name: name('decideExtension'),
  clause,
  command: facts.decideCase,
  load: loadCase,
  authorize: ({ found }) => ({ action: found?.emergency ? 'confirmEmergency' : 'approveCase' }),
  decide: cases.decideOnExtension,
  project: projectExtensionDecided,
  effects: mails.mailsOfExtension,
};

/** By whoever asked, or by the clock. */
export const endCase: Flow<Hand, facts.OneCase, facts.CaseEnded, Code> = {
  name: name('endCase'),
  clause,
  command: facts.oneCase,
  load: loadCase,
  authorize: () => ({ action: 'openCase' }),
  decide: cases.decideEnd,
  project: projectEnded,
};

export const reconcileCase: Flow<
  closing.ReconcilingState,
  facts.ReconcileCase,
  facts.CaseReconciled | facts.CustomerTold,
  Code
> = {
  name: name('reconcileCase'),
  clause,
  command: facts.reconcileCase,
  load: loadReconciling,
  authorize: () => ({ action: 'reconcileCase' }),
  decide: closing.decideReconciliation,
  project: projectReconciling,
  effects: mails.mailsOfReconciling,
};

export const tellCustomer: Flow<closing.ReconcilingState, facts.OneCase, facts.CustomerTold, Code> =
  {
    name: name('tellCustomer'),
    clause,
    command: facts.oneCase,
    load: loadReconciling,
    authorize: () => ({ action: 'reconcileCase' }),
    decide: closing.decideTelling,
    project: projectReconciling,
    effects: mails.mailsOfReconciling,
  };

export const reviewEmergencyCase: Flow<Hand, facts.ReviewCase, facts.CaseReviewed, Code> = {
  name: name('reviewEmergencyCase'),
  clause,
  command: facts.reviewCase,
  load: loadCase,
  authorize: () => ({ action: 'reviewEmergencyCase' }),
  decide: closing.decideReview,
  project: projectReviewed,
};

/** Run by the clock alone. */
export const missReconciliation: Flow<Hand, facts.OneCase, facts.CaseDutyMissed, Code> = {
  name: name('missReconciliation'),
  clause,
  command: facts.oneCase,
  load: loadCase,
  authorize: () => ({ action: 'missCaseDuty' }),
  decide: closing.decideReconciliationMissed,
  project: projectMissed,
};

/** Run by the clock alone. */
export const missCaseReview: Flow<Hand, facts.OneCase, facts.CaseDutyMissed, Code> = {
  name: name('missCaseReview'),
  clause,
  command: facts.oneCase,
  load: loadCase,
  authorize: () => ({ action: 'missCaseDuty' }),
  decide: closing.decideReviewMissed,
  project: projectMissed,
};

export const changeCaseSettings: Flow<null, facts.CaseSettings, facts.CaseSettingsChanged, Code> = {
  name: name('changeCaseSettings'),
  clause,
  command: facts.caseSettings,
  load: async () => null,
  authorize: () => ({ action: 'changeCaseSettings' }),
  decide: requesting.decideSettings,
  project: projectSettings,
};
