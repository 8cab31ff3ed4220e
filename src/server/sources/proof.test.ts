import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  advise,
  audit,
  company,
  deputy,
  react,
  source,
  uuid,
  vectors,
} from '../../clauses/vulnerabilities/backlog.fixture.ts';
import {
  expireDecisions,
  reclassify,
  settleAdvisories,
  settleEverything,
  settleSource,
} from '../../clauses/vulnerabilities/flows.ts';
import { type Actor, type Role, roles } from '../../kernel/actor.ts';
import { execute, executeAs } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import type { Request, Route } from '../../policy/route.ts';
import { apiRoutes } from '../operations.ts';

/**
 * VUL-4, fixedOnlyByProof: whatever anybody sends to any operation of the whole composition, nothing becomes
 * fixed by it. What proves a fix is left out: an audit, and a report that is all that its tool sees.
 */

const world = await testWorld();
const { db } = world.database;
const personOf = (role: Role) => uuid(500 + roles.indexOf(role));
const actorOf = (role: Role) => actorWith(personOf(role), role);
/** One of each role, and a second officer who approves what the first asks for. */
const callers = [...roles.map(actorOf), actorWith(deputy, 'security-officer')];
let web = '';
let importId = '';

beforeAll(async () => {
  await company(world);
  for (const role of roles) {
    await sql`insert into person (id, name, email, roles)
      values (${personOf(role)}, ${`Sample ${role}`}, ${`${role}@example.com`}, array[${role}])`.execute(
      db,
    );
  }
  web = await source(world, 'web');
  importId = await advise(world, [
    { id: 'KEPT-SAMPLE-1', name: 'sample-a', fixed: '2.0.0', vector: vectors.high },
    { id: 'KEPT-SAMPLE-2', name: 'sample-b', vector: vectors.critical },
    { id: 'KEPT-SAMPLE-3', name: 'sample-c' },
  ]);
  await audit(world, web, { 'sample-a': '1.0.0', 'sample-b': '1.0.0', 'sample-c': '1.0.0' });
});

function requestOf(actor: Actor): Request {
  return {
    db,
    execute: executeAs(world, actor),
    actor,
    now: world.now(),
    zone: 'Asia/Tokyo',
    language: 'en',
    may: () => true,
    url: world.url,
  };
}

/** Ids in a table, in the words of a query. */
async function idsOf(query: ReturnType<typeof sql<{ id: string }>>): Promise<readonly string[]> {
  return (await query.execute(db)).rows.map(({ id }) => id);
}

/** Says that what is in use is fixed; whoever says so never saw it, and only takes back what they saw. */
const saidToBeFixed = JSON.stringify({
  '@context': 'https://openvex.dev/ns/v0.2.0',
  author: 'match',
  statements: [
    {
      vulnerability: { name: 'KEPT-SAMPLE-1' },
      products: [{ '@id': 'pkg:npm/sample-a@1.0.0' }],
      status: 'fixed',
    },
  ],
});

/** Of each field what a caller could send that means most. */
async function inputs(): Promise<readonly object[]> {
  const ids = await idsOf(sql`select id from backlog_item order by id`);
  const asked = await idsOf(sql`select id from backlog_decision where state = 'asked'`);
  const sources = await sql<{ version: number }>`select version from source`.execute(db);
  const [id] = ids;
  const until = world
    .now()
    .add({ hours: 24 * 20 })
    .toString()
    .slice(0, 10);
  const fixed = { state: 'fixed', fixed: true, reason: 'fixed', note: 'fixed' };
  return [
    { ids, ...fixed },
    { ids, assigneeId: personOf('engineer'), ...fixed },
    { id, vector: vectors.low, ...fixed },
    { ids, kind: 'fixed', until, ...fixed },
    { ids, kind: 'notAffected', justification: 'component_not_present', until, ...fixed },
    { ids, kind: 'accepted', until, ...fixed },
    { ids: asked, approve: true, ...fixed },
    { id: asked[0], approve: true, ...fixed },
    { id: web, text: '{"version":"2.1.0","runs":[]}', complete: false },
    { id: web, text: saidToBeFixed },
    { id: web, version: sources.rows[0]?.version, cadenceDays: 20, ...fixed },
    { id: web, ...fixed },
    { id, ...fixed },
    fixed,
    {},
  ];
}

const proofs = ['recordAudit'];

const written = () =>
  Object.entries(apiRoutes(world, {})).filter(
    ([name, { method }]) => method !== 'get' && !proofs.includes(name),
  );

describe('fixed', () => {
  test('is said by no operation that writes, in any role, with anything it takes', {
    timeout: 180_000,
  }, async () => {
    const taken = new Set<string>();
    for (const [name, route] of written() as [string, Route][]) {
      for (const caller of callers) {
        for (const input of await inputs()) {
          const parsed = route.input.safeParse(input);
          if (!parsed.success) continue;
          taken.add(name);
          await Promise.resolve(route.handle(requestOf(caller), parsed.data)).catch(
            () => undefined,
          );
        }
      }
      const fixed = await idsOf(sql`select id from backlog_item where state = 'fixed'`);
      expect(fixed, name).toEqual([]);
    }
    for (const name of ['decideDecisions', 'startBacklog', 'importFindings', 'retireSource'])
      expect(taken).toContain(name);
    expect(taken.size).toBeGreaterThan(40);
    // Not because everything was refused.
    const { rows } = await sql<{ type: string }>`
      select distinct type from ledger_entry where subject like 'backlog/%' or subject like 'decision%'
        or subject like 'source/%'`.execute(db);
    expect(rows.map(({ type }) => type)).toEqual(
      expect.arrayContaining([
        'BacklogStarted',
        'DecisionAsked',
        'DecisionsDecided',
        'FindingsReported',
        'SourceRetired',
      ]),
    );
  });

  test('does not follow from anything that was done then: what is retired has lapsed', async () => {
    for (const type of ['SourceChanged', 'SourceRetired', 'SourceRestored', 'SourceAudited'])
      await react(world, type, `source/${web}`);
    await react(world, 'AdvisoriesImported', `advisories/${importId}`);
    expect(await idsOf(sql`select id from backlog_item where state = 'fixed'`)).toEqual([]);
    expect(await idsOf(sql`select id from backlog_item`)).not.toEqual([]);
  });

  test.each(roles)('and %s settles nothing: that is for the system alone', async (role) => {
    const flows: readonly (readonly [AnyFlow, object])[] = [
      [settleSource as unknown as AnyFlow, { sourceId: web }],
      [settleAdvisories as unknown as AnyFlow, { importId }],
      [settleEverything as unknown as AnyFlow, {}],
      [reclassify as unknown as AnyFlow, { because: 'systems', id: 'all' }],
      [expireDecisions as unknown as AnyFlow, {}],
    ];
    for (const [flow, command] of flows)
      expect(await execute(world, flow, command, actorOf(role)), flow.name).toMatchObject({
        ok: false,
        refusal: { code: 'notAllowed' },
      });
  });
});
