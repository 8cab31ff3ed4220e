import { CvssFault, type Requirements, scoreForAsset } from '../../advisories/cvss.ts';
import type { Severity } from '../../advisories/severity.ts';
import type { PatchPolicy } from './facts.policy.ts';
import type { ItemClass } from './facts.terms.ts';

/** What the class of an item stands on. */
export interface Ratable {
  /** Its own, else the vulnerability's; null where nobody gave one. */
  readonly vector: string | null;
  /** The word of those who published it. */
  readonly severity: Severity;
  /** What the loss of the asset would do. */
  readonly requirements: Requirements;
}

export interface Rating {
  /** Environmental score, 0 to 10 in tenths; null where there is neither vector nor word. */
  readonly score: number | null;
  readonly class: ItemClass;
}

/** Where the words of CVSS begin (FIRST, "Qualitative Severity Rating Scale"). */
const beginnings: Readonly<Record<Severity, number | null>> = {
  critical: 9,
  high: 7,
  medium: 4,
  low: 0.1,
  none: 0,
  unknown: null,
};

/**
 * Classes a vulnerability by what it endangers here: its vector with the asset's requirements, else the
 * lower bound of the word it goes by, else nothing.
 */
export function rate(ratable: Ratable, { classes }: Pick<PatchPolicy, 'classes'>): Rating {
  const score = scoreOf(ratable);
  if (score === null) return { score, class: 'unrated' };
  return { score, class: classes.find(({ fromScore }) => score >= fromScore)?.class ?? 'none' };
}

/** Worst first; what nobody has rated is due as `medium` is, and counts for as much. */
const badness: Readonly<Record<ItemClass, number>> = {
  critical: 4,
  high: 3,
  medium: 2,
  unrated: 2,
  low: 1,
  none: 0,
};

/** Whether an item of one class would be less bad in another. */
export function lowers(from: ItemClass, to: ItemClass): boolean {
  return badness[to] < badness[from];
}

/** An item: what is published, in its asset, and its own vector. */
export interface RatableItem extends Ratable {
  readonly ownVector: string | null;
  /** Whether a second person approved the own vector. */
  readonly isApproved: boolean;
}

export interface ItemRating extends Rating {
  /** Whether it follows from the own vector. */
  readonly ownCounts: boolean;
}

/**
 * An own vector that nobody has approved counts only as long as the item is no less bad by it than by what is
 * published: who gave it early is not believed over what became known later.
 */
export function rateItem(
  { ownVector, isApproved, ...published }: RatableItem,
  policy: Pick<PatchPolicy, 'classes'>,
): ItemRating {
  const without = rate(published, policy);
  if (ownVector === null) return { ...without, ownCounts: false };
  const own = rate({ ...published, vector: ownVector }, policy);
  const ownCounts = isApproved || !lowers(without.class, own.class);
  return { ...(ownCounts ? own : without), ownCounts };
}

function scoreOf({ vector, severity, requirements }: Ratable): number | null {
  if (vector === null) return beginnings[severity];
  try {
    return scoreForAsset(vector, requirements).environmental;
  } catch (error) {
    // A stranger's vector that is none says nothing; the word beside it may.
    if (error instanceof CvssFault) return beginnings[severity];
    throw error;
  }
}

/** Days that a class has. What nobody has rated is due as `medium` is; what endangers nothing, last. */
export function daysOf(of: ItemClass, { classes }: Pick<PatchPolicy, 'classes'>): number {
  const named = of === 'unrated' ? 'medium' : of;
  const found = classes.find((each) => each.class === named) ?? classes.at(-1);
  return found?.days ?? 0;
}

/** Whether a text is a CVSS vector that can be scored. */
export function isVector(text: string): boolean {
  try {
    scoreForAsset(text, { confidentiality: 2, integrity: 2, availability: 2 });
    return true;
  } catch (error) {
    if (error instanceof CvssFault) return false;
    throw error;
  }
}
