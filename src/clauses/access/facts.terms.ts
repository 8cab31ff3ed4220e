/** Words and figures of the review that browsers need as well: without schemas, so that no parser is sent along. */

/** Days, hours and sizes that ship; an organisation changes them in the settings of the review. */
export const defaults = {
  lengthDays: 21,
  revokeWithinHours: 7 * 24,
  /** Until what a leaver held, or somebody took in an emergency, must be gone. */
  atOnceWithinHours: 24,
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
