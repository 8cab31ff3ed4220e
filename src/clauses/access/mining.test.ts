import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Mined, type MinedRole, minedRoles, mineRoles, type Relation } from './mining.ts';

/** A table a person can read: a line for each user, a column for each permission, x for held. */
function relationOf(...lines: readonly string[]): Relation {
  const pairs = lines.flatMap((line, user) =>
    [...line].flatMap((mark, permission) => (mark === 'x' ? [user, permission] : [])),
  );
  return {
    users: lines.length,
    permissions: Math.max(0, ...lines.map((line) => line.length)),
    pairs: Uint32Array.from(pairs),
  };
}

const square = (size: number, held: (user: number, permission: number) => boolean): Relation =>
  relationOf(
    ...Array.from({ length: size }, (_, user) =>
      Array.from({ length: size }, (__, permission) => (held(user, permission) ? 'x' : '.')).join(
        '',
      ),
    ),
  );

/** What the roles give, said as the relation is: independent of how they were found. */
function givenBy(roles: readonly MinedRole[]): Set<string> {
  return new Set(
    roles.flatMap(({ users, permissions }) =>
      users.flatMap((user) => permissions.map((permission) => `${user} ${permission}`)),
    ),
  );
}

function heldIn({ pairs }: Relation): Set<string> {
  const held = new Set<string>();
  for (let n = 0; n < pairs.length; n += 2) held.add(`${pairs[n]} ${pairs[n + 1]}`);
  return held;
}

/** The least number of roles by trying all sets of them: for tables of a few permissions only. */
function fewestByTrial(relation: Relation): number {
  const rows = Array.from({ length: relation.users }, () => 0);
  for (let n = 0; n < relation.pairs.length; n += 2) {
    const user = relation.pairs[n] as number;
    rows[user] = (rows[user] as number) | (1 << (relation.pairs[n + 1] as number));
  }
  const candidates = Array.from({ length: 2 ** relation.permissions - 1 }, (_, n) => n + 1).filter(
    (role) => rows.some((row) => (role & ~row) === 0),
  );
  const covers = (roles: readonly number[]) =>
    rows.every(
      (row) => row === roles.reduce((sum, role) => ((role & ~row) === 0 ? sum | role : sum), 0),
    );
  const found = (left: number, from: number, chosen: readonly number[]): boolean =>
    left === 0
      ? covers(chosen)
      : candidates.some((role, n) => n >= from && found(left - 1, n + 1, [...chosen, role]));
  let count = 0;
  while (!found(count, 0, [])) count += 1;
  return count;
}

const relations = (most: number) =>
  fc
    .record({
      users: fc.integer({ min: 0, max: most }),
      permissions: fc.integer({ min: 0, max: most }),
    })
    .chain(({ users, permissions }) =>
      fc
        .array(
          fc.tuple(
            fc.integer({ min: 0, max: Math.max(0, users - 1) }),
            fc.integer({ min: 0, max: Math.max(0, permissions - 1) }),
          ),
          {
            maxLength: users * permissions,
            ...(users * permissions === 0 ? { maxLength: 0 } : {}),
          },
        )
        .map((list) => ({ users, permissions, pairs: Uint32Array.from(list.flat()) })),
    );

describe('role suggestions: tables with a known least number', () => {
  const table: readonly [what: string, relation: Relation, fewest: number][] = [
    ['nobody holds anything', relationOf('...', '...'), 0],
    ['no users at all', relationOf(), 0],
    ['everybody holds the same', relationOf('xxx', 'xxx', 'xxx'), 1],
    ['each holds something of their own', square(5, (user, permission) => user === permission), 5],
    ['each holds one more than the last', square(5, (user, permission) => permission <= user), 5],
    ['two departments and one who works in both', relationOf('xx..', '..xx', 'xxxx'), 2],
    ['a common role and two special ones', relationOf('xxx.', 'xx.x', 'xxxx', 'xx..'), 3],
    // All but their own: k roles do for as many as there are choices of half of k (de Caen, Gregory
    // and Pullman, The Boolean rank of zero-one matrices, 1981).
    ['six hold all but their own', square(6, (user, permission) => user !== permission), 4],
  ];
  it.each(table)('%s', (_, relation, fewest) => {
    const { roles, atLeast } = minedRoles(relation);
    expect(roles).toHaveLength(fewest);
    expect(atLeast).toBeLessThanOrEqual(fewest);
    expect(givenBy(roles)).toEqual(heldIn(relation));
  });

  it('tells who would hold what, the role of the most people first', () => {
    expect(minedRoles(relationOf('xx..', '..xx', 'xxxx', '..xx'))).toEqual({
      atLeast: 2,
      roles: [
        { permissions: [2, 3], users: [1, 2, 3] },
        { permissions: [0, 1], users: [0, 2] },
      ],
    } satisfies Mined);
  });
});

describe('role suggestions: any relation', () => {
  it('gives everybody exactly what they hold: nothing lost, nothing more', () => {
    fc.assert(
      fc.property(relations(24), (relation) => {
        const { roles, atLeast } = minedRoles(relation);
        expect(givenBy(roles)).toEqual(heldIn(relation));
        expect(roles.length).toBeLessThanOrEqual(Math.min(relation.users, relation.permissions));
        expect(atLeast).toBeLessThanOrEqual(roles.length);
      }),
      { numRuns: 300 },
    );
  });

  it('gives nobody a role they could do without', () => {
    fc.assert(
      fc.property(relations(12), (relation) => {
        const { roles } = minedRoles(relation);
        const without = (left: MinedRole, user: number) =>
          roles.map((role) =>
            role === left ? { ...role, users: role.users.filter((it) => it !== user) } : role,
          );
        for (const role of roles) {
          for (const user of role.users) {
            expect(givenBy(without(role, user)).size).toBeLessThan(heldIn(relation).size);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('answers the same whatever the order of the pairs', () => {
    fc.assert(
      fc.property(relations(20), fc.infiniteStream(fc.nat()), (relation, keys) => {
        const pairs = Array.from({ length: relation.pairs.length / 2 }, (_, n) => ({
          pair: [...relation.pairs.slice(2 * n, 2 * n + 2)],
          key: keys.next().value,
        })).sort((a, b) => a.key - b.key);
        const mixed = { ...relation, pairs: Uint32Array.from(pairs.flatMap(({ pair }) => pair)) };
        expect(minedRoles(mixed)).toEqual(minedRoles(relation));
      }),
    );
  });

  it('needs no more roles than the least there are, and never claims more to be needed', () => {
    fc.assert(
      fc.property(relations(4), (relation) => {
        const { roles, atLeast } = minedRoles(relation);
        const fewest = fewestByTrial(relation);
        expect(roles).toHaveLength(fewest);
        expect(atLeast).toBeLessThanOrEqual(fewest);
      }),
      { numRuns: 200 },
    );
  });
});

describe('role suggestions: a search that is watched', () => {
  it('tells how far it is, never backwards, up to the end', () => {
    const steps = [...mineRoles(square(6, (user, permission) => permission <= user))];
    expect(steps.map(({ done }) => done)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(new Set(steps.map(({ total }) => total))).toEqual(new Set([6]));
  });
});
