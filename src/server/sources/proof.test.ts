import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  advise,
  audit,
  company,
  depot,
  deputy,
  lockfile,
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
 * fixed by it; an audit of nothing is among that. What proves a fix is left out: an audit that still has the rest,
 * a report that is all that its tool sees, and the word of a second person.
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
    ...emptyAudits(web),
    { id, ...fixed },
    fixed,
    {},
  ];
}

/** Audits that have nothing, or nothing of what was there: with a word why, and without. */
function emptyAudits(id: string): readonly object[] {
  const files = [{}, { 'sample-other': '1.0.0' }].map((packages) => [
    { name: 'package-lock.json', text: lockfile(packages) },
  ]);
  return files.flatMap((each) => [
    { id, files: each, complete: true },
    { id, files: each, complete: true, goneBecause: 'fixed' },
  ]);
}

/** What only a second person does, and so not the same for every caller: below, by each alone. */
const proofs = ['confirmAudit'];

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
    for (const name of [
      'decideDecisions',
      'startBacklog',
      'importFindings',
      'retireSource',
      'recordAudit',
    ])
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
        'SourceAudited',
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

  test('is said by nobody alone, by an audit of nothing and their own word for it', {
    timeout: 60_000,
  }, async () => {
    const depotId = await source(world, 'depot', depot);
    await audit(world, depotId, { 'sample-a': '1.0.0', 'sample-b': '1.0.0' });
    const isFixed = async () =>
      (await idsOf(sql`select id from backlog_item where state = 'fixed'`)).length > 0;
    const newest = () =>
      idsOf(sql`select last_audit_id as id from source where id = ${depotId} and last_audit_id in (
        select id from audit where doubted)`);
    const { recordAudit, confirmAudit } = apiRoutes(world, {}) as Record<string, Route>;
    if (!recordAudit || !confirmAudit) throw new Error('no such operation');
    const said = async (route: Route, caller: Actor, input: object) => {
      const answer = await route.handle(requestOf(caller), route.input.parse(input));
      return 'ok' in answer && answer.ok ? 'taken' : Object(answer).refusal.code;
    };
    const answers = new Set<string>();
    for (const caller of [...callers, ...callers.map(tokenOf)]) {
      for (const input of emptyAudits(depotId)) {
        answers.add(await said(recordAudit, caller, input));
        for (const auditId of await newest())
          answers.add(await said(confirmAudit, caller, { id: depotId, auditId }));
        await react(world, 'AuditConfirmed', `source/${depotId}`);
        await react(world, 'SourceAudited', `source/${depotId}`);
        expect(await isFixed(), `${caller.kind} ${caller.id}`).toBe(false);
      }
      await audit(world, depotId, { 'sample-a': '1.0.0', 'sample-b': '1.0.0' });
    }
    expect([...answers].sort()).toEqual([
      'confirmingNeedsPerson',
      'mostIsGone',
      'notAllowed',
      'ownAudit',
      'taken',
    ]);
    // Not because it could not be: a colleague's word is what was missing.
    await audit(world, depotId, { 'sample-other': '1.0.0' });
    expect(await isFixed()).toBe(true);
  });
});

/** A token of theirs, as it lies in a pipeline. */
function tokenOf(actor: Actor): Actor {
  if (actor.kind !== 'person') return actor;
  return { kind: 'token', id: actor.id, roles: actor.roles, person: actor.id, scope: null };
}
