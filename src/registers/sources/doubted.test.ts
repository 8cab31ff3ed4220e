import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { executeAs } from '../../platform/execute.ts';
import { newestCheckpoint, readEntry } from '../../platform/ledger/reading.ts';
import { sequence } from '../../platform/ledger/sequencer.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import { losesMost } from './flow.audit.ts';
import { readInventories } from './inventories.ts';
import { routes } from './routes.ts';
import {
  auditor,
  callsOf,
  engineer,
  heldBy,
  id,
  lock,
  officer,
  staffed,
  web,
} from './sources.fixture.ts';
import { auditFlow } from './store.audits.ts';
import en from './words.en.json' with { type: 'json' };
import ja from './words.ja.json' with { type: 'json' };

const world = await testWorld();
const { db } = world.database;
const call = callsOf(world);
const held = () => heldBy(db);

describe('an audit after which most is gone', () => {
  const colleague = actorWith(id(4), 'engineer');
  const many = (n: number, version = '1.0.0') =>
    Object.fromEntries(Array.from({ length: n }, (_, at) => [`sample-${at}`, version]));
  const record = (actor: typeof officer, packages: Record<string, string>, more: object = {}) =>
    call(actor, routes.recordAudit, { id: 'many', files: [lock(packages)], ...more });
  const confirm = (actor: Actor, auditId: unknown) =>
    call(actor as typeof officer, routes.confirmAudit, { id: 'many', auditId });
  const shown = () => call(auditor, routes.showSource, { id: 'many' });
  const goneBecause = 'taken apart into services of their own';
  const ofMany = async () => (await held()).filter((each) => /^sample-\d/.test(each)).length;
  let manyId = '';

  beforeAll(async () => {
    await staffed(db);
    await sql`insert into person (id, name) values (${id(4)}, 'Kim')`.execute(db);
    manyId = String(Object(await call(officer, routes.registerSource, { ...web, key: 'many' })).id);
    await record(engineer, many(20));
  });

  test.each([
    [0, 0, false],
    [1, 0, false],
    [1, 1, true],
    [3, 2, false],
    [9, 8, false],
    [9, 9, true],
    [10, 5, false],
    [10, 6, true],
    [1000, 501, true],
  ])('of %d packages, %d gone: in doubt %s', (packages, packagesGone, doubted) => {
    expect(losesMost({ packages, packagesGone })).toBe(doubted);
  });

  test('is refused without a word why, in both languages, and nothing is recorded', async () => {
    for (const few of [{}, many(1), many(9)]) {
      const refusal = await record(engineer, few);
      expect(refusal).toMatchObject({ code: 'mostIsGone', params: { key: 'many', packages: 20 } });
    }
    expect(await ofMany()).toBe(20);
    for (const words of [en, ja])
      for (const part of ['{gone}', '{packages}', '{key}'])
        expect(words.refusal.mostIsGone).toContain(part);
    // In part nothing is said to be gone, and other versions of the same are no loss.
    expect(await record(engineer, {}, { complete: false })).toMatchObject({ doubted: null });
    expect(await record(engineer, many(20, '2.0.0'))).toMatchObject({ gone: 20, doubted: null });
  });

  test('proves nothing by itself: neither that something is gone, nor that it was audited', async () => {
    const before = Object(await shown());
    world.advance({ hours: 24 });
    const doubted = Object(await record(engineer, many(2, '2.0.0'), { goneBecause }));
    expect(doubted).toMatchObject({ components: 2, gone: 0, doubted: 18, complete: true });
    expect(await ofMany()).toBe(20);
    expect(await shown()).toMatchObject({
      dueAt: before.dueAt,
      components: 20,
      doubted: true,
      doubt: {
        auditId: doubted.auditId,
        giver: { id: id(2), name: 'Erin' },
        because: goneBecause,
        missing: 18,
      },
    });
    const audits = await call(auditor, routes.listAudits, { id: 'many' });
    expect(Object(audits).items[0]).toMatchObject({ doubted: true, goneBecause, missing: 18 });
    await sequence(world);
    const { size = 0 } = (await newestCheckpoint(db)) ?? {};
    const newest = await readEntry(db, size - 1);
    expect(newest?.entry).toMatchObject({ body: { doubted: 18, gone: 0 } });
    expect(Object.keys(newest?.entry.private ?? {})).toEqual(['goneBecause']);
    expect(JSON.stringify(newest?.entry)).not.toContain(goneBecause);
  });

  test('is confirmed by another person who is signed in, once, while it is the newest', async () => {
    const { doubt } = Object(await shown());
    const token = { kind: 'token', id: id(90), roles: ['engineer'], scope: null } as const;
    expect(await confirm(engineer, doubt.auditId)).toMatchObject({
      code: 'ownAudit',
      guard: 'VUL-4',
    });
    for (const person of [id(2), id(4), null])
      expect(await confirm({ ...token, person }, doubt.auditId)).toMatchObject({
        code: 'confirmingNeedsPerson',
      });
    expect(await confirm(auditor, doubt.auditId)).toMatchObject({ code: 'notAllowed' });
    expect(await confirm(colleague, id(77))).toMatchObject({ code: 'notFound' });
    expect(await ofMany()).toBe(20);
    world.advance({ hours: 48 });
    expect(await confirm(colleague, doubt.auditId)).toEqual({ id: doubt.auditId, gone: 18 });
    expect(await ofMany()).toBe(2);
    expect(await confirm(officer, doubt.auditId)).toMatchObject({ code: 'auditNotDoubted' });
    const { lastAuditAt, dueAt, doubted } = Object(await shown());
    expect(doubted).toBe(false);
    // As long after the audit as after any other.
    expect(Temporal.Instant.from(dueAt)).toEqual(
      Temporal.Instant.from(lastAuditAt).add({ hours: 24 * 7 }),
    );
  });

  test('is offered for confirming to those alone from whom it would be taken', async () => {
    const machine = { kind: 'token', id: id(91), person: null, roles: ['engineer'], scope: null };
    const offered = async (actor: Actor) =>
      Object(await call(actor as typeof officer, routes.showSource, { id: 'many' })).doubt
        .hindrance;
    const given = async (giver: object) => {
      const doubted = Object(
        await call(giver as typeof officer, routes.recordAudit, {
          id: 'many',
          files: [lock({})],
          goneBecause,
        }),
      );
      return String(doubted.auditId);
    };
    await given(engineer);
    expect(await offered(engineer)).toBe('ownAudit');
    expect(await offered(colleague)).toBeNull();
    expect(await offered(machine as unknown as Actor)).toBe('confirmingNeedsPerson');
    const auditId = await given(machine);
    expect(await offered(colleague)).toBe('giverUnknown');
    expect(await confirm(colleague, auditId)).toMatchObject({ code: 'giverUnknown' });
    expect(await offered(officer)).toBeNull();
    // A later test counts what is left of it.
    await record(engineer, many(2));
  });

  test('says nothing more once another has been made', async () => {
    await record(engineer, many(12));
    const { auditId } = Object(await record(engineer, {}, { goneBecause }));
    expect(await record(engineer, many(12))).toMatchObject({ gone: 0, doubted: null });
    expect(await confirm(colleague, auditId)).toMatchObject({ code: 'auditSuperseded' });
    expect(await ofMany()).toBe(12);
  });

  test('is not made up for by what was padded in beforehand, in part or in doubt', async () => {
    const other = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [`other-${at}`, '1.0.0']),
    );
    await record(engineer, other, { complete: false });
    expect(await record(engineer, other)).toMatchObject({ code: 'mostIsGone' });
    await record(engineer, other, { goneBecause });
    expect(await record(engineer, other)).toMatchObject({ code: 'mostIsGone' });
    // Nor is it gone by one file that is whole: it was there, for all that is known.
    expect(await record(engineer, many(12))).toMatchObject({
      code: 'mostIsGone',
      params: { gone: 40, packages: 52 },
    });
    const { auditId } = Object(await record(engineer, many(12), { goneBecause }));
    expect(await confirm(colleague, auditId)).toMatchObject({ gone: 40 });
  });

  test('of Kept itself is believed when the next reading says the same', async () => {
    const kept = { kind: 'system', id: 'sources' } as const;
    const read = async (packages: Record<string, string>) => {
      const inventories = await readInventories([lock(packages)]);
      if (!inventories.ok) throw new Error('unread');
      const { components, formats, notes } = inventories.value;
      const done = await executeAs(world, kept)(auditFlow, {
        sourceId: manyId,
        way: 'github',
        complete: true,
        components: [...components],
        formats: [...formats],
        notes: [...notes],
      });
      return done.ok ? done.value[0]?.body : done.refusal;
    };
    expect(await read({})).toMatchObject({ doubted: 12, gone: 0 });
    // It was the reading that was wrong.
    expect(await read(many(12))).toMatchObject({ gone: 0 });
    expect(await read(many(1))).toMatchObject({ doubted: 11, gone: 0 });
    expect(await ofMany()).toBe(12);
    expect(await read(many(1))).toMatchObject({ gone: 11 });
    expect(await ofMany()).toBe(1);
  });
});
