import { sql } from 'kysely';
import type { World } from '../world.ts';
import { hasSecondFactor, mayEnrol, readLogin } from './login.ts';
import type { Session } from './session.ts';

/**
 * Where somebody stands on their way in; what the sign-in page shows next.
 *
 * - `signedOut`: no session
 * - `enrol`: the password was right, and a second factor must now be enrolled
 * - `passkeyNeeded`: the password was right, but this login is opened by a passkey
 * - `enrolmentOver`: the password was right, but the time to enrol has passed: a new invitation
 * - `signedIn`: with a second factor
 */
export type SignInState =
  | { readonly state: 'signedOut' }
  | {
      readonly state: 'enrol' | 'passkeyNeeded' | 'enrolmentOver' | 'signedIn';
      readonly name: string;
      readonly email: string;
      readonly hasPassword: boolean;
      readonly hasTotp: boolean;
      readonly passkeys: number;
      /** The provider that is there, and whether the login is linked to it; null where there is none. */
      readonly provider: OwnProvider | null;
    };

interface OwnProvider {
  readonly label: string;
  readonly linked: boolean;
  /** Roles that it gives and that wait for something, such as an undertaking. */
  readonly waiting: readonly string[];
}

export async function stateOf(world: World, session: Session | null): Promise<SignInState> {
  const login = session && (await readLogin(world.database.db, session.userId));
  if (!session || !login) return { state: 'signedOut' };
  const { name, email, hasPassword, hasTotp, passkeys } = login;
  const provider = await ownProvider(world, session.personId);
  const facts = { name, email, hasPassword, hasTotp, passkeys, provider };
  if (session.complete) return { state: 'signedIn', ...facts };
  if (mayEnrol(login, world.now())) return { state: 'enrol', ...facts };
  return { state: hasSecondFactor(login) ? 'passkeyNeeded' : 'enrolmentOver', ...facts };
}

async function ownProvider(world: World, personId: string): Promise<OwnProvider | null> {
  const { rows } = await sql<OwnProvider>`
    select provider.settings->>'label' as label, own.id is not null as linked,
      coalesce(own.waiting, '{}') as waiting
    from sign_in_provider as provider
    left join sign_in_identity as own
      on own.person_id = ${personId} and own.issuer = provider.settings->>'issuer'
    where provider.enabled`.execute(world.database.db);
  return rows[0] ?? null;
}
