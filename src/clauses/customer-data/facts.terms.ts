/** Words and figures of cases that browsers need as well: without schemas, so that no parser is sent along. */

/** What ships; an organisation changes it in the settings of cases. */
export const shipped = {
  /** For how long a case may be open at most. */
  longestHours: 24,
  /** Until when what was read is reconciled after a case ended. */
  reconcileDays: 5,
  /** Until when a case is approved and opened, before it lapses. */
  lapseDays: 7,
} as const;

/** Hours in which an emergency is reviewed, and in which the customer is told of it at the latest. */
export const reviewWithinHours = 24;

/** Hours that the form proposes. */
export const usualHours = 4;

export const bases = ['terms', 'contract', 'consent'] as const;
export type Basis = (typeof bases)[number];

/** What is stored; what a reader is shown has two more, which follow: `awaitingCustomer`, `expired`. */
export const caseStates = [
  'asked',
  'approved',
  'open',
  'ended',
  'reconciled',
  'refused',
  'withdrawn',
  'lapsed',
] as const;
export type CaseState = (typeof caseStates)[number];

export const shownStates = ['awaitingCustomer', ...caseStates] as const;

export const verdicts = ['justified', 'unjustified'] as const;
export type Verdict = (typeof verdicts)[number];

/** In what a read differs from what was approved. */
export const deviations = [
  'notRequester',
  'outsideTime',
  'outsideScope',
  'copied',
  'unlisted',
] as const;
export type Deviation = (typeof deviations)[number];
