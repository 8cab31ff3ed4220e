import type { Condition, PolicyDocument, Statement } from './document.ts';
import { matches } from './glob.ts';

/** What belongs to the organisation. */
export interface Inside {
  /** Ids of its accounts, and of those it says it trusts: twelve digits. */
  readonly accounts: ReadonlySet<string>;
  /** Those of them that are read, with their users. */
  readonly read: ReadonlySet<string>;
  /** `o-…`; null without an organisation. */
  readonly organisation: string | null;
}

/** Who may assume a role, as its trust policy has it. */
export interface Trust {
  /** Principals outside the organisation, as the policy names them; `*` is anybody. */
  readonly outside: readonly string[];
  /** ARNs of users inside that are named one by one. */
  readonly users: readonly string[];
  /** Accounts inside whose own policies say who may. */
  readonly accounts: readonly string[];
}

/**
 * Reads the trust policy of a role. A service of AWS is nobody; a federation within the
 * organisation is its own identity provider, unless it is a public one that anybody can sign in to
 * and no condition says which of them.
 */
export function readTrust(document: PolicyDocument, inside: Inside): Trust {
  const outside = new Set<string>();
  const users = new Set<string>();
  const accounts = new Set<string>();
  const ours = document.statements.some((statement) => deniesOutside(statement, inside));
  for (const statement of document.statements) {
    if (statement.effect !== 'Allow' || !isAboutAssuming(statement)) continue;
    const confined = ours || statement.conditions.some((one) => confines(one, inside));
    for (const name of principalsOf(statement, inside)) {
      const account = accountOf(name);
      if (account !== null && inside.accounts.has(account) && !isFederation(name)) {
        if (name.includes(':user/')) users.add(name);
        if (name === account || name.endsWith(':root')) accounts.add(account);
      } else if (!confined) outside.add(name);
    }
  }
  return { outside: [...outside].sort(), users: [...users].sort(), accounts: [...accounts].sort() };
}

const assuming = ['sts:assumerole', 'sts:assumerolewithsaml', 'sts:assumerolewithwebidentity'];

function isAboutAssuming({ actions }: Statement): boolean {
  const named = (action: string) =>
    actions.patterns.some((pattern) => matches(pattern.toLowerCase(), action));
  return assuming.some((action) => named(action) !== actions.not);
}

/** Those that matter: services, deleted principals, and federations of the house are left out. */
function principalsOf({ principals, conditions }: Statement, inside: Inside): readonly string[] {
  // All but some is anybody.
  if (!principals || principals.not) return ['*'];
  return principals.of.flatMap(({ type, name }) => {
    if (type === 'Service') return [];
    if (type === 'Federated') return isOwnFederation(name, conditions, inside) ? [] : [name];
    // A principal that was deleted shows as its id, and nobody can be it again.
    return type === 'AWS' && /^A[A-Z]{3}[A-Z0-9]+$/.test(name) ? [] : [name];
  });
}

/** Account of an ARN, or the id itself; null where it names none. */
export function accountOf(principal: string): string | null {
  return /^(?:arn:[^:]*:[^:]*:[^:]*:)?(\d{12})(?::|$)/.exec(principal)?.[1] ?? null;
}

function isFederation(name: string): boolean {
  return /:(saml-provider|oidc-provider)\//.test(name) || !/^(arn:|\d{12}$|\*)/.test(name);
}

function isOwnFederation(name: string, conditions: readonly Condition[], inside: Inside): boolean {
  const account = accountOf(name);
  if (account !== null && !inside.accounts.has(account)) return false;
  if (name.includes(':saml-provider/')) return true;
  const provider = name.split(':oidc-provider/').at(-1) ?? name;
  return conditions.some((condition) => namesSubject(condition, provider.toLowerCase()));
}

/** Whether a condition says which of a provider's users are meant: `provider:sub`, not all of them. */
function namesSubject({ operator, key, values }: Condition, provider: string): boolean {
  const by = provider === 'cognito-identity.amazonaws.com' ? 'aud' : 'sub';
  return (
    key === `${provider}:${by}` &&
    /^(ForAnyValue:)?String(Equals|Like|EqualsIgnoreCase)$/.test(operator) &&
    values.length > 0 &&
    // `repo:*` is still every repository of everybody: something has to stand before the star.
    values.every((value) => !/^([a-z_]+:)?[*?]/.test(value))
  );
}

const organisationKey = 'aws:principalorgid';

/** A condition that only principals of the organisation, or of its accounts, meet. */
function confines({ operator, key, values }: Condition, inside: Inside): boolean {
  if (!/^(ForAnyValue:)?(String|Arn)(Equals|Like)$/.test(operator) || values.length === 0)
    return false;
  if (key === organisationKey) return values.every((value) => value === inside.organisation);
  if (key === 'aws:principalaccount' || key === 'aws:sourceaccount')
    return values.every((value) => inside.accounts.has(value));
  if (key === 'aws:principalarn')
    return values.every((value) => inside.accounts.has(accountOf(value) ?? ''));
  return false;
}

/** `Deny` to everybody whose organisation is not this one. */
function deniesOutside(statement: Statement, inside: Inside): boolean {
  const { effect, principals, conditions } = statement;
  const everybody = principals?.of.some(({ name }) => name === '*') === true && !principals.not;
  const [only] = conditions;
  return (
    effect === 'Deny' &&
    everybody &&
    isAboutAssuming(statement) &&
    only !== undefined &&
    conditions.length === 1 &&
    /^StringNot(Equals|Like)(IfExists)?$/.test(only.operator) &&
    only.key === organisationKey &&
    only.values.length > 0 &&
    only.values.every((value) => value === inside.organisation)
  );
}
