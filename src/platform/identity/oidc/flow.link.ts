import { sql } from 'kysely';
import { z } from 'zod';
import type { Tx } from '../../../kernel/db.ts';
import type { PersonId } from '../../../kernel/id.ts';
import { ok, refuse } from '../../../kernel/result.ts';
import type { Context, Event } from '../../../policy/event.ts';
import type { Flow } from '../../../policy/flow.ts';
import { endShutSessions, isLastWay } from '../only-way.ts';
import type { Claimed } from './claims.ts';
import { insertLink, type NewLink } from './store.ts';

const word = z.string().trim().min(1).max(255);

/** Linking is by the officer's hand: a stranger who came, or what the provider's own pages show. */
const command = z.discriminatedUnion('do', [
  z.object({ do: z.literal('linkStranger'), personId: z.uuid(), stranger: z.uuid() }),
  z.object({
    do: z.literal('linkIdentity'),
    personId: z.uuid(),
    /** Object id of Entra ID; of any other provider the subject. */
    externalId: word,
  }),
  z.object({ do: z.literal('unlink'), id: z.uuid() }),
  z.object({ do: z.literal('forgetStranger'), id: z.uuid() }),
  z.object({
    do: z.literal('nameBreakGlass'),
    personId: z.uuid(),
    reason: z.string().trim().min(1).max(500),
  }),
  z.object({ do: z.literal('unnameBreakGlass'), personId: z.uuid() }),
  z.object({ do: z.literal('dropLocal'), personId: z.uuid() }),
]);
export type LinkCommand = z.output<typeof command>;

export type LinkEvent =
  | IdentityLinked
  | (Event & { readonly type: 'IdentityUnlinked'; readonly body: { id: string; person: string } })
  | (Event & { readonly type: 'StrangerForgotten'; readonly body: { id: string } })
  | (Event & {
      readonly type: 'BreakGlassNamed';
      readonly body: { person: string };
      readonly private: { reason: string };
    })
  | (Event & { readonly type: 'BreakGlassUnnamed'; readonly body: { person: string } })
  | (Event & { readonly type: 'LocalLoginDropped'; readonly body: { person: string } });

/** `link` is projected; subject and object id stand in the ledger as commitments. */
export type IdentityLinked = Event & { readonly type: 'IdentityLinked'; readonly link: NewLink };

export type LinkRefusal =
  | 'notFound'
  | 'personUnknown'
  | 'personHasLeft'
  | 'providerMissing'
  | 'identityIsTaken'
  | 'notLinked'
  | 'breakGlassKeepsIt'
  | 'lastBreakGlass'
  | 'nothingToChange';

export interface LinkState {
  readonly person: { readonly gone: boolean } | null;
  /** Where identities are linked: of the provider that is set up. */
  readonly provider: { issuer: string; tenant: string; kind: 'entra' | 'oidc' } | null;
  readonly stranger: ReturnType<typeof linkOf> | null;
  /** Whose the identity is already. */
  readonly holder: PersonId | null;
  readonly identity: { readonly personId: PersonId } | null;
  readonly isBreakGlass: boolean;
  /** The provider is the only way in for all others, and theirs the one login that opens beside it. */
  readonly isLastWay: boolean;
  /** Whether the person comes by the provider, and whether their login opens otherwise too. */
  readonly isLinked: boolean;
  readonly isLocal: boolean;
}

/** Who is who at the provider, and who may do without it. */
export const linkFlow: Flow<LinkState, LinkCommand, LinkEvent, LinkRefusal> = {
  name: 'identity.link',
  clause: 'identity',
  command,
  load: loadState,
  authorize: () => ({ action: 'manageSignIn' }),
  decide(state, it, { newId }) {
    switch (it.do) {
      case 'unlink':
        return state.identity ? ok([unlinked(it.id, state.identity.personId)]) : refuse('notFound');
      case 'forgetStranger':
        return state.stranger
          ? ok([{ type: 'StrangerForgotten', subject: `stranger/${it.id}`, body: { id: it.id } }])
          : refuse('notFound');
      case 'unnameBreakGlass':
        if (!state.isBreakGlass) return refuse('notFound');
        if (state.isLastWay) return refuse('lastBreakGlass');
        return ok([personEvent('BreakGlassUnnamed', it.personId)]);
      case 'dropLocal':
        // Nobody is shut out: what is taken away is the other way in.
        if (!state.isLinked) return refuse('notLinked');
        if (state.isBreakGlass) return refuse('breakGlassKeepsIt');
        if (!state.isLocal) return refuse('nothingToChange');
        return ok([personEvent('LocalLoginDropped', it.personId)]);
      case 'nameBreakGlass':
        if (!state.person) return refuse('personUnknown');
        if (state.person.gone) return refuse('personHasLeft');
        return ok([
          { ...personEvent('BreakGlassNamed', it.personId), private: { reason: it.reason } },
        ]);
      default:
        return decideLink(state, it, newId());
    }
  },
  project,
};

function decideLink(
  state: LinkState,
  it: LinkCommand & { do: 'linkStranger' | 'linkIdentity' },
  id: string,
) {
  const { person, provider, stranger, holder } = state;
  if (!person) return refuse('personUnknown');
  if (person.gone) return refuse('personHasLeft');
  if (it.do === 'linkStranger' && !stranger) return refuse('notFound');
  if (!provider) return refuse('providerMissing');
  if (holder === it.personId) return refuse('nothingToChange');
  // Taking an identity from one to give it to another is two acts, each of them seen.
  if (holder) return refuse('identityIsTaken');
  const identity = it.do === 'linkStranger' && stranger ? stranger : identityEntered(provider, it);
  return ok([identityLinked({ id, personId: it.personId, how: 'officer', ...identity })]);
}

function identityEntered(
  { issuer, tenant, kind }: NonNullable<LinkState['provider']>,
  it: LinkCommand & { do: 'linkStranger' | 'linkIdentity' },
) {
  const externalId = it.do === 'linkIdentity' ? it.externalId : '';
  return kind === 'entra'
    ? { issuer, tenant, subject: null, objectId: externalId.toLowerCase() }
    : { issuer, tenant, subject: externalId, objectId: null };
}

/** Of an identity, what a link is made of. */
export function linkOf({ issuer, tenant, subject, objectId }: Claimed) {
  return { issuer, tenant, subject: subject as string | null, objectId };
}

export function identityLinked(link: NewLink): IdentityLinked {
  const { id, personId, how, subject, objectId } = link;
  return {
    type: 'IdentityLinked',
    subject: `person/${personId}`,
    body: { id, person: personId, how },
    private: { subject: subject ?? '', objectId: objectId ?? '' },
    about: personId,
    link,
  };
}

function unlinked(id: string, person: PersonId): LinkEvent {
  return { type: 'IdentityUnlinked', subject: `person/${person}`, body: { id, person } };
}

function personEvent<Type extends string>(type: Type, person: string) {
  return { type, subject: `person/${person}`, body: { person }, about: person } as const;
}

async function loadState(tx: Tx, it: LinkCommand, { now, zone }: Context): Promise<LinkState> {
  const personId = 'personId' in it ? it.personId : null;
  const today = now.toZonedDateTimeISO(zone).toPlainDate();
  const person = await sql<{ gone: boolean }>`
    select erased_at is not null or coalesce(ends_on < ${today}, false) as gone
    from person where id = ${personId} for update`.execute(tx);
  const provider = await sql<NonNullable<LinkState['provider']>>`
    select settings->>'issuer' as issuer, settings->>'kind' as kind,
      case settings->>'kind' when 'entra' then settings->>'tenantId' else '' end as tenant
    from sign_in_provider`.execute(tx);
  const strangerId =
    it.do === 'linkStranger' ? it.stranger : it.do === 'forgetStranger' ? it.id : null;
  const stranger = await sql<NonNullable<LinkState['stranger']>>`
    select issuer, tenant, subject, object_id as "objectId" from sign_in_stranger
    where id = ${strangerId} for update`.execute(tx);
  const [at] = provider.rows;
  const asked =
    it.do === 'linkIdentity' && at ? { ...identityEntered(at, it) } : (stranger.rows[0] ?? null);
  const holder = await sql<{ person_id: PersonId }>`
    select person_id from sign_in_identity where issuer = ${asked?.issuer} and tenant = ${asked?.tenant}
      and (subject = ${asked?.subject} or object_id = ${asked?.objectId})`.execute(tx);
  const identity = await sql<{ personId: PersonId }>`
    select person_id as "personId" from sign_in_identity
    where id = ${it.do === 'unlink' ? it.id : null} for update`.execute(tx);
  const ways = await sql<{ isLinked: boolean; isLocal: boolean }>`
    select linked as "isLinked", local as "isLocal" from staff_login where person_id = ${personId}`.execute(
    tx,
  );
  const named = await sql`select from break_glass where person_id = ${personId}`.execute(tx);
  return {
    person: person.rows[0] ?? null,
    provider: at ?? null,
    stranger: stranger.rows[0] ?? null,
    holder: holder.rows[0]?.person_id ?? null,
    identity: identity.rows[0] ?? null,
    isBreakGlass: named.rows.length > 0,
    isLastWay: (ways.rows[0]?.isLocal ?? false) && (await isLastWay(tx, personId)),
    isLinked: ways.rows[0]?.isLinked ?? false,
    isLocal: ways.rows[0]?.isLocal ?? false,
  };
}

async function project(tx: Tx, event: LinkEvent, { now }: Context): Promise<void> {
  switch (event.type) {
    case 'IdentityLinked':
      return insertLink(tx, event.link, now);
    case 'IdentityUnlinked':
      // Sessions that came by it go with it.
      await sql`delete from sign_in_identity where id = ${event.body.id}`.execute(tx);
      return;
    case 'StrangerForgotten':
      await sql`delete from sign_in_stranger where id = ${event.body.id}`.execute(tx);
      return;
    case 'BreakGlassUnnamed':
      await sql`delete from break_glass where person_id = ${event.body.person}`.execute(tx);
      return endShutSessions(tx);
    case 'LocalLoginDropped':
      return dropLocal(tx, event.body.person);
    case 'BreakGlassNamed':
      await sql`
        insert into break_glass (person_id, reason, named_at)
        values (${event.body.person}, ${event.private.reason}, ${now})
        on conflict (person_id) do update set reason = excluded.reason`.execute(tx);
  }
}

/** Takes password, passkeys and authenticator app away, and the sessions that came by them. */
async function dropLocal(tx: Tx, personId: PersonId): Promise<void> {
  await sql`
    with own as (select id from auth_user where person_id = ${personId}),
      passwords as (delete from auth_account using own where user_id = own.id),
      passkeys as (delete from auth_passkey using own where user_id = own.id),
      apps as (delete from auth_two_factor using own where user_id = own.id),
      sessions as (delete from auth_session using own where user_id = own.id and identity_id is null)
    update auth_user set two_factor_enabled = false, enrol_by = null
    from own where auth_user.id = own.id`.execute(tx);
}
