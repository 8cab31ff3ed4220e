import { createHash, timingSafeEqual } from 'node:crypto';
import type { Instant } from '../kernel/instant.ts';

/**
 * Who may set up an organisation where there is none: whoever reads the terminal that Kept was
 * started in. The link holds a token that only its hash is kept of, opens once, expires after a
 * day, and is made anew at each start.
 */
export interface SetupGate {
  /** Whether the token opens set-up at this time. */
  accepts(token: string, now: Instant): boolean;
  /** Uses the token up. True for exactly one caller; call it where the organisation is created. */
  spend(token: string, now: Instant): boolean;
}

export const setupHours = 24;

/** A gate and the token that opens it. `random` gives that many bytes. */
export function openSetupGate(
  now: Instant,
  random: (bytes: number) => Uint8Array,
): { gate: SetupGate; token: string } {
  const token = Buffer.from(random(32)).toString('base64url');
  const hash = hashOf(token);
  const expiresAt = now.add({ hours: setupHours });
  let spent = false;
  const accepts = (given: string, at: Instant): boolean =>
    !spent && Temporal.Instant.compare(at, expiresAt) < 0 && timingSafeEqual(hashOf(given), hash);
  return {
    token,
    gate: {
      accepts,
      spend(given, at) {
        if (!accepts(given, at)) return false;
        spent = true;
        return true;
      },
    },
  };
}

/** The gate of an installation that is set up. */
export const closedGate: SetupGate = { accepts: () => false, spend: () => false };

/** The link to open; the token stands after `#` and so in no log of a server or a proxy. */
export function setupLink(url: string, token: string): string {
  return `${url}/setup#${token}`;
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
