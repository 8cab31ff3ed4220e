import type { MinedRole } from './mining.assigning.ts';

/** What names are made of, by the numbers of the relation. */
export interface NameParts {
  /** Department of a user; empty where none is known. */
  readonly departmentOf: (user: number) => string;
  readonly nameOf: (permission: number) => string;
}

/** Share of a role's holders who must be of one department for the role to be named after it. */
const MOST = 0.8;

/**
 * A name for each role, no two alike: the department that most of its holders are of, and what tells
 * the role from others: of what it gives, that which the fewest others have. Words of the register
 * alone, so that it can be read in either language.
 */
export function namesOf(roles: readonly MinedRole[], parts: NameParts): string[] {
  const rolesGiving = new Map<number, number>();
  for (const { permissions } of roles) {
    for (const permission of permissions) {
      rolesGiving.set(permission, (rolesGiving.get(permission) ?? 0) + 1);
    }
  }
  const times = new Map<string, number>();
  return roles.map((role) => {
    const department = departmentOfMost(role, parts);
    const telling = parts.nameOf(mostTelling(role, rolesGiving));
    const name = department === '' ? telling : `${department} · ${telling}`;
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    return time === 1 ? name : `${name} (${time})`;
  });
}

function departmentOfMost({ users }: MinedRole, { departmentOf }: NameParts): string {
  const counts = new Map<string, number>();
  for (const user of users) {
    const department = departmentOf(user);
    counts.set(department, (counts.get(department) ?? 0) + 1);
  }
  for (const [department, count] of counts) {
    if (count >= MOST * users.length) return department;
  }
  return '';
}

/** What the fewest roles give; the first of those. */
function mostTelling({ permissions }: MinedRole, rolesGiving: ReadonlyMap<number, number>): number {
  return permissions.reduce((best, permission) =>
    (rolesGiving.get(permission) as number) < (rolesGiving.get(best) as number) ? permission : best,
  );
}
