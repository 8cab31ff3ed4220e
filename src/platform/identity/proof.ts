/**
 * How a session was proven, after the `amr` values of RFC 8176 as far as they reach:
 *
 * - `pwd`: a password
 * - `otp`: a time-based one-time code (RFC 6238)
 * - `recovery`: one of the recovery codes, each good for one sign-in
 * - `passkey`: WebAuthn with user verification: possession and a PIN or a biometric in one
 * - `provider`: the organisation's identity provider, which said that it went through a second factor
 * - `persona`: chosen from the list of the demo; nothing was proven, and only a demo accepts it
 */
export const methods = ['pwd', 'otp', 'recovery', 'passkey', 'provider', 'persona'] as const;
export type Method = (typeof methods)[number];

const secondFactors: readonly Method[] = ['otp', 'recovery', 'passkey', 'provider'];

/** Whether a sign-in went through a second factor. A persona counts as one in the demo alone. */
export function isComplete(amr: readonly Method[], demo: boolean): boolean {
  return amr.some((method) => secondFactors.includes(method) || (method === 'persona' && demo));
}

/** As stored: separated by blanks, in the order above, each once. */
export function amrText(amr: readonly Method[]): string {
  return methods.filter((method) => amr.includes(method)).join(' ');
}

/** Unknown words prove nothing and are dropped. */
export function parseAmr(text: string): readonly Method[] {
  const words = text.split(' ');
  return methods.filter((method) => words.includes(method));
}

/**
 * What a session that Better Auth makes at one of its paths was proven by. `inherited` is the proof
 * of the session it replaces. A path not named here proves nothing: a new way to sign in is refused
 * until somebody says what it proves.
 */
export function amrAt(path: string, inherited: readonly Method[]): readonly Method[] {
  switch (path) {
    case '/sign-in/email':
      return ['pwd'];
    case '/two-factor/verify-totp':
      // Without a session before it, the password was the step before it.
      return inherited.length > 0 ? [...inherited, 'otp'] : ['pwd', 'otp'];
    case '/two-factor/verify-backup-code':
      return ['pwd', 'recovery'];
    case '/passkey/verify-authentication':
      return ['passkey'];
    case '/change-password':
    case '/two-factor/disable':
      return inherited;
    default:
      return [];
  }
}
