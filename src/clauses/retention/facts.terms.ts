/** Terms that screens share with the rules; nothing else, so that they load light. */

/** Days in which a closure can be rolled back, and by which everything is gone, counted from day 0. */
export const reopenDays = 30;
export const eraseDays = 90;

export const closureStates = ['closing', 'reopened', 'erasing', 'erased', 'certified'] as const;
export type ClosureState = (typeof closureStates)[number];
