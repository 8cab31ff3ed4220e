import type { z } from 'zod';
import type { Instant } from '../../kernel/instant.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import type { AccountKind } from '../accounts/facts.ts';

/**
 * What a connector says of a system: facts, never judgements. Each observation has a key that is
 * stable for as long as the thing exists there; `null` in place of its facts says that it is gone,
 * which only a reading of changes does.
 */
export type Observation =
  | { readonly of: 'account'; readonly key: string; readonly facts: AccountFacts | null }
  | { readonly of: 'entitlement'; readonly key: string; readonly facts: EntitlementFacts | null }
  | { readonly of: 'held'; readonly key: string; readonly facts: HeldFacts | null }
  | { readonly of: 'credential'; readonly key: string; readonly facts: CredentialFacts | null }
  | { readonly of: 'setting'; readonly key: string; readonly facts: JsonObject | null }
  /** For sources that tell these apart from the account itself; `key` is the account's. */
  | {
      readonly of: 'secondFactor';
      readonly key: string;
      readonly facts: { enrolled: boolean | null };
    }
  | { readonly of: 'signIn'; readonly key: string; readonly facts: { at: Instant | null } };

export interface AccountFacts {
  /** As people of that system know it: user principal name, login, ARN. Unique in the system. */
  readonly name: string;
  /** Whose it is, where the source says so. */
  readonly email: string | null;
  readonly kind: AccountKind;
  /** Whether one can sign in with it. */
  readonly active: boolean;
  /** Whether a second factor is enrolled; null where that could not be read: never "yes". */
  readonly secondFactor: boolean | null;
  /** Last sign-in known; null where there was none or it could not be read. */
  readonly lastUsedAt: Instant | null;
}

export interface EntitlementFacts {
  /** Unique in the system: a role, a group, a permission on a repository. */
  readonly name: string;
  readonly privileged: boolean;
  /** What is wrong with it in itself. */
  readonly risks: readonly Risk[];
}

/** Least privilege, where it is missing. */
export const risks = [
  /** Everything, on everything. */
  'administrator',
  /** `*` or `service:*` among its actions. */
  'wildcardAction',
  /** `*` among the resources of actions that change something. */
  'wildcardResource',
  /** Principals outside the organisation may assume it. */
  'externalTrust',
  /** Given to a user directly rather than by role or group. */
  'direct',
  /** Allows services that were not used for ninety days. */
  'unusedServices',
] as const;
export type Risk = (typeof risks)[number];

export interface HeldFacts {
  /** Keys of the account and the entitlement. */
  readonly account: string;
  readonly entitlement: string;
}

/**
 * The key of an account's holding of an entitlement. A reading of changes that says that one is gone
 * has nothing but the key to say it by, so it is always this.
 */
export function heldKey(account: string, entitlement: string): string {
  return `${account}\n${entitlement}`;
}

/** Something one signs in with, besides single sign-on. */
export interface CredentialFacts {
  readonly account: string;
  readonly kind: 'password' | 'accessKey' | 'certificate' | 'token';
  /** As the source shows it: the id of an access key, never a secret. */
  readonly name: string;
  readonly active: boolean;
  readonly createdAt: Instant | null;
  readonly lastUsedAt: Instant | null;
}

/** What a reading is about; each may be readable or not by itself. */
export const aspects = [
  'accounts',
  'entitlements',
  'held',
  'secondFactors',
  'signIns',
  'credentials',
  'passwordPolicy',
  'conditionalAccess',
  /** Whether an identity provider has its maker's own settings on, in place of conditional access. */
  'securityDefaults',
  'root',
  'lastAccessed',
  'trust',
  /** What entitlements allow, from their documents: one may know that there is one, and not what. */
  'risks',
] as const;
export type Aspect = (typeof aspects)[number];

/** Without these nothing is proven gone: a reading with such a gap is no complete one. */
export const essentialAspects: readonly Aspect[] = ['accounts', 'entitlements', 'held'];

/** An aspect that could not be read: whatever stands on it is unknown. */
export interface Gap {
  readonly aspect: Aspect;
  /** The permission that is missing, as the source names it; empty where it is something else. */
  readonly permission: string;
  /** What the source answered, without secrets; or one of {@link ownReasons}. */
  readonly message: string;
}

/** Gaps that no source tells of, found by looking at what it shows: words that people get a sentence for. */
export const ownReasons = {
  /** Access is shown of an account, or to an entitlement, that is not: one of both lists is wrong. */
  contradicts: 'contradicts',
  /** A list changed each time that it was read. */
  shifts: 'shifts',
} as const;

/** A stretch of a reading. */
export interface Stretch {
  readonly observations: readonly Observation[];
  readonly gaps?: readonly Gap[];
  /** Where a reading that was cut off here goes on; opaque to everybody but the connector. */
  readonly resume: Json;
}

/** What ends a reading. */
export interface ReadEnd {
  /** Where the next reading of changes begins; null where there can be none. */
  readonly next: Json;
}

/** From where a connector reads. */
export type ReadFrom =
  /** All there is. */
  | { readonly read: 'whole'; readonly resume: Json | null }
  /** What has changed since `since`; a connector that cannot tell any more throws `ChangesLost`. */
  | { readonly read: 'changes'; readonly since: Json; readonly resume: Json | null };

/** The source no longer knows what has changed since then: read the whole. */
export class ChangesLost extends Error {
  override readonly name = 'ChangesLost';
}

/** Why a source did not answer as it should, in a word that people get a sentence for. */
export type SourceProblemCode =
  /** The credentials are not, or no longer, good. */
  | 'signInRefused'
  /** They are good and may not do this. */
  | 'forbidden'
  /** What the settings name is not there: a tenant, an organisation. */
  | 'settingsWrong'
  /** Asked to wait, again and again. */
  | 'throttled'
  /** The source itself fails. */
  | 'sourceFails'
  | 'unexpectedAnswer'
  /** An act that this connector, or the source, does not know how to do. */
  | 'actUnsupported';

/** What a connector throws where it cannot go on; anything else it throws is an unexpected answer. */
export class SourceProblem extends Error {
  override readonly name = 'SourceProblem';
  readonly code: SourceProblemCode;

  /** @param message what the source said, without secrets */
  constructor(code: SourceProblemCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What a connector is given of the world: all that it does with it is ask. */
export interface Link<Settings, Secret> {
  readonly settings: Settings;
  readonly secret: Secret;
  /** HTTP by the house: outgoing addresses checked, time limits, no redirects to elsewhere. */
  readonly fetch: typeof fetch;
  readonly now: () => Instant;
  /** Waits out what a source asks for in `Retry-After`; rejects when the run is cancelled. */
  readonly wait: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** What a test of the connection found out about one thing that a reading needs. */
export interface Capability {
  readonly aspect: Aspect;
  readonly able: boolean;
  /** What to grant, as the source names it. */
  readonly permission: string;
  readonly message: string;
}

/** Something to be done outside: always one that takes access away. */
export interface Act {
  readonly act: 'disableAccount' | 'endSessions' | 'removeHeld' | 'deactivateCredential';
  /** Name of the account. */
  readonly account: string;
  /** Name of the entitlement, or of the credential. */
  readonly target: string | null;
}

/**
 * A source of facts outside: reads, and never judges. With separate credentials, and only where
 * somebody has switched that on, it carries out orders; that it did is a claim until the next
 * reading shows it.
 */
export interface Connector<Settings = unknown, Secret = unknown> {
  /** `entra`, `aws`, `github`. */
  readonly kind: string;
  /** Connection settings as entered in the browser; `secret` is sealed and never shown again. */
  readonly settings: z.ZodType<Settings>;
  readonly secret: z.ZodType<Secret>;
  readonly aspects: readonly Aspect[];
  /** Acts it can carry out. */
  readonly acts: readonly Act['act'][];
  test(link: Link<Settings, Secret>): Promise<readonly Capability[]>;
  read(link: Link<Settings, Secret>, from: ReadFrom): AsyncGenerator<Stretch, ReadEnd, void>;
  /** Idempotent: what is already gone is no error. */
  carryOut(link: Link<Settings, Secret>, act: Act): Promise<void>;
}
