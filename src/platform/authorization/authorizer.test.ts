import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { describe, expect, test } from 'vitest';
import type { Actor, Role } from '../../kernel/actor.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { createAuthorizer } from './authorizer.ts';

const policies = `
permit (principal in Role::"people", action in [Action::"read", Action::"write", Action::"sign"], resource);
permit (principal, action == Action::"write", resource)
  when { resource has editors && resource.editors.contains(principal) };
forbid (principal, action == Action::"write", resource)
  when { resource has requester && resource.requester == principal };
forbid (principal, action == Action::"sign", resource)
  unless { resource has owner && (if resource has author then resource.author != principal else resource.owner == principal) };
`;
const authorizer = createAuthorizer({ sample: policies });
const [aoi, ren] = ['01990000-0000-7000-8000-000000000001', '01990000-0000-7000-8000-000000000002'];
const actorOf = (id: string, roles: readonly Role[]): Actor => ({
  kind: 'person',
  id,
  roles,
  secondFactor: true,
  language: 'en',
});

/** Every combination of who is named where. */
const things: readonly JsonObject[] = ['requester', 'owner', 'author', 'editors'].reduce<
  JsonObject[]
>(
  (some, name) =>
    some.flatMap((thing) =>
      [null, aoi, ren].map((id) => ({ ...thing, [name]: name === 'editors' && id ? [id] : id })),
    ),
  [{}],
);

describe('a decision about a thing that names people', () => {
  test('is the one that Cedar comes to over all policies with all that is known of it', () => {
    const said = { yes: 0, no: 0 };
    for (const action of authorizer.actions)
      for (const roles of [['people'], ['employee']] as const)
        for (const attributes of things) {
          const allowed = authorizer.allows(actorOf(aoi, roles), {
            action,
            resource: { kind: 'thing', id: '1', attributes },
          });
          expect([action, roles, attributes, allowed]).toEqual([
            action,
            roles,
            attributes,
            byWhole(action, roles, attributes),
          ]);
          said[allowed ? 'yes' : 'no']++;
        }
    expect(said.yes).toBeGreaterThan(50);
    expect(said.no).toBeGreaterThan(50);
  });

  test('depends on an attribute that is only asked to be there', () => {
    const may = (attributes: JsonObject) =>
      authorizer.allows(actorOf(aoi, ['people']), {
        action: 'sign',
        resource: { kind: 'thing', id: '1', attributes },
      });
    expect([may({ owner: ren, author: ren }), may({ owner: ren })]).toEqual([true, false]);
  });
});

function byWhole(action: string, roles: readonly Role[], attributes: JsonObject): boolean {
  const entity = (id: unknown) => ({ __entity: { type: 'Person', id: String(id) } });
  const principal = { type: 'Person', id: aoi };
  const resource = { type: 'Thing', id: 'thing/1' };
  const attrs = Object.fromEntries(
    Object.entries(attributes)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, Array.isArray(value) ? value.map(entity) : entity(value)]),
  );
  const parents = roles.map((id) => ({ type: 'Role', id }));
  const answer = cedar.isAuthorized({
    principal,
    action: { type: 'Action', id: action },
    resource,
    context: {},
    policies: { staticPolicies: policies },
    entities: [
      { uid: principal, attrs: {}, parents },
      { uid: resource, attrs, parents: [] },
    ],
  });
  if (answer.type !== 'success') throw new Error(JSON.stringify(answer.errors));
  return answer.response.decision === 'allow';
}
