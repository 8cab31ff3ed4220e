import { sql } from 'kysely';
import { z } from 'zod';
import type { Db } from '../../../kernel/db.ts';
import { instantText } from '../../../kernel/instant.ts';
import { invariant } from '../../../kernel/invariant.ts';
import { ok } from '../../../kernel/result.ts';
import { type Routes, route } from '../../../policy/route.ts';
import type { World } from '../../world.ts';
import { type LinkCommand, linkFlow } from './flow.link.ts';
import { providerFlow } from './flow.provider.ts';
import type { RelyingParty } from './party.ts';
import { probe, probed } from './probe.ts';
import {
  type ClientSecret,
  clientSecret,
  mappableRoles,
  ownAddresses,
  providerSettings,
  shippedSettings,
} from './settings.ts';
import { readProvider, secretPurpose } from './store.ts';

/** What these routes need of the world; to be described they need nothing. */
export interface SignInParts {
  readonly world: World;
  readonly party: RelyingParty;
}

const done = z.object({ done: z.literal(true) });
const permission = 'manageSignIn';

/** The provider that people sign in with, who is who there, and who may do without it. */
export function signInRoutes(parts: SignInParts | null) {
  return { ...providerRoutes(parts), ...linkRoutes } satisfies Routes;
}

const providerItem = z.object({
  revision: z.int(),
  enabled: z.boolean(),
  hasSecret: z.boolean(),
  settings: providerSettings.extend({ clientId: z.string() }),
  roles: z.array(z.enum(mappableRoles)),
  redirectUri: z.string(),
  signedOutUri: z.string(),
  backChannelUri: z.string(),
});

const probeItem = z.object({
  about: z.enum(probed),
  state: z.enum(['found', 'without', 'missing']),
  found: z.string(),
});

function providerRoutes(parts: SignInParts | null) {
  const room = (): SignInParts => {
    invariant(parts, 'an installation that answers has a world');
    return parts;
  };
  return {
    readSignInProvider: route({
      method: 'get',
      path: '/sign-in/provider',
      summary: 'How people sign in elsewhere; its secret is never shown',
      permission,
      input: z.object({}),
      output: providerItem,
      async handle({ db, url }) {
        const provider = await readProvider(db, room().world.keys);
        return ok({
          revision: provider?.revision ?? 0,
          enabled: provider?.enabled ?? false,
          hasSecret: provider !== null,
          settings: provider?.settings ?? shippedSettings,
          roles: [...mappableRoles],
          ...ownAddresses(url),
        });
      },
    }),
    changeSignInProvider: route({
      method: 'put',
      path: '/sign-in/provider',
      summary: 'Set up or change the provider people sign in with, switch it on or off',
      permission,
      input: z.object({
        revision: z.int(),
        enabled: z.boolean(),
        settings: providerSettings,
        secret: clientSecret.nullable().default(null),
      }),
      output: z.object({ revision: z.int() }),
      async handle({ execute }, { secret, ...rest }) {
        const answer = await execute(providerFlow, {
          ...rest,
          sealed: secret && sealed(room().world, secret),
        });
        return answer.ok ? ok({ revision: rest.revision + 1 }) : answer;
      },
    }),
    testSignInProvider: route({
      method: 'post',
      path: '/sign-in/provider/test',
      summary: 'Ask a provider what it says of itself, and what signing in would miss',
      permission,
      input: z.object({
        settings: providerSettings,
        secret: clientSecret.nullable().default(null),
      }),
      output: z.object({ items: z.array(probeItem) }),
      async handle({ db }, { settings, secret }) {
        const { world, party } = room();
        const known = secret ?? (await readProvider(db, world.keys))?.secret ?? null;
        return ok({ items: [...(await probe(party, settings, known))] });
      },
    }),
  } satisfies Routes;
}

function sealed(world: World, secret: ClientSecret): string {
  const plaintext = Buffer.from(JSON.stringify(secret));
  return Buffer.from(world.keys.seal(secretPurpose, plaintext)).toString('base64');
}

const how = z.enum(['provisioning', 'invitation', 'officer']);

const loginItem = z.object({
  person: z.object({ id: z.string(), name: z.string(), email: z.string().nullable() }),
  /** Null where the person is linked to nobody at the provider. */
  identity: z
    .object({ id: z.string(), how, linkedAt: z.string(), lastAt: z.string().nullable() })
    .nullable(),
  /** Opened by a password or a passkey of Kept's own. */
  local: z.boolean(),
  /** Why it may do without the provider; null where it may not. */
  breakGlass: z.string().nullable(),
});

const linkRoutes = {
  listLogins: route({
    method: 'get',
    path: '/sign-in/logins',
    summary: 'Who can sign in, and by what',
    permission,
    input: z.object({}),
    output: z.object({ items: z.array(loginItem), total: z.int(), next: z.null() }),
    async handle({ db }) {
      const items = await logins(db);
      return ok({ items, total: items.length, next: null });
    },
  }),
  listStrangers: route({
    method: 'get',
    path: '/sign-in/strangers',
    summary: 'Identities of the provider that came and nobody knew',
    permission,
    input: z.object({}),
    output: z.object({
      items: z.array(
        z.object({
          id: z.string(),
          reference: z.string(),
          name: z.string(),
          email: z.string(),
          lastAt: z.string(),
        }),
      ),
      total: z.int(),
      next: z.null(),
    }),
    async handle({ db }) {
      const { rows } = await sql<{
        id: string;
        reference: string;
        name: string;
        email: string;
        last_at: Temporal.Instant;
      }>`
        select id, reference, name, email, last_at from sign_in_stranger
        order by last_at desc, id limit 200`.execute(db);
      const items = rows.map(({ last_at, ...row }) => ({ ...row, lastAt: instantText(last_at) }));
      return ok({ items, total: items.length, next: null });
    },
  }),
  linkStranger: link('post', '/sign-in/strangers/{stranger}/link', {
    summary: 'Say who an identity of the provider is',
    input: z.object({ stranger: z.uuid(), personId: z.uuid() }),
    command: ({ stranger, personId }) => ({ do: 'linkStranger', stranger, personId }),
  }),
  forgetStranger: link('delete', '/sign-in/strangers/{id}', {
    summary: 'Forget an identity that nobody here is',
    input: z.object({ id: z.uuid() }),
    command: ({ id }) => ({ do: 'forgetStranger', id }),
  }),
  linkIdentity: link('post', '/sign-in/identities', {
    summary: 'Link a person to an identity by its object id (Entra ID) or subject',
    input: z.object({ personId: z.uuid(), externalId: z.string().trim().min(1).max(255) }),
    command: ({ personId, externalId }) => ({ do: 'linkIdentity', personId, externalId }),
  }),
  unlinkIdentity: link('delete', '/sign-in/identities/{id}', {
    summary: 'Undo a link; sessions that came by it end at once',
    input: z.object({ id: z.uuid() }),
    command: ({ id }) => ({ do: 'unlink', id }),
  }),
  nameBreakGlass: link('post', '/sign-in/break-glass', {
    summary: 'Name a login that may do without the provider',
    input: z.object({ personId: z.uuid(), reason: z.string().trim().min(1).max(500) }),
    command: ({ personId, reason }) => ({ do: 'nameBreakGlass', personId, reason }),
  }),
  dropLocalLogin: link('post', '/sign-in/logins/{personId}/drop-local', {
    summary: 'Take away password and passkeys of somebody who comes by the provider',
    input: z.object({ personId: z.uuid() }),
    command: ({ personId }) => ({ do: 'dropLocal', personId }),
  }),
  unnameBreakGlass: link('delete', '/sign-in/break-glass/{personId}', {
    summary: 'A login that may do without the provider no more',
    input: z.object({ personId: z.uuid() }),
    command: ({ personId }) => ({ do: 'unnameBreakGlass', personId }),
  }),
} satisfies Routes;

/** A route that does one thing of the flow of links. */
function link<Input extends z.ZodType>(
  method: 'post' | 'delete',
  path: string,
  it: {
    readonly summary: string;
    readonly input: Input;
    readonly command: (input: z.output<Input>) => LinkCommand;
  },
) {
  return route({
    method,
    path,
    summary: it.summary,
    permission,
    input: it.input,
    output: done,
    async handle({ execute }, input) {
      const answer = await execute(linkFlow, it.command(input));
      return answer.ok ? ok({ done: true as const }) : answer;
    },
  });
}

async function logins(db: Db): Promise<z.input<typeof loginItem>[]> {
  const { rows } = await sql<{
    person_id: string;
    name: string;
    email: string | null;
    identity_id: string | null;
    how: z.output<typeof how> | null;
    linked_at: Temporal.Instant | null;
    last_at: Temporal.Instant | null;
    local: boolean;
    reason: string | null;
  }>`
    select p.id as person_id, p.name, p.email, i.id as identity_id, i.how, i.linked_at, i.last_at, b.reason,
      exists (select from auth_account as a where a.user_id = u.id and a.password is not null)
        or exists (select from auth_passkey as k where k.user_id = u.id) as local
    from person as p
    left join auth_user as u on u.person_id = p.id
    left join sign_in_identity as i on i.person_id = p.id
    left join break_glass as b on b.person_id = p.id
    where p.erased_at is null and (u.id is not null or i.id is not null or b.person_id is not null)
    order by (i.id is null and b.person_id is null) desc, p.name, p.id limit 2000`.execute(db);
  return rows.map((row) => ({
    person: { id: row.person_id, name: row.name, email: row.email },
    identity:
      row.identity_id && row.how && row.linked_at
        ? {
            id: row.identity_id,
            how: row.how,
            linkedAt: instantText(row.linked_at),
            lastAt: row.last_at && instantText(row.last_at),
          }
        : null,
    local: row.local,
    breakGlass: row.reason,
  }));
}
