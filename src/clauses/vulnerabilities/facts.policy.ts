import { z } from 'zod';
import type { Event } from '../../policy/event.ts';
import type { ReclassifiedCounts } from './facts.settling.ts';
import { policyClasses } from './facts.terms.ts';

/** The patch policy: deadlines by class, as versions of which the newest is in force. */

const days = z.int().min(1).max(3660);

export const patchPolicy = z
  .object({
    /** Worst first: from which score on a class begins, and in how many days it is to be fixed. */
    classes: z
      .array(
        z.object({
          class: z.enum(policyClasses),
          fromScore: z.number().min(0.1).max(10).multipleOf(0.1),
          days,
        }),
      )
      .length(policyClasses.length),
    /** What is known to be exploited is fixed within so many days, whatever its class. */
    exploitedDays: days,
    /** Longest that an accepted risk may last. */
    acceptanceDays: z.int().min(1).max(366),
    textEn: z.string().trim().min(1).max(20_000),
    textJa: z.string().trim().min(1).max(20_000),
  })
  .refine(({ classes }) => policyClasses.every((name, n) => classes[n]?.class === name), {
    message: 'the classes are critical, high, medium, low, in this order',
    path: ['classes'],
  })
  .refine(({ classes }) => falling(classes.map(({ fromScore }) => fromScore)), {
    message: 'a worse class begins at a higher score',
    path: ['classes'],
  })
  .refine(({ classes }) => rising(classes.map((each) => each.days)), {
    message: 'a worse class has no more days than one less bad',
    path: ['classes'],
  });
export type PatchPolicy = z.output<typeof patchPolicy>;

/** As it is in force. */
export interface PolicyInForce extends PatchPolicy {
  readonly version: number;
}

export const changePolicy = z.object({
  /** Version that the change was made from. */
  version: z.int(),
  policy: patchPolicy,
});
export type ChangePolicy = z.output<typeof changePolicy>;

export type PatchPolicyChanged = Event & {
  readonly type: 'PatchPolicyChanged';
  readonly body: ReclassifiedCounts & {
    readonly version: number;
    readonly itemsBlob: string | null;
  };
  readonly policy: PatchPolicy;
};

export type PolicyRefusal = 'versionConflict' | 'nothingToChange';

function falling(numbers: readonly number[]): boolean {
  return numbers.every((number, n) => n === 0 || number < (numbers[n - 1] ?? 0));
}

function rising(numbers: readonly number[]): boolean {
  return numbers.every((number, n) => n === 0 || number >= (numbers[n - 1] ?? 0));
}
