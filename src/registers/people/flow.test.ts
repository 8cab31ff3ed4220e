import { describe, expect, test } from 'vitest';
import type { Context } from '../../policy/event.ts';
import { cycles, planPeople } from './facts.import.ts';
import type { ImportedPerson, Person, PersonCommand } from './facts.ts';
import { newPerson } from './facts.ts';
import { authorizePerson, decidePerson, type PeopleState } from './flow.ts';

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

function person(n: number, more: Partial<Person> = {}): Person {
  return {
    id: id(n),
    name: `Person ${n}`,
    reading: '',
    email: `p${n}@example.com`,
    managerId: null,
    department: 'Sales',
    startsOn: '2024-04-01',
    endsOn: null,
    roles: ['employee'],
    language: 'en',
    ...more,
  };
}

const nobody: PeopleState = {
  person: null,
  holder: null,
  above: [],
  held: 0,
  everyone: [],
  lacking: new Set(),
  undertakingsAsked: false,
};
const known = (n: number, more: Partial<Person> = {}): PeopleState => ({
  ...nobody,
  person: { ...person(n, more), version: 3, erased: false },
});

let ids = 100;
const context: Context = {
  now: Temporal.Instant.from('2026-01-05T20:00:00Z'), // the 6th in Tokyo
  actor: { kind: 'system', id: 'test' },
  zone: 'Asia/Tokyo',
  newId: () => id(ids++),
};

const decide = (state: PeopleState, command: PersonCommand) => {
  const decided = decidePerson(state, command, context);
  return decided.ok ? decided.value.map(({ type }) => type).join() : decided.refusal.code;
};

describe('people', () => {
  const change = (changes: Extract<PersonCommand, { do: 'updatePerson' }>['changes']) =>
    ({ do: 'updatePerson', id: id(1), version: 3, changes }) as const;
  const end = (endsOn: string | null) => ({ do: 'endEmployment', id: id(1), endsOn }) as const;
  const add = (given: object) =>
    ({ do: 'registerPerson', person: newPerson.parse({ name: 'New', ...given }) }) as const;
  const erase = { do: 'erasePerson', id: id(1) } as const;

  test.each<[string, PeopleState, PersonCommand, string]>([
    ['a new person is registered', nobody, add({ email: 'n@example.com' }), 'PersonRegistered'],
    [
      'an address is one person’s',
      { ...nobody, holder: id(2) },
      add({ email: 'p2@example.com' }),
      'emailTaken',
    ],
    ['a manager is known', nobody, add({ managerId: id(9) }), 'managerUnknown'],
    ['a name changes', known(1), change({ name: 'Other' }), 'PersonUpdated'],
    [
      'an edit of what was changed meanwhile',
      known(1),
      { ...change({ name: 'Other' }), version: 2 },
      'versionConflict',
    ],
    [
      'a name of someone who has a manager changes',
      known(1, { managerId: id(2) }),
      change({ name: 'Other' }),
      'PersonUpdated',
    ],
    ['an edit that says nothing new', known(1), change({ name: 'Person 1' }), 'nothingToChange'],
    ['nobody is their own manager', known(1), change({ managerId: id(1) }), 'ownManager'],
    [
      'nobody reports to someone below them',
      {
        ...known(1),
        above: [
          { id: id(2), managerId: id(3) },
          { id: id(3), managerId: id(1) },
        ],
      },
      change({ managerId: id(2) }),
      'managerCycle',
    ],
    ['someone unknown', nobody, change({ name: 'Other' }), 'personUnknown'],
    ['employment ends', known(1), end('2026-03-31'), 'EmploymentEnded'],
    ['before it began', known(1), end('2024-03-31'), 'endBeforeStart'],
    ['an end is withdrawn', known(1, { endsOn: '2026-03-31' }), end(null), 'EmploymentContinued'],
    [
      'an end that stands',
      known(1, { endsOn: '2026-03-31' }),
      end('2026-03-31'),
      'nothingToChange',
    ],
    ['a leaver is erased', known(1, { endsOn: '2026-01-05' }), erase, 'PersonErased'],
    [
      'on the last day one is still employed',
      known(1, { endsOn: '2026-01-06' }),
      erase,
      'stillEmployed',
    ],
    [
      'who still holds access is not erased',
      { ...known(1, { endsOn: '2025-12-31' }), held: 2 },
      erase,
      'stillHoldsAccess',
    ],
  ])('%s', (_, state, command, expected) => {
    expect(decide(state, command)).toBe(expected);
  });

  test('names and addresses are committed to, never public', () => {
    const decided = decidePerson(
      nobody,
      add({ name: 'Hanako Sato', reading: 'さとう', email: 'h@example.com' }),
      context,
    );
    const [event] = decided.ok ? decided.value : [];
    expect(JSON.stringify(event?.body)).not.toMatch(/Hanako|さとう|example|Sales/);
    expect(event?.private).toMatchObject({ name: 'Hanako Sato', email: 'h@example.com' });
    expect(event?.about).toBe(event?.subject.slice('person/'.length));
  });

  test('giving roles is a permission of its own, whichever way they are given', () => {
    const action = (state: PeopleState, command: PersonCommand) =>
      authorizePerson(state, command).action;
    expect(action(nobody, add({}))).toBe('registerPerson');
    expect(action(nobody, add({ roles: ['security-officer'] }))).toBe('assignRoles');
    expect(action(known(1), change({ name: 'x', roles: ['employee'] }))).toBe('updatePerson');
    expect(action(known(1), change({ roles: ['employee', 'auditor'] }))).toBe('assignRoles');
    const row = {
      line: 2,
      values: { name: 'A', email: 'P1@example.com', roles: ['auditor' as const] },
    };
    expect(action({ ...nobody, everyone: [person(1)] }, { do: 'importPeople', rows: [row] })).toBe(
      'assignRoles',
    );
    expect(
      action(
        { ...nobody, everyone: [person(1, { roles: ['auditor'] })] },
        { do: 'importPeople', rows: [row] },
      ),
    ).toBe('importPeople');
  });
});

describe('importing people', () => {
  const row = (
    line: number,
    email: string,
    values: Partial<ImportedPerson['values']> = {},
  ): ImportedPerson => ({
    line,
    values: { name: `Row ${line}`, email, ...values },
  });
  const plan = (rows: ImportedPerson[], everyone: Person[] = []) =>
    planPeople(rows, everyone, context.newId);

  test('managers may stand anywhere in the same file; a second import changes nothing', () => {
    const rows = [row(2, 'a@example.com', { manager: 'B@example.com' }), row(3, 'b@example.com')];
    const first = plan(rows);
    expect(first.problems).toEqual([]);
    expect(first.added[0]?.managerId).toBe(first.added[1]?.id);
    expect(plan(rows, [...first.added])).toMatchObject({ added: [], changed: [], unchanged: 2 });
  });

  test('a column the file has not got leaves things; an empty cell empties them, except roles', () => {
    const before = person(1, { department: 'Sales', roles: ['auditor'], name: 'Row 2' });
    expect(plan([row(2, 'P1@EXAMPLE.com')], [before]).changed[0]).toMatchObject({
      department: 'Sales',
    });
    const [changed] = plan(
      [row(2, 'p1@example.com', { department: null, roles: null })],
      [before],
    ).changed;
    expect(changed).toMatchObject({ department: '', roles: ['auditor'] });
  });

  test('each problem names its line', () => {
    const { problems } = plan([
      row(2, 'a@example.com', { manager: 'a@example.com' }),
      row(3, 'A@example.com'),
      row(4, 'c@example.com', { manager: 'gone@example.com' }),
      row(5, 'd@example.com', { startsOn: '2026-02-01', endsOn: '2026-01-01' }),
      row(6, 'e@example.com', { manager: 'f@example.com' }),
      row(7, 'f@example.com', { manager: 'e@example.com' }),
    ]);
    expect(problems.map(({ line, code }) => `${line} ${code}`)).toEqual([
      '2 ownManager',
      '3 duplicate',
      '4 unknownPerson',
      '5 endBeforeStart',
      '6 managerCycle',
      '7 managerCycle',
    ]);
  });

  test('cycles are found wherever they are, and what leads into one is not one', () => {
    const edges = (pairs: Record<number, number | null>) =>
      Object.entries(pairs).map(([from, to]) => ({
        id: id(Number(from)),
        managerId: to === null ? null : id(to),
      }));
    expect([...cycles(edges({ 1: 2, 2: 3, 3: 2, 4: 1, 5: null }))].sort()).toEqual([id(2), id(3)]);
    expect(cycles(edges({ 1: 2, 2: null, 3: 2 })).size).toBe(0);
  });
});
