import type { Effect } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import {
  type AcknowledgementCommand,
  type AcknowledgementEvent,
  type AcknowledgementRefusal,
  type AcknowledgementState,
  acknowledgementCommand,
} from './facts.acknowledgement.ts';
import {
  type OfficeCommand,
  type OfficeEvent,
  type OfficeRefusal,
  type OfficeState,
  officeCommand,
} from './facts.office.ts';
import {
  type ApprovalCommand,
  type ApprovalEvent,
  type Asked,
  approvalCommand,
  type DraftCommand,
  type DraftEvent,
  draftCommand,
  type RefusalCode,
} from './facts.ts';
import { decideAcknowledgement } from './flow.acknowledgement.ts';
import { type ApprovalState, decideApproval } from './flow.approval.ts';
import { type DraftState, decideDraft } from './flow.draft.ts';
import { decideOffice } from './flow.office.ts';
import { loadAcknowledgement, projectAcknowledgement } from './store.acknowledgement.ts';
import { loadApproval, projectApproval } from './store.approval.ts';
import { loadDraft, projectDraft } from './store.draft.ts';
import { loadOffice, projectOffice } from './store.office.ts';

/** The four ways of a command in this clause: who decides, what is read before, what is written after. */

export const draftFlow: Flow<DraftState, DraftCommand, DraftEvent, RefusalCode> = {
  name: 'publication.draft',
  clause: 'publication',
  command: draftCommand,
  load: loadDraft,
  authorize: () => ({ action: 'editPolicy' }),
  decide: decideDraft,
  project: projectDraft,
};

export const approvalFlow: Flow<ApprovalState, ApprovalCommand, ApprovalEvent, RefusalCode> = {
  name: 'publication.approval',
  clause: 'publication',
  command: approvalCommand,
  load: loadApproval,
  authorize: (_state, command) => ({ action: approvalActions[command.do] }),
  decide: decideApproval,
  project: projectApproval,
  effects: (event, state) =>
    event.type === 'AcknowledgementsAsked'
      ? mails(state.asked, 'acknowledgementAsked', { number: event.body.number })
      : [],
};

const approvalActions: Readonly<Record<ApprovalCommand['do'], string>> = {
  propose: 'editPolicy',
  withdraw: 'editPolicy',
  reject: 'approvePolicy',
  approve: 'approvePolicy',
  publishNow: 'approvePolicy',
  publishDue: 'approvePolicy',
};

export const acknowledgementFlow: Flow<
  AcknowledgementState,
  AcknowledgementCommand,
  AcknowledgementEvent,
  AcknowledgementRefusal
> = {
  name: 'publication.acknowledgement',
  clause: 'publication',
  command: acknowledgementCommand,
  load: loadAcknowledgement,
  // Only Kept itself reads the roster and reminds; no role holds that action.
  authorize: (_state, command) => ({
    action: command.do === 'acknowledge' ? 'acknowledgePolicy' : 'askForAcknowledgements',
  }),
  decide: decideAcknowledgement,
  project: projectAcknowledgement,
  effects: (event, state) => {
    if (event.type === 'AcknowledgementsAsked') {
      return mails(state.newcomers, 'acknowledgementAsked', { number: event.body.number });
    }
    return event.type === 'AcknowledgementsReminded'
      ? mails(state.waiting, 'acknowledgementReminder', { days: event.body.days })
      : [];
  },
};

export const officeFlow: Flow<OfficeState, OfficeCommand, OfficeEvent, OfficeRefusal> = {
  name: 'publication.office',
  clause: 'publication',
  command: officeCommand,
  load: loadOffice,
  authorize: (_state, command) => ({ action: officeActions[command.do] }),
  decide: decideOffice,
  project: projectOffice,
};

const officeActions: Readonly<Record<OfficeCommand['do'], string>> = {
  changeSettings: 'changePublicationSettings',
  reportVulnerability: 'reportVulnerability',
  answerReport: 'answerVulnerabilityReport',
  reviewPolicy: 'reviewPolicy',
  declare: 'declarePolicy',
};

function mails(
  people: readonly Asked[],
  name: string,
  params: Readonly<Record<string, number>>,
): readonly Effect[] {
  return people.map(({ personId }) => ({
    kind: 'mail',
    to: personId,
    template: `publication.${name}`,
    params,
    path: '/console/policy/acknowledge',
  }));
}
