import { z } from 'zod';
import type { JsonObject } from '../../kernel/json.ts';
import { ok, type Refusal, refuse } from '../../kernel/result.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import type { World } from '../../platform/world.ts';
import { type Request, type Routes, route } from '../../policy/route.ts';
import type { Capability } from '../../registers/connections/facts.connector.ts';
import * as facts from '../../registers/connections/facts.setup.ts';
import { findConnection, type RunnableConnection } from '../../registers/connections/store.runs.ts';
import { connectionFlow } from '../../registers/connections/store.ts';
import { connectorOf, linkOf, type Outside } from './link.ts';
import { problemOf } from './problem.ts';
import { openSecret, type SecretUse, sealSecret } from './secrets.ts';

/** The operations that handle secrets, or ask the outside: set-up, test, change. */
export function connectionRoutes(world: World, outside: Outside): Routes & facts.SetUpRoutes {
  return {
    listConnectors: listConnectors(outside),
    testConnection: testConnection(world, outside),
    setUpConnection: setUpConnection(world, outside),
    changeConnection: changeConnection(world, outside),
    switchActing: switchActing(world, outside),
  };
}

function listConnectors({ connectors }: Outside) {
  return route({
    method: 'get',
    path: '/connectors',
    summary: 'Sources that can be connected: what each asks for, reads and can do.',
    permission: 'readConnections',
    input: facts.nothing,
    output: facts.connectorList,
    handle: async () => {
      const all = await Promise.all(Object.values(connectors).map((load) => load()));
      return ok({
        items: all.map(({ kind, aspects: read, acts, settings, secret }) => ({
          kind,
          aspects: [...read],
          acts: [...acts],
          settings: schemaOf(settings),
          secret: schemaOf(secret),
        })),
      });
    },
  });
}

function schemaOf(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}

function testConnection(world: World, outside: Outside) {
  return route({
    method: 'post',
    path: '/connections/test',
    summary: 'Asks a source what may be read with settings and secret; writes nothing.',
    permission: 'setUpConnection',
    input: facts.testInput,
    output: facts.tested,
    handle: async ({ db }, input) => {
      if (!outside.connectors[input.kind]) return refuse('kindUnknown', { kind: input.kind });
      const known = input.id ? await findConnection(db, input.id) : null;
      if (input.secret !== undefined) return ok(await tried(world, outside, input));
      const checked = await check(outside, input.kind, input.settings, undefined);
      if ('refusal' in checked) return { ok: false, refusal: checked.refusal };
      if (!known || !isSame(known, checked.settings)) return refuse('secretNeeded');
      const secret = openSecret(world.keys, known.id, 'reading', known.secret);
      return ok(await tried(world, outside, { ...input, secret }));
    },
  });
}

const testLimitMs = 60_000;

async function tried(
  world: World,
  outside: Outside,
  { kind, settings, secret }: { kind: string; settings: JsonObject; secret?: unknown },
) {
  try {
    const connector = await connectorOf(outside.connectors, kind);
    const signal = AbortSignal.timeout(testLimitMs);
    const link = linkOf(world, outside, connector, { settings, secret, for: 'reads', signal });
    const capabilities: readonly Capability[] = await connector.test(link);
    return { works: true, problem: null, detail: null, capabilities: [...capabilities] };
  } catch (error) {
    const { code, detail } = problemOf(error);
    return { works: false, problem: code, detail, capabilities: [] };
  }
}

function setUpConnection(world: World, outside: Outside) {
  return route({
    method: 'post',
    path: '/connections',
    summary:
      'Connects a system: settings, a secret that is never shown again, a schedule; reads at once.',
    permission: 'setUpConnection',
    input: facts.setUpInput,
    output: facts.setUp,
    handle: async ({ execute }, input) => {
      const { system, kind, everyHours: hours } = input;
      const checked = await check(outside, kind, input.settings, input.secret);
      if ('refusal' in checked) return { ok: false, refusal: checked.refusal };
      const newId = world.newId();
      const done = await execute(connectionFlow, {
        do: 'setUpConnection',
        id: newId,
        system,
        kind,
        settings: checked.settings,
        secret: sealSecret(world.keys, newId, 'reading', input.secret),
        everyHours: hours,
      });
      if (!done.ok) return done;
      const [event] = done.value;
      const [, made = newId] = event?.subject.split('/') ?? [];
      return ok({ id: made, runId: String(event?.body['runId'] ?? '') });
    },
  });
}

function changeConnection(world: World, outside: Outside) {
  return route({
    method: 'patch',
    path: '/connections/{id}',
    summary: 'Changes settings, secret, schedule or pause; `version` is the one that was read.',
    permission: 'changeConnection',
    input: facts.changeInput,
    output: facts.changed,
    handle: async (request, { settings, secret, ...rest }) => {
      const known = await findConnection(request.db, rest.id);
      if (!known) return refuse('connectionUnknown');
      const checked = await check(outside, known.kind, settings, secret);
      if ('refusal' in checked) return { ok: false, refusal: checked.refusal };
      const moved = settings !== undefined && !isSame(known, checked.settings);
      if (moved && secret === undefined) return refuse('secretNeeded');
      const done = await request.execute(connectionFlow, {
        do: 'changeConnection',
        ...rest,
        ...(moved ? { settings: checked.settings } : {}),
        ...sealed(world, rest.id, 'reading', secret),
      });
      return done.ok ? ok({ id: rest.id }) : done;
    },
  });
}

function switchActing(world: World, outside: Outside) {
  return route({
    method: 'post',
    path: '/connections/{id}/acting',
    summary: 'Lets a connection carry out orders, with a secret of its own, or no longer.',
    permission: 'switchActing',
    input: facts.actingInput,
    output: facts.changed,
    handle: async (request: Request, input) => {
      const known = await findConnection(request.db, input.id);
      if (!known) return refuse('connectionUnknown');
      const checked = await check(outside, known.kind, undefined, input.secret);
      if ('refusal' in checked) return { ok: false, refusal: checked.refusal };
      const done = await request.execute(connectionFlow, {
        do: 'switchActing',
        id: input.id,
        on: input.on,
        ...sealed(world, input.id, 'acting', input.secret),
      });
      return done.ok ? ok({ id: input.id }) : done;
    },
  });
}

/**
 * A stored secret goes nowhere but where it was entered for: whoever changes an address enters the
 * secret again.
 */
function isSame({ settings }: RunnableConnection, others: JsonObject): boolean {
  return canonicalJson(settings) === canonicalJson(others);
}

function sealed(world: World, of: string, use: SecretUse, secret: unknown) {
  return secret === undefined ? {} : { secret: sealSecret(world.keys, of, use, secret) };
}

type Checked = { readonly settings: JsonObject } | { readonly refusal: Refusal };

/** What was entered, as the connector will take it; a problem never quotes what was entered. */
async function check(
  { connectors }: Outside,
  kind: string,
  settings: JsonObject | undefined,
  secret: unknown,
): Promise<Checked> {
  const load = connectors[kind];
  if (!load) return refuse('kindUnknown', { kind });
  const connector = await load();
  const parts = [
    settings === undefined ? null : connector.settings.safeParse(settings),
    secret === undefined ? null : connector.secret.safeParse(secret),
  ];
  for (const part of parts) {
    const [issue] = part?.error?.issues ?? [];
    if (issue) return refuse('settingUnfit', { field: issue.path.join('.') });
  }
  return { settings: (parts[0]?.data ?? {}) as JsonObject };
}
