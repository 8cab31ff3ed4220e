import type { Json, JsonObject } from '../../kernel/json.ts';
import {
  type Aspect,
  ChangesLost,
  type Gap,
  heldKey,
  type Observation,
  type ReadEnd,
  type ReadFrom,
  SourceProblem,
  type Stretch,
} from '../../registers/connections/facts.connector.ts';
import { ahead } from './ahead.ts';
import { groupName, permissions, roleName, type Stage, stages } from './facts.ts';
import {
  type EntraLink,
  type Graph,
  GraphForbidden,
  type GraphObject,
  type GraphPage,
  graphOf,
} from './graph.ts';
import { isPrivilegedRole } from './privileged.ts';

/** Where a read is: the stage, the page to ask for next, and the delta links it has so far. */
interface Place {
  readonly stage: number;
  readonly link: string | null;
  /** By stage: where its next read of changes begins; under `form`, what its links select. */
  readonly next: Readonly<Record<string, string>>;
  /** A stage could not be read, so that there is nothing to follow changes from. */
  readonly broken: boolean;
}

/** How one stage is read. */
interface Source {
  readonly path: string;
  readonly aspects: readonly Aspect[];
  /** Whether it can tell what has changed since its last delta link. */
  readonly delta: boolean;
  /** Where it fails, and not for want of a permission: the rest is read all the same. */
  readonly spare: boolean;
  /** It is one object, and no list of them. */
  readonly single?: true;
  observe(values: readonly GraphObject[], read: ReadFrom['read']): Observation[];
}

/**
 * What was selected of users when their delta link was made. Graph goes on selecting just that, so
 * that links from before another property was wanted lead nowhere, and the whole is read at once.
 */
const form = '2';

/** Whether the tenant has Microsoft's security defaults on. */
export const securityDefaultsPath = '/policies/identitySecurityDefaultsEnforcementPolicy';

const sources: Readonly<Record<Stage, Source>> = {
  users: {
    path: '/users/delta?$select=id,userPrincipalName,mail,accountEnabled,passwordPolicies',
    aspects: ['accounts'],
    delta: true,
    spare: false,
    observe: (values, read) =>
      values.flatMap((user) => [...userOf(user), ...exemptionOf(user, read)]),
  },
  groups: {
    path: '/groups/delta?$select=id,displayName,isAssignableToRole,members',
    aspects: ['entitlements', 'held'],
    delta: true,
    spare: false,
    observe: (values) =>
      values.flatMap((group) => holdingOf(group, groupName, group['isAssignableToRole'] === true)),
  },
  roles: {
    path: '/directoryRoles/delta?$select=id,displayName,roleTemplateId,members',
    aspects: ['entitlements', 'held'],
    delta: true,
    spare: false,
    observe: (values) =>
      values.flatMap((role) =>
        holdingOf(role, roleName, isPrivilegedRole(textOf(role, 'roleTemplateId'))),
      ),
  },
  registrations: {
    path: '/reports/authenticationMethods/userRegistrationDetails',
    aspects: ['secondFactors'],
    delta: false,
    spare: true,
    observe: (values) =>
      values.map((user) => ({
        of: 'secondFactor',
        key: idOf(user),
        facts: { enrolled: flagOf(user, 'isMfaRegistered') },
      })),
  },
  signIns: {
    path: '/users?$select=id,signInActivity&$top=500',
    aspects: ['signIns'],
    delta: false,
    spare: true,
    observe: (values) => values.map(signInOf),
  },
  conditionalAccess: {
    path: '/identity/conditionalAccess/policies',
    aspects: ['conditionalAccess'],
    delta: false,
    spare: true,
    // At most 195 in a tenant: one page, one setting.
    observe: (values) => [setting('conditionalAccess', { policies: values as Json })],
  },
  domains: {
    // When passwords end is not asked for: that they do makes none of them stronger (NIST SP 800-63B).
    path: '/domains?$select=id,isVerified,authenticationType',
    aspects: ['passwordPolicy'],
    delta: false,
    spare: true,
    observe: (values) => [setting('passwordPolicy', { domains: values as Json })],
  },
  securityDefaults: {
    path: securityDefaultsPath,
    aspects: ['securityDefaults'],
    delta: false,
    spare: true,
    single: true,
    observe: (values) =>
      values.flatMap((policy) => {
        const enabled = flagOf(policy, 'isEnabled');
        return enabled === null ? [] : [setting('securityDefaults', { enabled })];
      }),
  },
};

/**
 * Reads a tenant stage by stage and page by page. Users, groups and roles can tell what has changed;
 * the reports and policies are small beside them and are read whole every time.
 */
export async function* readEntra(
  link: EntraLink,
  from: ReadFrom,
): AsyncGenerator<Stretch, ReadEnd, void> {
  const since = from.read === 'changes' ? (from.since as Record<string, string>) : {};
  if (from.read === 'changes' && since['form'] !== form)
    throw new ChangesLost('its links select less than is read now');
  let place = (from.resume as Place | null) ?? {
    stage: 0,
    link: null,
    next: { form },
    broken: false,
  };
  // Asked for while others are looked at and laid down: the wire need not wait for either.
  for await (const page of ahead(pagesFrom(graphOf(link), since, place), pagesAhead)) {
    place = page.place;
    const { observe } = sources[page.stage];
    yield { observations: observe(page.values, from.read), gaps: page.gaps, resume: jsonOf(place) };
  }
  return { next: place.broken ? null : place.next };
}

/** Pages that lie ready at most, each of them a megabyte of memory at most. */
const pagesAhead = 4;

/** A page of a stage, or what could not be read for want of it. */
interface Page {
  readonly stage: Stage;
  readonly values: readonly GraphObject[];
  readonly gaps: readonly Gap[];
  /** Where the read is once this page is laid down. */
  readonly place: Place;
}

/** Asks for one page after the other: each says where the next one is. @returns null at the end */
function pagesFrom(
  graph: Graph,
  since: Readonly<Record<string, string>>,
  from: Place,
): () => Promise<Page | null> {
  let place = from;
  return async () => {
    const stage = stages[place.stage];
    if (!stage) return null;
    const source = sources[stage];
    const address = place.link ?? (source.delta ? since[stage] : undefined) ?? source.path;
    const turn = await pageOr(stage, source, () =>
      source.single ? alone(graph, address) : graph.page(address),
    );
    if ('gaps' in turn) {
      place = placeWithout(place, source);
      return { stage, values: [], gaps: turn.gaps, place };
    }
    const { page } = turn;
    if (source.delta && !page.nextLink && !page.deltaLink)
      throw new SourceProblem('unexpectedAnswer', `${stage}: the last page is missing`);
    place = placeAfter(place, stage, page);
    return { stage, values: page.value, gaps: [], place };
  };
}

/** One object as the only page of itself. */
async function alone(graph: Graph, path: string): Promise<GraphPage> {
  return { value: [await graph.object(path)], nextLink: null, deltaLink: null };
}

type Turn = { readonly page: GraphPage } | { readonly gaps: readonly Gap[] };

function placeAfter(place: Place, stage: Stage, { nextLink, deltaLink }: GraphPage): Place {
  const next = deltaLink ? { ...place.next, [stage]: deltaLink } : place.next;
  return nextLink
    ? { ...place, link: nextLink, next }
    : { ...place, stage: place.stage + 1, link: null, next };
}

function placeWithout(place: Place, { delta }: Source): Place {
  return { ...place, stage: place.stage + 1, link: null, broken: place.broken || delta };
}

const jsonOf = (place: Place): JsonObject => ({ ...place });

/** A page, or what could not be read for want of it. */
async function pageOr(
  stage: Stage,
  { aspects, spare }: Source,
  ask: () => Promise<GraphPage>,
): Promise<Turn> {
  const gapsOf = (permission: string, error: Error) => ({
    gaps: aspects.map((aspect) => ({ aspect, permission, message: error.message.slice(0, 300) })),
  });
  try {
    return { page: await ask() };
  } catch (error) {
    if (error instanceof GraphForbidden) return gapsOf(permissions[stage], error);
    if (spare && error instanceof SourceProblem && error.code === 'sourceFails')
      return gapsOf('', error);
    throw error;
  }
}

/**
 * A user of a page of changes, with all that was selected: Graph repeats what has not changed unless
 * it is asked for less.
 */
function userOf(user: GraphObject): Observation[] {
  const key = idOf(user);
  if (isRemoved(user)) return [{ of: 'account', key, facts: null }];
  return [
    {
      of: 'account',
      key,
      facts: {
        name: textOf(user, 'userPrincipalName') || key,
        email: textOf(user, 'mail') || null,
        kind: 'staff',
        active: flagOf(user, 'accountEnabled') ?? true,
        secondFactor: null,
        lastUsedAt: null,
      },
    },
  ];
}

/**
 * That a user's password may be weaker than Microsoft's own rule asks for. A whole read says so of
 * whom it is true; a read of changes also says of whom it no longer is.
 */
function exemptionOf(user: GraphObject, read: ReadFrom['read']): Observation[] {
  const account = idOf(user);
  const key = `weakPassword/${account}`;
  const policies = textOf(user, 'passwordPolicies').split(',');
  const exempt = policies.some((policy) => policy.trim() === 'DisableStrongPassword');
  if (exempt && !isRemoved(user)) return [setting(key, { account })];
  return read === 'changes' ? [{ of: 'setting', key, facts: null }] : [];
}

/** A group or role and those of its members who are users; other members hold nothing of their own. */
function holdingOf(
  holding: GraphObject,
  nameOf: (name: string) => string,
  privileged: boolean,
): Observation[] {
  const key = idOf(holding);
  if (isRemoved(holding)) return [{ of: 'entitlement', key, facts: null }];
  const name = textOf(holding, 'displayName') || key;
  const observations: Observation[] = [
    { of: 'entitlement', key, facts: { name: nameOf(name), privileged, risks: [] } },
  ];
  const members = holding['members@delta'];
  for (const member of Array.isArray(members) ? (members as GraphObject[]) : []) {
    if (member['@odata.type'] !== '#microsoft.graph.user') continue;
    const account = idOf(member);
    const facts = isRemoved(member) ? null : { account, entitlement: key };
    observations.push({ of: 'held', key: heldKey(account, key), facts });
  }
  return observations;
}

function signInOf(user: GraphObject): Observation {
  const activity = (user['signInActivity'] ?? {}) as GraphObject;
  const moments = ['lastSignInDateTime', 'lastNonInteractiveSignInDateTime']
    .map((name) => textOf(activity, name))
    .filter((text) => text !== '')
    .sort();
  const newest = moments.at(-1);
  const at = newest ? Temporal.Instant.from(newest) : null;
  return { of: 'signIn', key: idOf(user), facts: { at } };
}

function setting(key: string, facts: JsonObject): Observation {
  return { of: 'setting', key, facts };
}

function idOf(object: GraphObject): string {
  const id = textOf(object, 'id');
  if (id === '') throw new SourceProblem('unexpectedAnswer', 'an object without an id');
  return id;
}

const isRemoved = (object: GraphObject): boolean => object['@removed'] !== undefined;

function textOf(object: GraphObject, name: string): string {
  const value = object[name];
  return typeof value === 'string' ? value : '';
}

function flagOf(object: GraphObject, name: string): boolean | null {
  const value = object[name];
  return typeof value === 'boolean' ? value : null;
}
