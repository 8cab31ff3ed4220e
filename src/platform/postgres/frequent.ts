/** The name under which a statement is prepared; undefined while that is not worth it. */
export type NameOf = (text: string, values: readonly unknown[]) => string | undefined;

/** A statement that comes so often is prepared. */
const worthwhileUses = 8;

/**
 * Longer statements are those of imports, campaigns and reports. How they are best carried out
 * depends on how much there is, so they are planned anew each time; as is whatever brings a list.
 */
const lengthLimit = 400;

/** Bounds what each connection of PostgreSQL keeps, and the texts that are counted. */
const preparedLimit = 200;
const countedLimit = 2_000;

/**
 * Names for the statements about single rows that come often: one set for all connections of a
 * pool, so that each prepares the same text under the same name.
 */
export function namesOfFrequent(): NameOf {
  const names = new Map<string, string>();
  const uses = new Map<string, number>();
  return (text, values) => {
    if (values.length === 0 || text.length > lengthLimit || values.some(Array.isArray))
      return undefined;
    const known = names.get(text);
    if (known !== undefined || names.size === preparedLimit) return known;
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
