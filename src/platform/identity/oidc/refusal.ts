import { type Reason, reasons } from './untrusted.ts';

/**
 * Why somebody is not let in who came by the provider. Their sentences are `problem.<code>` and
 * `provider.reason.<reason>`.
 */
export const refusalCodes = [
  'providerNotSetUp',
  'providerDeclined',
  'answerUntrusted',
  'signInOver',
  'secondFactorUnproven',
  'identityUnknown',
  'identityTaken',
  'personGone',
  'rolesUnreadable',
  'rolesRefused',
  'invitationGone',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

export interface SignInRefusal {
  readonly code: RefusalCode;
  readonly reason?: Reason;
  /** What the person tells the security officer: of a stranger. */
  readonly reference?: string;
  /** An error code of the provider's own. */
  readonly said?: string;
}

/** The refusal as the address of the sign-in page carries it. */
export function refusalQuery(refusal: SignInRefusal): URLSearchParams {
  const query = new URLSearchParams({ refused: refusal.code });
  if (refusal.reason) query.set('reason', refusal.reason);
  if (refusal.reference) query.set('reference', refusal.reference);
  if (refusal.said) query.set('said', refusal.said.slice(0, 60));
  return query;
}

/** Reads a refusal back from an address; anybody can write one, so only our own words come of it. */
export function refusalFrom(query: URLSearchParams): SignInRefusal | null {
  const code = refusalCodes.find((each) => each === query.get('refused'));
  if (!code) return null;
  const reason = reasons.find((each) => each === query.get('reason'));
  const reference = query.get('reference') ?? '';
  const said = query.get('said') ?? '';
  return {
    code,
    ...(reason ? { reason } : {}),
    ...(/^[2-9A-Z]{8}$/.test(reference) ? { reference } : {}),
    ...(/^[a-z_]{1,60}$/.test(said) ? { said } : {}),
  };
}
