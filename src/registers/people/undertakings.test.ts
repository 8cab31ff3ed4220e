import { describe, expect, test } from 'vitest';
import { execute } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import { newPerson } from './facts.ts';
import { personFlow } from './store.ts';
import {
  fileUndertaking,
  lackingUndertaking,
  lacksUndertaking,
  publishUndertaking,
  undertakingsInForce,
  withdrawUndertaking,
} from './store.undertakings.ts';

const world = await testWorld();
const { db } = world.database;
const officer = actorWith(world.newId(), 'security-officer', 'employee');

const publish = async (document: string, number: number, binding: boolean) => {
  const id = world.newId();
  await db.transaction().execute((tx) =>
    publishUndertaking(tx, {
      id,
      document,
      kind: 'undertaking',
      number,
      titles: { en: document },
      texts: { en: 'I keep what I learn to myself.' },
      digest: 'a'.repeat(64),
      binding,
      signDays: 14,
      publishedAt: world.now(),
      publishedBy: null,
    }),
  );
  return id;
};
const sign = (personId: string, versionId: string, document: string, number: number) =>
  db.transaction().execute((tx) =>
    fileUndertaking(tx, {
      id: world.newId(),
      personId,
      versionId,
      document,
      number,
      digest: 'a'.repeat(64),
      how: 'signed',
      signedAt: world.now(),
      filedAt: world.now(),
      language: 'en',
      file: null,
      witnessId: null,
    }),
  );
const register = async (name: string, ...roles: string[]) =>
  execute(
    world,
    personFlow,
    { do: 'registerPerson', person: newPerson.parse({ name, roles: ['employee', ...roles] }) },
    officer,
  );
const idOf = (answer: Awaited<ReturnType<typeof register>>) =>
  answer.ok ? (answer.value[0]?.subject.split('/')[1] ?? '') : '';
const give = (id: string, version: number, ...roles: 'auditor'[]) =>
  execute(
    world,
    personFlow,
    { do: 'updatePerson', id, version, changes: { roles: ['employee', ...roles] } },
    officer,
  );

describe('noRoleWithoutUndertaking (PEO-4)', () => {
  let early = '';
  let late = '';
  let first = '';

  test('while none is published nothing is asked for', async () => {
    early = idOf(await register('Early', 'auditor'));
    expect(await lacksUndertaking(db, early)).toBe(false);
  });

  test('once one is in force a newcomer gets no role beyond employee', async () => {
    first = await publish('confidentiality', 1, true);
    expect(await register('Late', 'auditor')).toMatchObject({
      ok: false,
      refusal: { code: 'noUndertaking', guard: 'PEO-4', params: { count: 1 } },
    });
    late = idOf(await register('Late'));
    expect(await give(late, 1, 'auditor')).toMatchObject({
      ok: false,
      refusal: { code: 'noUndertaking' },
    });
  });

  test('what somebody held before may stay, or be taken away', async () => {
    expect(await give(early, 1)).toMatchObject({ ok: true });
    expect(await give(early, 2, 'auditor')).toMatchObject({
      ok: false,
      refusal: { code: 'noUndertaking' },
    });
  });

  test('a file of people gives no role either', async () => {
    const rows = [
      {
        line: 2,
        values: { name: 'New', email: 'new@example.com', roles: ['employee', 'support'] as const },
      },
      { line: 3, values: { name: 'Plain', email: 'plain@example.com' } },
    ].map(({ line, values }) => ({
      line,
      values: { ...values, roles: 'roles' in values ? [...(values.roles ?? [])] : undefined },
    }));
    const bring = (of: typeof rows) =>
      execute(world, personFlow, { do: 'importPeople', rows: of }, officer);
    expect(await bring(rows)).toMatchObject({
      ok: false,
      refusal: { code: 'noUndertaking', params: { count: 1 } },
    });
    expect(await bring(rows.slice(1))).toMatchObject({ ok: true });
  });

  test('with the signature on file the role is given', async () => {
    await sign(late, first, 'confidentiality', 1);
    expect(await give(late, 1, 'auditor')).toMatchObject({ ok: true });
  });

  test('a later version asks again only where it binds; any later signature answers', async () => {
    const second = await publish('confidentiality', 2, false);
    expect(await lackingUndertaking(db, [early, late])).toEqual(new Set([early]));
    await publish('confidentiality', 3, true);
    expect(await lackingUndertaking(db, [early, late])).toEqual(new Set([early, late]));
    await sign(late, second, 'confidentiality', 2);
    expect(await lacksUndertaking(db, late)).toBe(true);
    const [inForce] = await undertakingsInForce(db);
    expect(inForce).toMatchObject({ number: 3, signDays: 14 });
    await sign(late, inForce?.id ?? '', 'confidentiality', 3);
    expect(await lacksUndertaking(db, late)).toBe(false);
  });

  test('a document that was withdrawn is asked of nobody', async () => {
    await db.transaction().execute((tx) => withdrawUndertaking(tx, 'confidentiality', world.now()));
    expect(await lackingUndertaking(db, [early, late])).toEqual(new Set());
    expect(idOf(await register('Later still', 'engineer'))).not.toBe('');
  });
});
