import type { Json } from '../../kernel/json.ts';

/**
 * Documents of IAM policies, as the grammar of the IAM User Guide has them ("Grammar of the IAM
 * JSON policy language"), in one normal form: lists everywhere, nothing optional.
 */
export interface PolicyDocument {
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Matching;
  readonly resources: Matching;
  /** Null in a policy of an identity, which names no principal. */
  readonly principals: Principals | null;
  readonly conditions: readonly Condition[];
}

/** `Action: […]` is `{not: false, …}`, `NotAction: […]` is `{not: true, …}`. */
export interface Matching {
  readonly not: boolean;
  readonly patterns: readonly string[];
}

export interface Principals {
  readonly not: boolean;
  readonly of: readonly { readonly type: PrincipalType; readonly name: string }[];
}

const principalTypes = ['AWS', 'Service', 'Federated', 'CanonicalUser'] as const;
export type PrincipalType = (typeof principalTypes)[number];

export interface Condition {
  /** `StringEquals`, `ForAnyValue:StringLike`, `BoolIfExists`. */
  readonly operator: string;
  /** In lower case, as keys of conditions have no case. */
  readonly key: string;
  readonly values: readonly string[];
}

/** A policy that does not follow the grammar: what it allows cannot be told. */
export class NotAPolicy extends Error {
  override readonly name = 'NotAPolicy';
}

/**
 * Reads the document of a policy, as JSON or as IAM answers it (percent-encoded, RFC 3986).
 *
 * @throws {NotAPolicy} where it does not follow the grammar
 */
export function parsePolicy(text: string): PolicyDocument {
  let document: Json;
  try {
    const json = text.trimStart().startsWith('{') ? text : decodeURIComponent(text);
    document = JSON.parse(json) as Json;
  } catch (cause) {
    throw new NotAPolicy('the document is not JSON', { cause });
  }
  const statements = listOf(objectOf(document, 'a policy')['Statement']);
  return { statements: statements.map(readStatement) };
}

function readStatement(value: Json): Statement {
  const statement = objectOf(value, 'a statement');
  const effect = statement['Effect'];
  if (effect !== 'Allow' && effect !== 'Deny') throw new NotAPolicy('a statement has no effect');
  return {
    effect,
    actions: readMatching(statement, 'Action') ?? none('a statement names no action'),
    // A trust policy has none: the role itself is the resource.
    resources: readMatching(statement, 'Resource') ?? { not: false, patterns: ['*'] },
    principals: readPrincipals(statement),
    conditions: readConditions(statement['Condition']),
  };
}

function none(message: string): never {
  throw new NotAPolicy(message);
}

function readMatching(
  statement: Readonly<Record<string, Json>>,
  name: 'Action' | 'Resource',
): Matching | null {
  for (const [key, not] of [
    [name, false],
    [`Not${name}`, true],
  ] as const) {
    if (statement[key] !== undefined) return { not, patterns: textsOf(statement[key], key) };
  }
  return null;
}

function readPrincipals(statement: Readonly<Record<string, Json>>): Principals | null {
  const not = statement['NotPrincipal'] !== undefined;
  const value = statement['Principal'] ?? statement['NotPrincipal'];
  if (value === undefined) return null;
  if (value === '*') return { not, of: [{ type: 'AWS', name: '*' }] };
  const named = objectOf(value, 'a principal');
  const of = principalTypes.flatMap((type) =>
    named[type] === undefined ? [] : textsOf(named[type], type).map((name) => ({ type, name })),
  );
  return { not, of };
}

function readConditions(value: Json | undefined): readonly Condition[] {
  if (value === undefined) return [];
  return Object.entries(objectOf(value, 'a condition')).flatMap(([operator, keys]) =>
    Object.entries(objectOf(keys, operator)).map(([key, values]) => ({
      operator,
      key: key.toLowerCase(),
      values: listOf(values).map(String),
    })),
  );
}

function objectOf(value: Json, what: string): Readonly<Record<string, Json>> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new NotAPolicy(`${what} is not an object`);
  return value as Readonly<Record<string, Json>>;
}

function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

function textsOf(value: Json, what: string): readonly string[] {
  return listOf(value).map((item) =>
    typeof item === 'string' ? item : none(`${what} is not a text`),
  );
}
