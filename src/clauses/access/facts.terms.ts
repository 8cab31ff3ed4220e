/** Words and figures of the review that browsers need as well: without schemas, so that no parser is sent along. */

/** Days, hours and sizes that ship; an organisation changes them in the settings of the review. */
export const defaults = {
  lengthDays: 21,
  revokeWithinHours: 7 * 24,
  /** Until what a leaver held, or somebody took in an emergency, must be gone. */
  atOnceWithinHours: 24,
  /** Until when a request is to be decided, and when one that nobody decided lapses. */
  decideWithinDays: 3,
  lapseAfterDays: 14,
  /** For how long access may be asked where the owner of the system set nothing. */
  longestDays: 366,
  /** Days before a grant's end at which its holder is told. */
  warnDays: [14, 3],
  /** How long emergency access lasts, at most, and until when it is to be reviewed after its end. */
  emergencyHours: 4,
  longestEmergencyHours: 24,
  reviewEmergencyWithinDays: 3,
  reminderDays: [7, 3, 1],
} as const;

export const decisions = ['keep', 'revoke', 'change'] as const;
export type Decision = (typeof decisions)[number];

export const reviewerRules = ['systemOwner', 'manager'] as const;
export type ReviewerRule = (typeof reviewerRules)[number];

export const campaignStates = ['open', 'complete', 'incomplete'] as const;
export type CampaignState = (typeof campaignStates)[number];

/** What places orders to remove access. */
export const orderOrigins = ['review', 'leaver', 'expiry', 'emergency', 'return'] as const;
export type OrderOrigin = (typeof orderOrigins)[number];

export const requestStates = ['open', 'approved', 'refused', 'withdrawn', 'lapsed'] as const;
export type RequestState = (typeof requestStates)[number];

export const verdicts = ['justified', 'unjustified'] as const;
export type Verdict = (typeof verdicts)[number];

/** Who approves what is privileged on a system. */
export const privilegedBys = ['owner', 'officer'] as const;
export type PrivilegedBy = (typeof privilegedBys)[number];

/** `forbid`: no grant unless excepted; `warn`: whoever approves is told. */
export const dutySeverities = ['forbid', 'warn'] as const;

/** How far the removal of a leaver's access has come. */
export const leaverStates = ['open', 'overdue', 'proven'] as const;
