import type { Risk } from '../../registers/connections/facts.connector.ts';
import type { Matching, PolicyDocument, Statement } from './document.ts';
import { contains, matches } from './glob.ts';

/** What the documents of an identity's policies allow, as far as least privilege asks. */
export interface Verdict {
  readonly risks: readonly PolicyRisk[];
  /** Whether its holder could give themselves, or somebody, more than they have. */
  readonly privileged: boolean;
  /** Patterns of ARNs of roles that it names as to be assumed. */
  readonly assumes: readonly string[];
}

export type PolicyRisk = Extract<Risk, 'administrator' | 'wildcardAction' | 'wildcardResource'>;

export const harmless: Verdict = { risks: [], privileged: false, assumes: [] };

/**
 * Judges documents together, as IAM evaluates them: what one denies without condition, for all
 * resources, none of them allows. In doubt it sees a risk: conditions of an `Allow` are not taken
 * to narrow it (but by tags of the resource), and a `Deny` counts only where it covers the whole.
 * A further `Allow` never takes a risk away, and a further `Deny` never adds one.
 */
export function judge(documents: readonly PolicyDocument[]): Verdict {
  const statements = documents.flatMap((document) => document.statements);
  const denies = statements.filter((one) => one.effect === 'Deny' && one.conditions.length === 0);
  const allows = statements.filter((one) => one.effect === 'Allow');
  const found = (rule: (allow: Allowed) => boolean) =>
    allows.some((statement) => rule(allowedBy(statement, denies)));
  const risks: PolicyRisk[] = [];
  if (found((allow) => isAdministrator(allow, denies))) risks.push('administrator');
  if (found(({ actions }) => actions.some(isWildcardAction))) risks.push('wildcardAction');
  if (found(changesEverything)) risks.push('wildcardResource');
  return {
    risks,
    privileged:
      risks.includes('administrator') ||
      found(({ actions, statement }) => escalates(actions, statement)),
    assumes: allows.flatMap((statement) => assumedBy(allowedBy(statement, denies))),
  };
}

/** What several identities' worth of policies comes to: a group is what its policies are. */
export function together(verdicts: readonly Verdict[]): Verdict {
  return {
    risks: [...new Set(verdicts.flatMap(({ risks }) => risks))],
    privileged: verdicts.some(({ privileged }) => privileged),
    assumes: verdicts.flatMap(({ assumes }) => assumes),
  };
}

/** A permissions boundary allows nothing by itself: what remains is what both allow. */
export function within(verdict: Verdict, boundary: Verdict): Verdict {
  return {
    risks: verdict.risks.filter((risk) => boundary.risks.includes(risk)),
    privileged: verdict.privileged && boundary.privileged,
    assumes: verdict.assumes,
  };
}

/** Action patterns of an `Allow` that no `Deny` takes away whole, in lower case. */
interface Allowed {
  readonly statement: Statement;
  readonly actions: readonly string[];
}

function allowedBy(statement: Statement, denies: readonly Statement[]): Allowed {
  const { actions, resources } = statement;
  // `NotAction` allows nearly everything, but never what it names.
  const patterns = actions.not ? [exceptFor(actions.patterns)] : actions.patterns.map(lower);
  const denied = (pattern: string) =>
    denies.some(
      (deny) => includes(lowered(deny.actions), pattern) && includesAll(deny.resources, resources),
    );
  return { statement, actions: patterns.filter((pattern) => !denied(pattern)) };
}

/** `NotAction` without an action is `*`; with some it is a wildcard that is not everything. */
function exceptFor(patterns: readonly string[]): string {
  return patterns.length === 0 ? '*' : '**';
}

const lower = (text: string) => text.toLowerCase();
const lowered = ({ not, patterns }: Matching): Matching => ({ not, patterns: patterns.map(lower) });

/** Whether a matching surely matches all that a pattern does. */
function includes({ not, patterns }: Matching, pattern: string): boolean {
  return not
    ? patterns.every((other) => areApart(other, pattern))
    : patterns.some((other) => contains(other, pattern));
}

function includesAll(matching: Matching, other: Matching): boolean {
  if (other.not) return includes(matching, '*');
  return other.patterns.every((pattern) => includes(matching, pattern));
}

/** Whether no text matches both, seen from what stands before their first wildcards. */
function areApart(a: string, b: string): boolean {
  const [left, right] = [a, b].map((pattern) => pattern.split(/[*?]/, 1)[0] as string) as [
    string,
    string,
  ];
  return !left.startsWith(right) && !right.startsWith(left);
}

/** Everything on everything; without IAM as a whole it is a power user. */
function isAdministrator({ statement, actions }: Allowed, denies: readonly Statement[]): boolean {
  const identities = denies.some(
    (deny) =>
      includes(lowered(deny.actions), 'iam:*') && includesAll(deny.resources, statement.resources),
  );
  return (
    !identities &&
    actions.some((pattern) => pattern !== '**' && contains(pattern, '*:*')) &&
    includesEverything(statement.resources)
  );
}

function includesEverything({ not, patterns }: Matching): boolean {
  if (not) return patterns.length === 0;
  return patterns.some((pattern) => contains(pattern, 'arn:aws:*:*:*:*'));
}

/** `*`, `service:*`. */
function isWildcardAction(pattern: string): boolean {
  const head = pattern.replace(/\*+$/, '');
  return head !== pattern && (!head.includes(':') || head.endsWith(':'));
}

/** An action that changes something, on all resources, or on all of a kind (`arn:aws:s3:::*`). */
function changesEverything({ statement, actions }: Allowed): boolean {
  const { resources, conditions } = statement;
  if (conditions.some(isByTag)) return false;
  const wide = resources.not
    ? !resources.patterns.some((pattern) => contains(pattern, '*'))
    : resources.patterns.some(isWildcardResource);
  return wide && actions.some((action) => !onlyReads(action));
}

function isWildcardResource(pattern: string): boolean {
  return contains(pattern, 'arn:aws:*:*:*:*') || /^arn:[^:]*:[^:]*:[^:]*:[^:]*:\*+$/.test(pattern);
}

/** A condition that lets through only resources with a certain tag: access by attribute. */
function isByTag({
  operator,
  key,
  values,
}: {
  operator: string;
  key: string;
  values: readonly string[];
}): boolean {
  return (
    /^(aws|[a-z0-9-]+):resourcetag\//.test(key) &&
    /^(ForAnyValue:)?String(Equals|Like|EqualsIgnoreCase)$/.test(operator) &&
    values.length > 0 &&
    values.every((value) => !/^[*?]+$/.test(value))
  );
}

const readingVerbs =
  /^[a-z0-9-]+:(get|list|describe|batchget|batchdescribe|head|search|query|scan|select|view|lookup|check|simulate|estimate|preview|read|download|discover|detect|verify|validate|test|filter)/;

/**
 * Whether an action, by the verb that its name begins with, changes nothing. A pattern counts as
 * reading only where the verb stands before its first wildcard.
 */
export function onlyReads(action: string): boolean {
  const before = lower(action).split(/[*?]/, 1)[0] as string;
  return readingVerbs.test(before);
}

/** What lets somebody raise themselves, or another, to more than they have. */
const escalations = [
  'iam:createpolicyversion',
  'iam:setdefaultpolicyversion',
  'iam:attachuserpolicy',
  'iam:attachgrouppolicy',
  'iam:attachrolepolicy',
  'iam:putuserpolicy',
  'iam:putgrouppolicy',
  'iam:putrolepolicy',
  'iam:deleteuserpermissionsboundary',
  'iam:deleterolepermissionsboundary',
  'iam:addusertogroup',
  'iam:updateassumerolepolicy',
  'iam:createaccesskey',
  'iam:createloginprofile',
  'iam:updateloginprofile',
  'sso:createaccountassignment',
  'sso:putinlinepolicytopermissionset',
  'sso:attachmanagedpolicytopermissionset',
  'identitystore:creategroupmembership',
];
/** Ordinary on a named role, an escalation on all of them. */
const escalationsOnAll = ['iam:passrole', 'sts:assumerole'];

function escalates(actions: readonly string[], { resources, actions: named }: Statement): boolean {
  // One's own user: people who change their own password and keys gain nothing by it.
  const others = resources.not || resources.patterns.some((one) => !one.includes('${aws:user'));
  if (!others) return false;
  const wide = resources.not || resources.patterns.some((one) => /[:/]\*+$|^\*+$/.test(one));
  const wanted = wide ? [...escalations, ...escalationsOnAll] : escalations;
  const spared = named.not ? named.patterns.map(lower) : [];
  return wanted.some(
    (action) =>
      !spared.some((pattern) => matches(pattern, action)) &&
      actions.some((pattern) => matches(pattern, action)),
  );
}

/** Roles by name; who may do everything is an administrator and is not also listed with each role. */
function assumedBy({ statement, actions }: Allowed): readonly string[] {
  const names = actions.some(
    (pattern) => pattern.startsWith('sts:') && matches(pattern, 'sts:assumerole'),
  );
  return names && !statement.resources.not ? statement.resources.patterns : [];
}
