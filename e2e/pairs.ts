/** An account and an entitlement of a system. */
export type Pair = readonly [user: string, permission: string];

export const pairText = ([user, permission]: Pair): string => `${user} ${permission}`;

/** Reads lines of `user permission`, right-aligned in columns. */
export function readPairs(text: string): Pair[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [user = '', permission = ''] = line.trim().split(/\s+/);
      return [user, permission];
    });
}

/**
 * A population of the shape of a real one: few roles that many people share, a tail of people with
 * permissions of their own, every user and every permission there at least once. Always the same.
 */
export function generatedPairs({
  pairs,
  users,
  permissions,
}: {
  readonly pairs: number;
  readonly users: number;
  readonly permissions: number;
}): Pair[] {
  const seen = new Map<string, Pair>();
  const add = (user: number, permission: number): void => {
    const pair: Pair = [String(user + 1), String(permission + 1)];
    seen.set(pairText(pair), pair);
  };
  for (let n = 0; n < Math.max(users, permissions); n += 1) add(n % users, n % permissions);
  // Park and Miller's generator: repeatable everywhere.
  let state = 1;
  const below = (limit: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
  while (seen.size < pairs) {
    const user = below(users);
    // Every eighth permission is of the role that a user shares with others.
    const role = Math.floor((user * 12) / users);
    const isShared = below(8) > 0;
    add(
      user,
      isShared ? (role * 53 + below(Math.ceil(permissions / 8))) % permissions : below(permissions),
    );
  }
  return [...seen.values()];
}
