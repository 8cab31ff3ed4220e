import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { type Actor, personOf, type Role, roles } from '../../kernel/actor.ts';
import { invariant } from '../../kernel/invariant.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Authorization } from '../../policy/flow.ts';

/**
 * Who may do what. The permissions of every room, together, are one Cedar policy set, validated
 * against one schema when Kept starts: an action nobody declared or an attribute nobody sends stops
 * the start, not a request.
 */
export interface Authorizer {
  readonly actions: readonly string[];
  allows(actor: Actor, authorization: Authorization): boolean;
  /** Whether anyone with just this role may do an action on a thing with no attributes. */
  roleMay(role: Role, action: string): boolean;
}

/**
 * People a thing may name, so that rules can speak of them: `forbid … when { resource has author &&
 * resource.author == principal }`. `editors` is a set.
 */
const people = ['owner', 'author', 'requester', 'reviewer', 'subject', 'approver'] as const;

function schemaOf(actions: readonly string[]): cedar.Schema {
  const person = { type: 'Entity', name: 'Person', required: false } as const;
  return {
    '': {
      entityTypes: {
        Role: {},
        Person: { memberOfTypes: ['Role'] },
        Thing: {
          shape: {
            type: 'Record',
            attributes: {
              ...Object.fromEntries(people.map((name) => [name, person])),
              editors: {
                type: 'Set',
                element: { type: 'Entity', name: 'Person' },
                required: false,
              },
            },
          },
        },
      },
      actions: Object.fromEntries(
        actions.map((action) => [
          action,
          { appliesTo: { principalTypes: ['Person'], resourceTypes: ['Thing'] } },
        ]),
      ),
    },
  };
}

let sets = 0;

/**
 * @param permissions text of each room's `permissions.cedar`, by room
 * @throws InvariantBroken naming the room's mistake
 */
export function createAuthorizer(permissions: Readonly<Record<string, string>>): Authorizer {
  const text = Object.values(permissions).join('\n');
  const actions = [
    ...new Set([...text.matchAll(/Action::"([^"]+)"/g)].map((match) => match[1] as string)),
  ].sort();
  validate(permissions, text, schemaOf(actions));

  const askedOf = policiesByAction(text);

  // The answer for things without attributes depends on roles and action alone: remembered.
  const remembered = new Map<string, boolean>();
  const ask = (id: string, held: readonly Role[], { action, resource }: Authorization): boolean =>
    decide(
      askedOf(action),
      id,
      held,
      action,
      resource?.kind ?? 'Kept',
      resource?.id ?? 'kept',
      resource?.attributes ?? {},
    );
  const generally = (held: readonly Role[], action: string): boolean => {
    const key = `${action} ${[...held].sort().join(' ')}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const answer = ask('anyone', held, { action });
    remembered.set(key, answer);
    return answer;
  };

  return {
    actions,
    allows(actor, authorization) {
      // Kept itself acts by the clock through obligations that clauses declare; it has no caller.
      if (actor.kind === 'system') return true;
      if (actor.kind === 'token' && actor.scope && !actor.scope.includes(authorization.action))
        return false;
      const attributes = authorization.resource?.attributes;
      if (!attributes || Object.keys(attributes).length === 0)
        return generally(actor.roles, authorization.action);
      return ask(personOf(actor) ?? actor.id, actor.roles, authorization);
    },
    roleMay: (role, action) => generally([role], action),
  };
}

/** What is asked where an action is to be decided. */
interface Asked {
  /** The preparsed policies of the action. */
  readonly policySet: string;
  /** Attributes of a thing that they look at: carrying one over to Cedar costs as much as deciding. */
  readonly attributes: ReadonlySet<string>;
}

/**
 * Policies by the actions that they speak of: a decision goes through those of its action instead of all, which
 * more than halves it. Our actions stand in no groups, so a policy that does not name one says nothing of it.
 */
function policiesByAction(text: string): (action: string) => Asked {
  const parts = cedar.policySetTextToParts(text);
  invariant(parts.type === 'success', 'validated policies part');
  const policies = parts.policies.map((policy) => {
    const json = jsonOf(policy);
    return { policy, actions: actionsOf(json), attributes: attributesOf(json.conditions) };
  });
  const known = new Map<string, Asked>();
  return (action) => {
    const before = known.get(action);
    if (before !== undefined) return before;
    const policySet = `kept-${sets++}`;
    const those = policies.filter(({ actions }) => actions === null || actions.includes(action));
    const staticPolicies = those.map(({ policy }) => policy).join('\n');
    const parsed = cedar.preparsePolicySet(policySet, { staticPolicies });
    invariant(parsed.type === 'success', 'validated policies parse');
    const asked = { policySet, attributes: new Set(those.flatMap(({ attributes }) => attributes)) };
    known.set(action, asked);
    return asked;
  };
}

function jsonOf(policy: string): cedar.PolicyJson {
  const answer = cedar.policyToJson(policy);
  invariant(answer.type === 'success', 'validated policies have a form in JSON');
  return answer.json;
}

/** The actions that a policy names; null where it is about all of them. */
function actionsOf({ action }: cedar.PolicyJson): readonly string[] | null {
  if (action.op === 'All') return null;
  const named = 'entities' in action ? action.entities : 'entity' in action ? [action.entity] : [];
  return named.map((entity) => ('__entity' in entity ? entity.__entity.id : entity.id));
}

/** Names behind every `.` and `has` of an expression, wherever in it: at most one too many. */
function attributesOf(expression: unknown): readonly string[] {
  if (typeof expression !== 'object' || expression === null) return [];
  const { attr } = expression as { readonly attr?: unknown };
  // `has` may name a whole path.
  const named = [attr].flat().filter((name) => typeof name === 'string');
  return [...named, ...Object.values(expression).flatMap(attributesOf)];
}

/** All at once, because each validation builds the schema anew; where there is a fault, by room to name it. */
function validate(
  permissions: Readonly<Record<string, string>>,
  text: string,
  schema: cedar.Schema,
): void {
  if (faultsOf(text, schema).length === 0) return;
  for (const [room, policies] of Object.entries(permissions)) {
    const faults = faultsOf(policies, schema);
    invariant(faults.length === 0, `permissions of ${room}: ${faults.join('; ')}`);
  }
  invariant(false, 'permissions of the rooms are valid together');
}

function faultsOf(policies: string, schema: cedar.Schema): readonly string[] {
  const answer = cedar.validate({ schema, policies: { staticPolicies: policies } });
  return answer.type === 'failure'
    ? answer.errors.map((error) => error.message)
    : answer.validationErrors.map(({ error }) => error.message);
}

function decide(
  { policySet, attributes: wanted }: Asked,
  personId: string,
  held: readonly Role[],
  action: string,
  kind: string,
  id: string,
  attributes: JsonObject,
): boolean {
  const principal = { type: 'Person', id: personId };
  const resource = { type: 'Thing', id: `${kind}/${id}` };
  const answer = cedar.statefulIsAuthorized({
    principal,
    action: { type: 'Action', id: action },
    resource,
    context: {},
    preparsedPolicySetId: policySet,
    entities: [
      {
        uid: principal,
        attrs: {},
        parents: held.filter(isRole).map((role) => ({ type: 'Role', id: role })),
      },
      { uid: resource, attrs: peopleOf(attributes, wanted), parents: [] },
    ],
  });
  invariant(answer.type === 'success', `Cedar could not decide ${action}`);
  return answer.response.decision === 'allow';
}

function isRole(role: string): role is Role {
  return (roles as readonly string[]).includes(role);
}

/** Attributes are people: ids become Cedar entities; a null is an attribute that is not there. */
function peopleOf(
  attributes: JsonObject,
  wanted: ReadonlySet<string>,
): Record<string, cedar.CedarValueJson> {
  const person = (id: string) => ({ __entity: { type: 'Person', id } });
  const named: Record<string, cedar.CedarValueJson> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (!wanted.has(name)) continue;
    if (typeof value === 'string') named[name] = person(value);
    else if (Array.isArray(value)) named[name] = value.map((each) => person(String(each)));
  }
  return named;
}
