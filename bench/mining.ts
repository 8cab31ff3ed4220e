import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sharedFolder } from '../conformance/suite.ts';
import { type MinedRole, minedRoles } from '../src/clauses/access/mining.ts';
import { type Figure, type Measured, within } from './figure.ts';

/** Real populations, and how many roles a suggestion may need at most. */
const populations: readonly { readonly name: string; readonly mostRoles: number }[] = [
  { name: 'hc', mostRoles: 15 },
  { name: 'domino', mostRoles: 22 },
  { name: 'emea', mostRoles: 36 },
  { name: 'apj', mostRoles: 475 },
  { name: 'fire1', mostRoles: 70 },
  { name: 'fire2', mostRoles: 11 },
  { name: 'customer', mostRoles: 280 },
  { name: 'americas_small', mostRoles: 215 },
  { name: 'americas_large', mostRoles: 430 },
];
const mostSeconds = 60;

/**
 * Role suggestions for real populations: how many roles, and how long it takes in one thread. What
 * the roles give is compared with the file, pair by pair, before anything is said about either.
 */
export const mining: Figure = {
  name: 'mining',
  async measure(ground) {
    const measured: Measured[] = [];
    for (const { name, mostRoles } of populations) {
      ground.say(`  suggesting roles for ${name} …`);
      const lines = await readLines(name);
      const { users, permissions, pairs } = numbered(lines);
      const from = performance.now();
      const { roles, atLeast } = minedRoles({
        users: users.length,
        permissions: permissions.length,
        pairs,
      });
      const seconds = (performance.now() - from) / 1000;
      compareGiven(roles, { users, permissions, lines });
      const known =
        atLeast === roles.length ? 'no fewer are possible' : `at least ${atLeast} are needed`;
      measured.push(
        within(mostRoles, {
          name: `mining-${name}`,
          says: `roles that give ${users.length.toLocaleString('en')} users exactly their ${lines.size.toLocaleString('en')} accesses; ${known}`,
          value: roles.length,
          unit: 'roles',
        }),
        within(mostSeconds, {
          name: `mining-${name}-time`,
          says: 'time to suggest them',
          value: seconds,
          unit: 's',
        }),
      );
    }
    return measured;
  },
};

/** The lines of a file, `user permission` each. */
async function readLines(name: string): Promise<ReadonlySet<string>> {
  const text = await readFile(join(sharedFolder, 'access', `${name}.txt`), 'utf8');
  return new Set(
    text
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).join(' ')),
  );
}

function numbered(lines: ReadonlySet<string>) {
  const users = new Map<string, number>();
  const permissions = new Map<string, number>();
  const place = (places: Map<string, number>, name: string): number => {
    const known = places.get(name) ?? places.size;
    places.set(name, known);
    return known;
  };
  const pairs = [...lines].flatMap((line) => {
    const [user = '', permission = ''] = line.split(' ');
    return [place(users, user), place(permissions, permission)];
  });
  return {
    users: [...users.keys()],
    permissions: [...permissions.keys()],
    pairs: Uint32Array.from(pairs),
  };
}

interface Held {
  readonly users: readonly string[];
  readonly permissions: readonly string[];
  readonly lines: ReadonlySet<string>;
}

/** @throws where the roles give anybody more, or less, than the file says */
function compareGiven(roles: readonly MinedRole[], { users, permissions, lines }: Held): void {
  const given = new Set<string>();
  for (const role of roles) {
    for (const user of role.users) {
      for (const permission of role.permissions)
        given.add(`${users[user]} ${permissions[permission]}`);
    }
  }
  const more = given.difference(lines).size;
  const less = lines.difference(given).size;
  if (more > 0 || less > 0)
    throw new Error(`the roles give ${more} accesses too many and ${less} too few`);
}
