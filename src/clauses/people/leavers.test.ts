import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { execute } from '../../platform/execute.ts';
import { actorWith } from '../../platform/testing/world.ts';
import { personFlow } from '../../registers/people/store.ts';
import { leaversAreErased, leaversDisposedOfTheirs } from './checks.ts';
import {
  begin,
  db,
  drain,
  openTasks,
  person,
  react,
  team,
  to,
  violations,
  worker,
  world,
} from './company.test.ts';
import { checklistFlow, disposalFlow, settingsFlow } from './flows.ts';

beforeAll(async () => {
  await begin();
  await to('2027-01-01T01:00:00Z');
  await sql`insert into system (id, key, name) values (${person(50)}, 'erp', 'ERP')`.execute(db);
  await sql`
    insert into entitlement (id, system_id, name) values (${person(52)}, ${person(50)}, 'read')`.execute(
    db,
  );
});

describe('joiners, movers, leavers', () => {
  let joiner = '';
  const register = async (startsOn: string) => {
    const done = await execute(
      world,
      personFlow,
      personFlow.command.parse({
        do: 'registerPerson',
        person: { name: 'Jo Joiner', managerId: person(3), startsOn },
      }),
      team,
    );
    return done.ok ? (done.value[0]?.subject.split('/')[1] ?? '') : '';
  };
  const items = async (kind: string) => {
    const { rows } = await sql<{ id: string; due_on: Temporal.PlainDate; owner: string }>`
      select i.id, i.due_on, i.owner from checklist_item i join checklist c on c.id = i.checklist_id
      where c.person_id = ${joiner} and c.kind = ${kind} and c.closed_at is null order by i.position`.execute(
      db,
    );
    return rows;
  };

  it('a joiner gets the checklist of joiners, dated from the first day', async () => {
    joiner = await register('2027-01-25');
    await react('PersonRegistered', `person/${joiner}`);
    const [first, , sign1] = await items('joiner');
    expect([first?.due_on.toString(), sign1?.due_on.toString()]).toEqual([
      '2027-01-22',
      '2027-01-26',
    ]);
    await react('PersonRegistered', `person/${joiner}`);
    expect((await items('joiner')).length).toBe(8);
  });

  it('items are done by their owner or the people team, and by nobody else', async () => {
    const [prepare] = await items('joiner');
    const done = (actor: Actor) =>
      execute(world, checklistFlow, { do: 'completeItem', itemId: prepare?.id ?? '' }, actor);
    expect(await done(actorWith(joiner, 'employee'))).toMatchObject({
      refusal: { code: 'itemNotYours' },
    });
    expect(await done(worker)).toMatchObject({ ok: true, value: [{ type: 'ChecklistItemDone' }] });
    expect(await done(team)).toEqual({ ok: true, value: [] });
    for (const { id } of await items('joiner'))
      await execute(world, checklistFlow, { do: 'completeItem', itemId: id }, team);
    expect((await items('joiner')).length).toBe(0);
  });

  it('a mover gets theirs when department, manager or roles change, but not while joining', async () => {
    const moves = async (change: ReturnType<typeof sql>, told: string) => {
      await sql`update person set ${change} where id = ${joiner}`.execute(db);
      await react(told, `person/${joiner}`);
      return await items('mover');
    };
    await to('2027-01-26T01:00:00Z');
    expect(await moves(sql`department = 'Sales'`, 'PersonUpdated')).toEqual([]);
    expect(await moves(sql`department = 'Support'`, 'PersonUpdated')).toEqual([]);
    await to('2027-03-10T01:00:00Z');
    expect(await moves(sql`name = 'Joe Joiner'`, 'PersonUpdated')).toEqual([]);
    for (const [change, told] of [
      [sql`department = 'Finance'`, 'PersonUpdated'],
      [sql`manager_id = ${person(2)}`, 'PeopleImported'],
      [sql`roles = roles || '{support}'`, 'GroupChanged'],
    ] as const) {
      const list = await moves(change, told);
      expect(list.map(({ due_on }) => due_on.toString())[0]).toBe('2027-03-17');
      // Told again, nobody moved again; done, the next move brings another.
      await react('PersonUpdated', `person/${joiner}`);
      expect(await items('mover')).toEqual(list);
      for (const { id } of list)
        await execute(world, checklistFlow, { do: 'completeItem', itemId: id }, team);
      await react('PersonUpdated', `person/${joiner}`);
      expect(await items('mover')).toEqual([]);
    }
  });

  it('a leaver’s moves with the last day, and goes with its withdrawal', async () => {
    const end = async (endsOn: string | null) => {
      await execute(world, personFlow, { do: 'endEmployment', id: joiner, endsOn }, team);
      await react(endsOn ? 'EmploymentEnded' : 'EmploymentContinued', `person/${joiner}`);
    };
    await end('2027-04-01');
    expect((await items('leaver'))[0]?.due_on.toString()).toBe('2027-03-22');
    await end('2027-04-05');
    expect((await items('leaver'))[0]?.due_on.toString()).toBe('2027-03-26');
    const tasks = await openTasks('people.leaverItem');
    expect(tasks.map(({ due_at }) => due_at.toString())).toContain('2027-03-26T15:00:00Z');
    await end(null);
    expect(await items('leaver')).toEqual([]);
    expect(await openTasks('people.leaverItem')).toEqual([]);
    await end('2027-03-31');
    expect((await items('leaver')).length).toBe(6);
  });

  const record = (actor: Actor, given: object = {}) =>
    execute(
      world,
      disposalFlow,
      {
        do: 'recordDisposal',
        medium: 'paper',
        what: 'notes',
        method: 'destroy',
        how: 'shredded',
        disposedOn: '2027-03-31',
        holderId: joiner,
        witnessId: person(1),
        ...given,
      },
      actor,
    );

  it('leaversDisposedOfTheirs (PEO-3): what they had is on the register, or they are a violation', async () => {
    await to('2027-04-08T01:00:00Z');
    expect(await violations(leaversDisposedOfTheirs)).toEqual([joiner]);
    expect(await record(worker)).toMatchObject({ refusal: { code: 'disposalNotYours' } });
    expect(await record(team, { method: 'clear' })).toMatchObject({
      refusal: { code: 'methodUnfit' },
    });
    expect(await record(team, { witnessId: null })).toMatchObject({
      refusal: { code: 'witnessNeeded' },
    });
    expect(await record(team)).toMatchObject({
      ok: true,
      value: [{ type: 'DisposalRecorded', body: { method: 'destroy' } }],
    });
    expect(await violations(leaversDisposedOfTheirs)).toEqual([]);
  });

  it('witnessIsAnother (PEO-3): nobody witnesses their own disposal, and the attempt is on record', async () => {
    expect(await record(team, { witnessId: joiner })).toMatchObject({
      refusal: { code: 'witnessIsHolder', guard: 'PEO-3' },
    });
  });

  it('who a leaver was is erased on its day; what blocks it is noted and tried again', async () => {
    await execute(
      world,
      settingsFlow,
      {
        do: 'changeSettings',
        settings: {
          introductionDays: 30,
          refresherMonths: 12,
          leadDays: 30,
          newVersionDays: 30,
          disposalDays: 7,
          erasureDays: 60,
        },
      },
      team,
    );
    await react('EmploymentEnded', `person/${joiner}`);
    await sql`insert into account (id, system_id, name, person_id) values (${person(61)}, ${person(50)}, 'jo', ${joiner})`.execute(
      db,
    );
    await sql`insert into observation (account_id, entitlement_id, system_id, first_seen_at)
      values (${person(61)}, ${person(52)}, ${person(50)}, ${world.now()})`.execute(db);
    await to('2027-06-01T01:00:00Z');
    const { rows } =
      await sql`select code, count from erasure_block where person_id = ${joiner}`.execute(db);
    expect(rows).toEqual([{ code: 'stillHoldsAccess', count: 1 }]);
    expect(await violations(leaversAreErased)).toEqual([]);
    await to('2027-06-16T01:00:00Z');
    expect(await violations(leaversAreErased)).toEqual([joiner]);
    await sql`update observation set gone_at = ${world.now()}`.execute(db);
    world.advance({ hours: 24 * 8 });
    await drain();
    expect(await violations(leaversAreErased)).toEqual([]);
    const { rows: erased } =
      await sql`select name, erased_at is not null as gone from person where id = ${joiner}`.execute(
        db,
      );
    expect(erased).toEqual([{ name: '', gone: true }]);
  });
});
