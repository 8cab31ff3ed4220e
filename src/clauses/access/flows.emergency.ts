import type { Flow } from '../../policy/flow.ts';
import * as facts from './facts.emergency.ts';
import * as emergency from './flow.emergency.ts';
import {
  loadEmergency,
  loadTaking,
  projectEmergencyEnded,
  projectMissed,
  projectReviewed,
  projectTaken,
} from './store.emergency.ts';

type Code = facts.EmergencyRefusal;
const clause = 'access';

export const takeEmergency: Flow<
  emergency.TakingState,
  facts.TakeEmergency,
  facts.EmergencyTaken,
  Code
> = {
  name: 'access.takeEmergency',
  clause,
  command: facts.takeEmergency,
  load: loadTaking,
  authorize: () => ({ action: 'takeEmergency' }),
  decide: emergency.decideTaking,
  project: projectTaken,
  effects: emergency.mailsOfTaking,
};

export const endEmergency: Flow<
  emergency.EmergencyState,
  facts.EndEmergency,
  facts.EmergencyEnded,
  Code
> = {
  name: 'access.endEmergency',
  clause,
  command: facts.endEmergency,
  load: loadEmergency,
  authorize: () => ({ action: 'takeEmergency' }),
  decide: emergency.decideEmergencyEnd,
  project: projectEmergencyEnded,
};

/** Run by the clock alone. */
export const missEmergencyReview: Flow<
  emergency.EmergencyState,
  facts.MissEmergencyReview,
  facts.EmergencyReviewMissed,
  Code
> = {
  name: 'access.missEmergencyReview',
  clause,
  command: facts.missEmergencyReview,
  load: loadEmergency,
  authorize: () => ({ action: 'missEmergencyReview' }),
  decide: emergency.decideMissed,
  project: projectMissed,
};

export const reviewEmergency: Flow<
  emergency.EmergencyState,
  facts.ReviewEmergency,
  facts.EmergencyReviewed,
  Code
> = {
  name: 'access.reviewEmergency',
  clause,
  command: facts.reviewEmergency,
  load: loadEmergency,
  authorize: () => ({ action: 'reviewEmergency' }),
  decide: emergency.decideReview,
  project: projectReviewed,
};
