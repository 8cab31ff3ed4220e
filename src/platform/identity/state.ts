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
    };

export async function stateOf(world: World, session: Session | null): Promise<SignInState> {
  const login = session && (await readLogin(world.database.db, session.userId));
  if (!session || !login) return { state: 'signedOut' };
  const { name, email, hasPassword, hasTotp, passkeys } = login;
  const facts = { name, email, hasPassword, hasTotp, passkeys };
  if (session.complete) return { state: 'signedIn', ...facts };
  if (mayEnrol(login, world.now())) return { state: 'enrol', ...facts };
  return { state: hasSecondFactor(login) ? 'passkeyNeeded' : 'enrolmentOver', ...facts };
}
