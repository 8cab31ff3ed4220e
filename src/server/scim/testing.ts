import { Hono } from 'hono';
import { sql } from 'kysely';
import { execute } from '../../platform/execute.ts';
import type { Env } from '../../platform/http/mount.ts';
import { sha256Hex } from '../../platform/identity/token.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { provisioningFlow } from '../../registers/provisioning/store.tokens.ts';
import { rooms } from '../composition.ts';
import { enterpriseUrn, userUrn } from './definitions.ts';
import { scimHandler } from './handler.ts';
import { patchUrn } from './patch.ts';

/** The world of a test, and the protocol in it; made anew by `openDirectory`. */
export let world: TestWorld;
export let app: Hono<Env>;

export const operator = { kind: 'system', id: 'test' } as const;
export const tokenOf = (name: string): string => `kept_scim_${name.padEnd(43, '0')}`;

/** A world of its own, with the protocol and one token. */
export async function openDirectory(): Promise<void> {
  world = await testWorld({ start: Temporal.Now.instant().toString() });
  app = new Hono<Env>().route(
    '/scim/v2',
    scimHandler(world, () => rooms),
  );
  await issue('first');
}

/** What an answer may hold, as far as the tests look at it. */
interface ScimBody {
  readonly id: string;
  readonly status: string;
  readonly scimType: string;
  readonly userName: string;
  readonly displayName: string;
  readonly title: string;
  readonly name: string;
  readonly endpoint: string;
  readonly active: boolean;
  readonly meta: { readonly version: string; readonly lastModified: string };
  readonly groups?: readonly object[];
  readonly members?: readonly { readonly value: string }[];
  readonly totalResults: number;
  readonly Resources: readonly ScimBody[];
  readonly Operations: readonly { readonly status: string }[];
}

export interface Answer {
  readonly status: number;
  readonly body: ScimBody;
  readonly headers: Headers;
}

/** Asks as the directory does whose token is the first. */
export async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await app.request(`/scim/v2${path}`, {
    method,
    headers: {
      authorization: `Bearer ${tokenOf('first')}`,
      'content-type': 'application/scim+json',
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    body: (text === '' ? null : JSON.parse(text)) as ScimBody,
    headers: answer.headers,
  };
}

/** Issues a token by a name from which the token follows. */
export const issue = (name: string) =>
  execute(
    world,
    provisioningFlow,
    { do: 'issueToken', name, days: 30, sha256: sha256Hex(tokenOf(name)) },
    operator,
  );

export const user = (name: string, more: object = {}) => ({
  schemas: [userUrn, enterpriseUrn],
  userName: `${name}@example.com`,
  name: { givenName: name, familyName: 'Example' },
  emails: [{ value: `${name}@example.com`, type: 'work', primary: true }],
  active: true,
  ...more,
});

export const patch = (...Operations: object[]) => ({ schemas: [patchUrn], Operations });
export const filtered = (kind: string, filter: string) =>
  `/${kind}?filter=${encodeURIComponent(filter)}`;

/** A person as the register has them. */
export async function person(id: string): Promise<Record<string, unknown>> {
  const { rows } = await sql<Record<string, unknown>>`
    select name, email, department, manager_id, language, roles, ends_on::text, left_at is not null as left,
      suspended_at is not null as suspended
    from person where id = ${id}`.execute(world.database.db);
  return rows[0] ?? {};
}
