/** The name under which a statement is prepared; undefined while that is not worth it. */
export type NameOf = (
  text: string,
  values: readonly unknown[],
  where: { readonly overAndOver: boolean },
) => string | undefined;

/** A statement that comes so often is prepared. */
const worthwhileUses = 4;

/**
 * Outside transactions longer queries are lists and reports: how they are best carried out depends
 * on what is asked for, so they are planned anew each time. Inside, and where statements travel
 * together, they are what commands and checks say over and over, and planning costs more than
 * carrying them out.
 */
const lengthLimitOutside = 400;

/** A longer list of values tells the planner how much there is to do; that must not be forgotten. */
const listLimit = 32;

/** Bounds what each connection of PostgreSQL keeps, where nothing else is said, and the texts that are counted. */
const usualLimit = 300;
const countedLimit = 2_000;

/**
 * Names for the statements that come often: one set for all connections of a pool, so that each
 * prepares the same text under the same name.
 */
export function namesOfFrequent(preparedLimit?: number): NameOf {
  const limit = preparedLimit ?? usualLimit;
  // Whoever keeps many says little else than what was said before.
  const lengthLimit = preparedLimit === undefined ? lengthLimitOutside : Number.POSITIVE_INFINITY;
  const names = new Map<string, string>();
  const uses = new Map<string, number>();
  return (text, values, { overAndOver }) => {
    if (!overAndOver && text.length > lengthLimit) return undefined;
    if (values.some(isLong)) return undefined;
    const known = names.get(text);
    if (known !== undefined || names.size === limit) return known;
    const used = (uses.get(text) ?? 0) + 1;
    if (used < worthwhileUses) {
      // Counting begins again rather than growing with texts that differ every time.
      if (uses.size === countedLimit) uses.clear();
      uses.set(text, used);
      return undefined;
    }
    uses.delete(text);
    const name = `kept_${names.size}`;
    names.set(text, name);
    return name;
  };
}

/** Lists, and rows that are brought as JSON. */
function isLong(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length > listLimit
    : typeof value === 'string' && value.length > 64 * listLimit * 8;
}
