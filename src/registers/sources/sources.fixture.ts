import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import { executeAs } from '../../platform/execute.ts';
import { actorWith, type TestWorld } from '../../platform/testing/world.ts';
import type { Request, Route } from '../../policy/route.ts';

export const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
export const [officer, engineer, auditor] = [
  actorWith(id(1), 'security-officer'),
  actorWith(id(2), 'engineer'),
  actorWith(id(3), 'auditor'),
];
export const shop = id(11);
export const web = {
  key: 'web',
  name: 'Web shop',
  kind: 'repository',
  systemId: shop,
  cadenceDays: 7,
};

/** The people and the asset that sources are registered with. */
export async function staffed(db: Db): Promise<void> {
  await sql`insert into person (id, name) values (${id(1)}, 'Olga'), (${id(2)}, 'Erin')`.execute(
    db,
  );
  await sql`insert into system (id, key, name) values (${shop}, 'shop', 'Shop')`.execute(db);
}

/** Calls a route; its answer, or the refusal. */
export function callsOf(world: TestWorld) {
  return async (actor: typeof officer, route: Route, input: object) => {
    const request: Request = {
      db: world.database.db,
      execute: executeAs(world, actor),
      actor,
      now: world.now(),
      zone: 'Asia/Tokyo',
      language: 'en',
      may: () => true,
      url: world.url,
    };
    const answer = await route.handle(request, route.input.parse(input));
    if ('stream' in answer) throw new Error('streamed');
    return answer.ok ? (answer.value as Record<string, unknown>) : answer.refusal;
  };
}

export const lock = (packages: Readonly<Record<string, string>>) => ({
  name: 'web/package-lock.json',
  text: JSON.stringify({
    lockfileVersion: 3,
    packages: {
      '': { dependencies: packages },
      ...Object.fromEntries(
        Object.entries(packages).map(([name, version]) => [`node_modules/${name}`, { version }]),
      ),
    },
  }),
});

/** What the newest audits have, `name@version`. */
export async function heldBy(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ line: string }>`
    select held.name || '@' || held.version as line from component
    join package_version held on held.id = component.package_version_id order by 1`.execute(db);
  return rows.map(({ line }) => line);
}
