import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import { routes } from './routes.ts';
import { callsOf, engineer, heldBy, id, lock, officer, staffed, web } from './sources.fixture.ts';
import en from './words.en.json' with { type: 'json' };
import ja from './words.ja.json' with { type: 'json' };

const world = await testWorld();
const { db } = world.database;
const call = callsOf(world);
const held = () => heldBy(db);
const colleague = actorWith(id(4), 'engineer');
const goneBecause = 'taken apart into services of their own';

beforeAll(async () => {
  await staffed(db);
  await sql`insert into person (id, name) values (${id(4)}, 'Kim')`.execute(db);
});

describe('an audit after which most is gone', () => {
  test('is in doubt too where all was known in part: one other file proves nothing of it', async () => {
    await call(officer, routes.registerSource, { ...web, key: 'pieces' });
    const send = (packages: Record<string, string>, more: object = {}) =>
      call(engineer, routes.recordAudit, { id: 'pieces', files: [lock(packages)], ...more });
    const inPart = Object.fromEntries(
      Array.from({ length: 30 }, (_, at) => [`piece-${at}`, '1.0.0']),
    );
    const ofPieces = async () => (await held()).filter((each) => each.startsWith('piece-')).length;
    expect(await send(inPart, { complete: false })).toMatchObject({ added: 30 });
    const other = { 'other-one': '1.0.0' };
    expect(await send(other)).toMatchObject({
      code: 'mostIsGone',
      params: { gone: 30, packages: 30 },
    });
    expect(await send(other, { goneBecause })).toMatchObject({ gone: 0, doubted: 30 });
    expect(await ofPieces()).toBe(30);
    // A whole one with all of them is what they are held against from then on.
    expect(await send(inPart)).toMatchObject({ gone: 1, doubted: null });
    expect(await ofPieces()).toBe(30);
  });

  test('of a token that is nobody’s is confirmed by an officer: an engineer may have sent it', async () => {
    await call(officer, routes.registerSource, { ...web, key: 'sent' });
    await call(engineer, routes.recordAudit, { id: 'sent', files: [lock({ 'sent-a': '1.0.0' })] });
    const token = { kind: 'token', id: id(91), roles: ['engineer'], person: null, scope: null };
    const emptied = { id: 'sent', files: [lock({})], goneBecause };
    const { auditId } = Object(
      await call(token as unknown as typeof officer, routes.recordAudit, emptied),
    );
    const confirmed = (by: typeof officer) =>
      call(by, routes.confirmAudit, { id: 'sent', auditId });
    for (const person of [engineer, colleague])
      expect(await confirmed(person)).toMatchObject({ code: 'giverUnknown', guard: 'VUL-4' });
    expect(await held()).toContain('sent-a@1.0.0');
    expect(await confirmed(officer)).toMatchObject({ gone: 1 });
    expect(await held()).not.toContain('sent-a@1.0.0');
    for (const words of [en, ja])
      for (const part of ['giverUnknown', 'giverUnknown.action'] as const)
        expect(words.refusal[part]).toBeTruthy();
  });
});
