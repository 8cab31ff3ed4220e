import { sql } from 'kysely';
import type { PersonId } from '../../kernel/id.ts';
import type { Condition, List, SortColumn } from '../list.ts';

export interface PersonRow {
  readonly id: PersonId;
  readonly name: string;
  readonly reading: string;
  readonly email: string | null;
  readonly managerId: PersonId | null;
  readonly managerName: string | null;
  readonly managerEmail: string | null;
  readonly department: string;
  readonly startsOn: Temporal.PlainDate | null;
  readonly endsOn: Temporal.PlainDate | null;
  readonly state: PersonState;
  readonly roles: string[];
  readonly language: 'en' | 'ja';
  readonly version: number;
}

export const personStates = ['current', 'leaver', 'future', 'erased'] as const;
export type PersonState = (typeof personStates)[number];

export const personSorts = {
  name: { sql: sql`person.name`, type: 'text' },
  reading: { sql: sql`person.reading`, type: 'text' },
  email: { sql: sql`person.email`, type: 'text', nullable: true },
  department: { sql: sql`person.department`, type: 'text' },
  manager: { sql: sql`boss.name`, type: 'text', nullable: true, needs: ['boss'] },
  startsOn: { sql: sql`person.starts_on`, type: 'date', nullable: true },
  endsOn: { sql: sql`person.ends_on`, type: 'date', nullable: true },
} satisfies Record<string, SortColumn>;

export interface PersonItem extends Omit<PersonRow, 'startsOn' | 'endsOn'> {
  readonly startsOn: string | null;
  readonly endsOn: string | null;
}

/**
 * Whether somebody is there, has left, is yet to come. The last day of employment is a day of
 * employment.
 */
export function stateOf(today: Temporal.PlainDate) {
  return sql`case when person.erased_at is not null then 'erased'
    when person.ends_on < ${today}::date then 'leaver'
    when person.starts_on > ${today}::date then 'future' else 'current' end`;
}

/** People as of a day. */
export function peopleList(today: Temporal.PlainDate): List<PersonRow, PersonItem> {
  return {
    source: {
      from: [sql`person`],
      joins: { boss: sql`left join person boss on boss.id = person.manager_id` },
      key: { id: sql`person.id` },
      sorts: personSorts,
      defaultSort: 'name',
      search: searchPeople,
      select: sql`person.id, person.name, person.reading, person.email, person.manager_id as "managerId",
        boss.name as "managerName", boss.email as "managerEmail", person.department, person.starts_on as "startsOn",
        person.ends_on as "endsOn", ${stateOf(today)} as state, person.roles, person.language, person.version`,
      details: sql`join person on person.id = page.id left join person boss on boss.id = person.manager_id`,
    },
    item: personItem,
    csv: (
      [
        'name',
        'reading',
        'email',
        'department',
        'manager',
        'startsOn',
        'endsOn',
        'state',
        'roles',
      ] as const
    ).map((header) => ({ header, cell: (person: PersonItem) => personCells[header](person) })),
    filename: 'people',
  };
}

const personCells = {
  name: (person: PersonItem) => person.name,
  reading: (person: PersonItem) => person.reading,
  email: (person: PersonItem) => person.email,
  department: (person: PersonItem) => person.department,
  manager: (person: PersonItem) => person.managerEmail,
  startsOn: (person: PersonItem) => person.startsOn,
  endsOn: (person: PersonItem) => person.endsOn,
  state: (person: PersonItem) => person.state,
  roles: (person: PersonItem) => person.roles.join(' '),
};

export function personItem(row: PersonRow): PersonItem {
  return {
    ...row,
    startsOn: row.startsOn?.toString() ?? null,
    endsOn: row.endsOn?.toString() ?? null,
  };
}

function searchPeople(like: string): Condition {
  return {
    sql: sql`lower(person.name) like ${like} or lower(person.reading) like ${like} or lower(person.email) like ${like}`,
  };
}

export interface PeopleFilters {
  readonly department?: string | undefined;
  readonly role?: string | undefined;
  readonly state?: PersonState | undefined;
  readonly manager?: PersonId | undefined;
}

export function peopleConditions(filters: PeopleFilters, today: Temporal.PlainDate): Condition[] {
  const conditions: Condition[] = [
    filters.state
      ? { sql: sql`${stateOf(today)} = ${filters.state}` }
      : { sql: sql`person.erased_at is null` },
  ];
  if (filters.department !== undefined)
    conditions.push({ sql: sql`person.department = ${filters.department}` });
  if (filters.role) conditions.push({ sql: sql`${filters.role} = any(person.roles)` });
  if (filters.manager) conditions.push({ sql: sql`person.manager_id = ${filters.manager}` });
  return conditions;
}
