import { z } from 'zod';

/**
 * What must stand behind a request to a path of Better Auth.
 *
 * - `nothing`: whoever asks
 * - `codeStep`: the step after the password, or the end of an enrolment
 * - `enrolment`: a complete session, or one that may enrol its first second factor
 * - `complete`: a session with a second factor
 */
export type Need = 'nothing' | 'codeStep' | 'enrolment' | 'complete';

export interface AuthPath {
  readonly method: 'GET' | 'POST';
  readonly need: Need;
  /** What is passed on; whatever else a caller sends never reaches Better Auth. */
  readonly body: z.ZodObject | null;
}

const password = z.string().max(1000);
/** Of an authenticator app; blanks are how people read six digits. */
const code = z
  .string()
  .transform((text) => text.replaceAll(/\s/g, ''))
  .pipe(z.string().regex(/^\d{6}$/));
const recoveryCode = z.string().trim().max(50);
// The shape is WebAuthn's, and Better Auth checks it as such.
const credential = z.record(z.string(), z.unknown());

const get = (need: Need): AuthPath => ({ method: 'GET', need, body: null });
const post = (need: Need, body: z.ZodObject = z.object({})): AuthPath => ({
  method: 'POST',
  need,
  body,
});

/**
 * Every path of Better Auth that the network can reach. What is not named is not there: signing up,
 * changing an address, trusting a device, listing session tokens.
 */
export const surface: Readonly<Record<string, AuthPath>> = {
  '/sign-in/email': post('nothing', z.object({ email: z.string().trim().max(320), password })),
  '/sign-out': post('nothing'),
  '/two-factor/verify-totp': post('codeStep', z.object({ code })),
  '/two-factor/verify-backup-code': post('codeStep', z.object({ code: recoveryCode })),
  '/passkey/generate-authenticate-options': get('nothing'),
  '/passkey/verify-authentication': post('nothing', z.object({ response: credential })),
  '/two-factor/enable': post('enrolment', z.object({ password: password.optional() })),
  '/passkey/generate-register-options': get('enrolment'),
  '/passkey/verify-registration': post(
    'enrolment',
    z.object({ response: credential, name: z.string().trim().max(100).optional() }),
  ),
  '/two-factor/disable': post('complete', z.object({ password: password.optional() })),
  '/two-factor/generate-backup-codes': post(
    'complete',
    z.object({ password: password.optional() }),
  ),
  '/passkey/list-user-passkeys': get('complete'),
  '/passkey/update-passkey': post(
    'complete',
    z.object({ id: z.string(), name: z.string().trim().min(1).max(100) }),
  ),
  '/passkey/delete-passkey': post('complete', z.object({ id: z.string() })),
  '/change-password': post(
    'complete',
    z.object({ currentPassword: password, newPassword: password }),
  ),
};
