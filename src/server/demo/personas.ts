import { type Context, Hono } from 'hono';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Role } from '../../kernel/actor.ts';
import { dateIn } from '../../kernel/instant.ts';
import { isFromHere, socketAddress } from '../../platform/http/caller.ts';
import { limited } from '../../platform/http/limit.ts';
import { type Env, languageOf } from '../../platform/http/mount.ts';
import { platformProblem } from '../../platform/http/problems.ts';
import { createLogin } from '../../platform/identity/login.ts';
import { openSession } from '../../platform/identity/session.ts';
import type { Dictionary } from '../../platform/words.ts';
import type { World } from '../../platform/world.ts';

/** Somebody of the sample company whom the reader may be. */
export interface PersonaItem {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

const choice = z.object({ persona: z.uuid() });

/**
 * Sign-in by choosing a person, in the demo alone. Nothing is proven by it, and the session says
 * so (`persona`); the guard of ACC-3 accepts such a session nowhere else. Only a browser on this
 * machine can choose: with any other name in `Host`, or through a proxy, it gets 403. Where this is
 * no demo the paths do not exist. Mount at `/api/v1/demo`.
 */
export function demoHandler(world: World, words: Dictionary): Hono<Env> {
  const app = new Hono<Env>();
  if (!world.demo) return app;
  app.use(async (c, next) =>
    isFromHere(c)
      ? next()
      : platformProblem(c, words, languageOf(c.req.raw, null), 'notFromHere', 403),
  );
  app.get('/personas', async (c) => {
    c.header('cache-control', 'no-store');
    return c.json({ items: await personas(world) });
  });
  app.post('/sign-in', limited(words), (c) => signIn(c, world, words));
  return app;
}

/** One person for each set of roles, who stays and has been there longest; those with the most to do first. */
export async function personas(world: World): Promise<readonly PersonaItem[]> {
  const { rows } = await sql<PersonaItem>`
    select distinct on (array(select unnest(roles) order by 1)) id, name, roles from person
    where erased_at is null and not 'customer' = any(roles) and cardinality(roles) > 0
      and (starts_on is null or starts_on <= ${await today(world)})
      and (ends_on is null or ends_on >= ${await today(world)})
    order by array(select unnest(roles) order by 1), ends_on is not null, starts_on, id`.execute(
    world.database.db,
  );
  return rows.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name)).slice(0, 12);
}

const order: readonly Role[] = [
  'security-officer',
  'commercial-officer',
  'people',
  'auditor',
  'engineer',
  'support',
];

function rank({ roles }: PersonaItem): number {
  const place = order.findIndex((role) => roles.includes(role));
  return place < 0 ? order.length : place;
}

async function today(world: World): Promise<Temporal.PlainDate> {
  return dateIn(world.now(), (await world.organisation())?.zone ?? 'UTC');
}

async function signIn(c: Context<Env>, world: World, words: Dictionary): Promise<Response> {
  const input = choice.safeParse(await c.req.json().catch(() => null));
  const userId = input.success ? await loginOf(world, input.data.persona) : null;
  if (!userId) return platformProblem(c, words, languageOf(c.req.raw, null), 'notFound', 404);
  const device = { address: socketAddress(c), userAgent: c.req.header('user-agent') ?? '' };
  const { setCookie } = await openSession(world, world.database.db, userId, ['persona'], device);
  c.header('set-cookie', setCookie);
  c.header('cache-control', 'no-store');
  return c.json({ state: 'signedIn' });
}

/** The login of a person who works there, made where they have none: no password opens it. */
async function loginOf(world: World, personId: string): Promise<string | null> {
  return world.database.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ name: string; email: string | null; user_id: string | null }>`
      select p.name, p.email, u.id as user_id from person as p left join auth_user as u on u.person_id = p.id
      where p.id = ${personId} and p.erased_at is null and (p.ends_on is null or p.ends_on >= ${await today(world)})
      for update of p`.execute(tx);
    const [person] = rows;
    if (!person) return null;
    if (person.user_id) return person.user_id;
    const email = person.email ?? `${personId}@login.invalid`;
    const login = { personId, name: person.name, email, passwordHash: null, enrolBy: null };
    return (await createLogin(world, tx, login)).userId;
  });
}
