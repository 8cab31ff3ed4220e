import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { execute, executeAs } from '../../platform/execute.ts';
import { personFlow } from '../../registers/people/store.ts';
import {
  accessRestsOnUndertakings,
  everyGrantStatesItsPurpose,
  everyoneHasSigned,
  everyoneIsTrained,
  leaversDisposedOfTheirs,
  sensitiveSystemsHaveStrictEntry,
} from './checks.ts';
import {
  db,
  examined,
  officer,
  openTasks,
  person,
  react,
  sourceOf,
  team,
  to,
  violations,
  worker,
  world,
} from './company.test.ts';
import { undertakingFlow } from './flows.ts';
import { publishShipped, shipped } from './shipped.ts';

describe('publishing what ships', () => {
  it('before it nothing is known: unknown, never kept', async () => {
    for (const check of [
      everyoneHasSigned,
      accessRestsOnUndertakings,
      everyoneIsTrained,
      leaversDisposedOfTheirs,
    ])
      expect(await sourceOf(check)).toBe(null);
  });

  it('is for the people team, once', async () => {
    const missing = { ...shipped, checklists: true };
    expect(await publishShipped(executeAs(world, worker), missing)).toMatchObject({
      ok: false,
      refusal: { code: 'notAllowed' },
    });
    expect(await publishShipped(executeAs(world, team), missing)).toMatchObject({
      ok: true,
      value: { published: 10 },
    });
    await react('CoursePublished');
    expect(await sourceOf(everyoneIsTrained)).toEqual(world.now());
    expect(await examined(everyoneIsTrained)).toBe(3);
  });

  it('asks everyone on the staff for each signature and each course', async () => {
    expect((await openTasks('people.signUndertaking')).length).toBe(6);
    expect((await openTasks('people.acknowledgeGuidance')).length).toBe(3);
    expect((await openTasks('people.training')).map((task) => task.due_at.toString())).toEqual(
      Array.from({ length: 6 }, () => '2026-02-04T15:00:00Z'),
    );
    expect(world.sent.map(({ template }) => template)).toContain('people.trainingAssigned');
    await react('CoursePublished');
    expect((await openTasks('people.training')).length).toBe(6);
  });
});

async function undertaking(document: string) {
  const { rows } = await sql<{ id: string; digest: string }>`
    select id, digest from undertaking_version where document = ${document} order by number desc limit 1`.execute(
    db,
  );
  return rows[0] ?? { id: '', digest: '' };
}
const sign = async (actor: Actor, document: string, name?: string) => {
  const { id: versionId, digest } = await undertaking(document);
  const command = {
    do: 'sign',
    versionId,
    digest,
    language: 'ja',
    ...(name ? { name } : {}),
  } as const;
  return await execute(world, undertakingFlow, command, actor);
};

describe('undertakings (PEO-4)', () => {
  it('signedWithSecondFactor: without one the signature is refused, and the attempt is on record', async () => {
    const without = { ...worker, secondFactor: false } as Actor;
    expect(await sign(without, 'confidentiality', 'Will Worker')).toMatchObject({
      ok: false,
      refusal: { code: 'signatureNeedsSecondFactor', guard: 'PEO-4' },
    });
  });

  it('are signed with the registered name typed, in the version that was read; twice is once', async () => {
    expect(await sign(worker, 'confidentiality', 'Bill Worker')).toMatchObject({
      ok: false,
      refusal: { code: 'nameDiffers' },
    });
    expect(await sign(worker, 'confidentiality', 'will  worker')).toMatchObject({
      ok: true,
      value: [{ type: 'UndertakingSigned', body: { number: 1, secondFactor: true } }],
    });
    expect(await sign(worker, 'confidentiality', 'will worker')).toEqual({ ok: true, value: [] });
    expect((await openTasks('people.signUndertaking')).length).toBe(5);
  });

  it('noRoleWithoutUndertaking: a role needs all of them', async () => {
    const give = () =>
      execute(
        world,
        personFlow,
        {
          do: 'updatePerson',
          id: person(3),
          version: 1,
          changes: { roles: ['employee', 'support'] },
        },
        officer,
      );
    expect(await give()).toMatchObject({
      ok: false,
      refusal: { code: 'noUndertaking', guard: 'PEO-4' },
    });
    await sign(worker, 'information-security', 'Will Worker');
    expect(await give()).toMatchObject({ ok: true });
  });

  it('on paper: filed as PDF with a witness who is not the signer; only its digest is public', async () => {
    const { id: versionId } = await undertaking('confidentiality');
    const paper = Buffer.from('%PDF-1.7 signed').toString('base64');
    const file = (given: object) =>
      execute(
        world,
        undertakingFlow,
        {
          do: 'file',
          personId: person(2),
          versionId,
          language: 'en',
          signedOn: '2026-01-04',
          witnessId: person(1),
          paper,
          ...given,
        },
        team,
      );
    expect(await file({ witnessId: person(2) })).toMatchObject({
      refusal: { code: 'witnessIsSigner' },
    });
    expect(await file({ paper: Buffer.from('hello').toString('base64') })).toMatchObject({
      refusal: { code: 'paperIsNoPdf' },
    });
    expect(await file({ signedOn: '2027-01-01' })).toMatchObject({
      refusal: { code: 'signedInFuture' },
    });
    const filed = await file({});
    expect(filed).toMatchObject({
      ok: true,
      value: [{ type: 'UndertakingFiled', body: { witness: person(1) } }],
    });
    expect(JSON.stringify(filed.ok && filed.value[0]?.body)).not.toMatch(/Olga|Blob/);
    expect(await file({})).toMatchObject({ refusal: { code: 'alreadySigned' } });
  });

  it('everyoneHasSigned is broken by who is late, from the first moment after the last day', async () => {
    expect(await everyoneHasSigned.nextChange?.(db, world.now(), 'Asia/Tokyo')).toEqual(
      Temporal.Instant.from('2026-01-19T15:00:00Z'),
    );
    await to('2026-01-19T14:59:00Z');
    expect(await violations(everyoneHasSigned)).toEqual([]);
    await to('2026-01-19T15:00:00Z');
    expect(await violations(everyoneHasSigned)).toEqual([person(1), person(2)]);
    await sign(team, 'confidentiality', 'Pia People');
    await sign(team, 'information-security', 'Pia People');
    expect(await violations(everyoneHasSigned)).toEqual([person(2)]);
  });

  it('accessRestsOnUndertakings counts the grants of who is late', async () => {
    const [systemId, account, entitlement] = [person(50), person(51), person(52)];
    await sql`insert into system (id, key, name, classification, single_sign_on, second_factor, owner_id)
      values (${systemId}, 'erp', 'ERP', 'restricted', true, null, ${person(1)})`.execute(db);
    await sql`insert into account (id, system_id, name, person_id) values (${account}, ${systemId}, 'olga', ${person(2)})`.execute(
      db,
    );
    await sql`insert into entitlement (id, system_id, name) values (${entitlement}, ${systemId}, 'read')`.execute(
      db,
    );
    await sql`insert into access_grant (id, account_id, entitlement_id, system_id, purpose, granted_at)
      values (${person(53)}, ${account}, ${entitlement}, ${systemId}, ' ', ${world.now()})`.execute(
      db,
    );
    expect(await violations(accessRestsOnUndertakings)).toEqual([person(2)]);
    await sign(officer, 'information-security', 'Olga Officer');
    expect(await violations(accessRestsOnUndertakings)).toEqual([]);
  });

  it('everyGrantStatesItsPurpose finds the grant without one (PEO-2)', async () => {
    expect(await examined(everyGrantStatesItsPurpose)).toBe(1);
    expect(await violations(everyGrantStatesItsPurpose)).toEqual([person(51)]);
    await sql`update access_grant set purpose = 'closing the books'`.execute(db);
    expect(await violations(everyGrantStatesItsPurpose)).toEqual([]);
  });

  it('sensitiveSystemsHaveStrictEntry: unknown entry is not a strict one (PEO-6)', async () => {
    expect(await violations(sensitiveSystemsHaveStrictEntry)).toEqual([person(50)]);
    await sql`update system set second_factor = true`.execute(db);
    expect(await violations(sensitiveSystemsHaveStrictEntry)).toEqual([]);
  });

  it('a version that binds is asked of everyone again; one that does not is asked of nobody', async () => {
    const publish = (asksAgain: boolean, en: string) =>
      execute(
        world,
        undertakingFlow,
        {
          do: 'publish',
          document: 'confidentiality',
          kind: 'undertaking',
          titles: { en: 'C', ja: '機' },
          texts: { en, ja: en },
          asksAgain,
          signDays: 7,
        },
        team,
      );
    await publish(false, 'a word less');
    await react('UndertakingPublished');
    expect((await openTasks('people.signUndertaking')).length).toBe(0);
    await publish(true, 'another sense');
    await react('UndertakingPublished');
    expect((await openTasks('people.signUndertaking')).length).toBe(3);
    for (const [actor, name] of [
      [team, 'Pia People'],
      [officer, 'Olga Officer'],
      [worker, 'Will Worker'],
    ] as const)
      expect(await sign(actor, 'confidentiality', name)).toMatchObject({ ok: true });
    expect(await publish(true, 'another sense')).toMatchObject({
      refusal: { code: 'nothingToPublish' },
    });
  });
});
