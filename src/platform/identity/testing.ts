import { join } from 'node:path';
import { Hono } from 'hono';
import { sql } from 'kysely';
import type { Role } from '../../kernel/actor.ts';
import type { Routes } from '../../policy/route.ts';
import { type Env, mountRoutes } from '../http/mount.ts';
import { type SecurityOptions, security } from '../http/security.ts';
import { unknownRoute } from '../http/unknown.ts';
import { TestBrowser, totp } from '../testing/browser.ts';
import { readDictionary } from '../words.ts';
import type { World } from '../world.ts';
import { createIdentity, type IdentityOptions, issueInvitation } from './identity.ts';

export const goodPassword = 'marmot juggles nine teacups';
const operator = { kind: 'system', id: 'test' } as const;

const many = { burst: 10_000, perMinute: 10_000 };

/**
 * An app as the server composes it, as far as identity goes; `more` are routes of the test. Its
 * callers are not slowed down unless the test says so.
 */
export async function identityApp(
  world: World,
  more: Routes = {},
  options: Partial<SecurityOptions> & Pick<IdentityOptions, 'ask' | 'people'> = {},
) {
  const words = await readDictionary(join(import.meta.dirname, '../..'));
  const identity = createIdentity(world, {
    words,
    ...(options.ask ? { ask: options.ask } : {}),
    ...(options.people ? { people: options.people } : {}),
  });
  const app = new Hono<Env>();
  for (const each of security({
    world,
    words,
    allowances: { signIn: many, publicPost: many, api: many },
    ...options,
  }))
    app.use(each);
  app.use(identity.withActor);
  app.route('/api/auth', identity.handler);
  app.route('/api/v1/invitations', identity.invitations);
  mountRoutes(app, { ...identity.routes, ...more }, { world, words, checkAnswers: true });
  app.notFound(unknownRoute(app, words));
  const browser = (address?: string) =>
    new TestBrowser(
      (path, init, bindings) => app.request(path, init, bindings),
      world.url,
      address,
    );
  return { app, identity, words, browser };
}

/** A row in the register of people. */
export async function registered(
  world: World,
  name: string,
  ...roles: Role[]
): Promise<{ id: string; email: string }> {
  const id = world.newId();
  const email = `${name.toLowerCase().replace(/\W+/g, '.')}@example.com`;
  await sql`
    insert into person (id, name, email, roles) values (${id}, ${name}, ${email}, ${roles}::text[])
  `.execute(world.database.db);
  return { id, email };
}

export interface Enrolled {
  readonly id: string;
  readonly email: string;
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
  /** Of the code that was used up by enrolling. */
  readonly enrolledAtMs: number;
}

/** Registers a person who accepts an invitation and enrols an authenticator app: signed in in full. */
export async function enrolledPerson(
  world: World,
  browser: TestBrowser,
  name: string,
  ...roles: Role[]
): Promise<Enrolled> {
  const person = await registered(world, name, ...roles);
  await acceptInvitation(world, browser, person.id);
  const begun = await browser.post('/api/auth/two-factor/enable', { password: goodPassword });
  const secret = new URL(begun.body['totpURI'] as string).searchParams.get('secret') ?? '';
  const enrolledAtMs = Date.now();
  const verified = await browser.post('/api/auth/two-factor/verify-totp', {
    code: totp(secret, enrolledAtMs),
  });
  if (verified.status !== 200) throw new Error(JSON.stringify(verified.body));
  return { ...person, secret, recoveryCodes: begun.body['backupCodes'] as string[], enrolledAtMs };
}

/** Signed in by password alone, with a second factor still to enrol. */
export async function acceptInvitation(
  world: World,
  browser: TestBrowser,
  personId: string,
): Promise<void> {
  const issued = await issueInvitation(world, operator, personId);
  if (!issued.ok) throw new Error(issued.refusal.code);
  const token = new URL(issued.value.link).hash.slice(1);
  const accepted = await browser.post('/api/v1/invitations/accept', {
    token,
    password: goodPassword,
  });
  if (accepted.status !== 200) throw new Error(JSON.stringify(accepted.body));
}
