/** Words of the backlog that browsers need as well: without schemas, so that no parser is sent along. */

/**
 * Where an item of the backlog stands. `fixed` is reached by proof alone: the next inventory, or the
 * tool's next complete report, no longer has it. `lapsed`: what it stood on fell away without such proof,
 * because its source was retired or its advisory withdrawn or put right.
 */
export const itemStates = [
  'open',
  'working',
  'notAffected',
  'accepted',
  'fixed',
  'lapsed',
] as const;
export type ItemState = (typeof itemStates)[number];

/** Worst first. `unrated`: nobody has given a vector or a word; it is due as `medium` is. */
export const itemClasses = ['critical', 'high', 'medium', 'low', 'none', 'unrated'] as const;
export type ItemClass = (typeof itemClasses)[number];

/** Classes that the patch policy gives days to, worst first. */
export const policyClasses = ['critical', 'high', 'medium', 'low'] as const;

export const decisionKinds = ['notAffected', 'accepted'] as const;
export type DecisionKind = (typeof decisionKinds)[number];

export const decisionStates = [
  'asked',
  'approved',
  'refused',
  'withdrawn',
  'expired',
  'ended',
] as const;

/** Why software is not affected (VEX, "status justifications"). */
export const justifications = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const;
export type Justification = (typeof justifications)[number];

/** The patch policy that ships; an organisation writes its own. */
export const shippedPolicy = {
  classes: [
    { class: 'critical', fromScore: 9, days: 7 },
    { class: 'high', fromScore: 7, days: 30 },
    { class: 'medium', fromScore: 4, days: 90 },
    { class: 'low', fromScore: 0.1, days: 180 },
  ],
  exploitedDays: 3,
  acceptanceDays: 180,
} as const;

/** A decision of "not affected" lasts no longer than so many days. */
export const longestNotAffectedDays = 366;

/** Most items of one act by a person. */
export const bulkLimit = 500;
