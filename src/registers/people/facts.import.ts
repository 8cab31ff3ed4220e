import type { PersonId } from '../../kernel/id.ts';
import type { Json } from '../../kernel/json.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import { sha256Hex } from '../../ledger/hash.ts';
import { type ProblemCode, type RowProblem, refuseRows } from '../imports/problem.ts';
import { type ImportedPerson, type PeopleImported, type Person, publicFields } from './facts.ts';

/** What an import would do to the register. */
export interface PeoplePlan {
  readonly added: readonly Person[];
  readonly changed: readonly Person[];
  readonly unchanged: number;
  readonly problems: readonly RowProblem[];
}

/**
 * Decides an import as a whole. People are recognised by their e-mail address, without case; an
 * address not known is a new person. A column that the file has not got leaves things as they are;
 * an empty cell empties them. Doing it twice changes nothing the second time.
 *
 * @param known everyone of the register
 */
export function planPeople(
  rows: readonly ImportedPerson[],
  known: readonly Person[],
  newId: () => PersonId,
): PeoplePlan {
  const problems: RowProblem[] = [];
  const problem = (
    line: number,
    column: string,
    code: ProblemCode,
    params: RowProblem['params'] = {},
  ): void => {
    problems.push({ line, column, code, params });
  };
  const before = new Map(
    known.flatMap((person) => (person.email ? [[addressOf(person.email), person]] : [])),
  );
  const ids = new Map([...before].map(([address, person]) => [address, person.id]));
  const lines = new Map<string, number>();
  for (const { line, values } of rows) {
    if (!values.name) problem(line, 'name', 'missing');
    if (!values.email) problem(line, 'email', 'missing');
    const address = addressOf(values.email ?? '');
    const earlier = lines.get(address);
    if (earlier !== undefined)
      problem(line, 'email', 'duplicate', { field: 'email', line: earlier });
    lines.set(address, line);
    if (!ids.has(address)) ids.set(address, newId());
  }
  const added: Person[] = [];
  const changed: Person[] = [];
  for (const { line, values } of rows) {
    const address = addressOf(values.email ?? '');
    const old = before.get(address);
    const managerId = values.manager ? (ids.get(addressOf(values.manager)) ?? null) : null;
    if (values.manager && !managerId)
      problem(line, 'manager', 'unknownPerson', { value: values.manager });
    const person = personOf(values, ids.get(address) as PersonId, managerId, old);
    if (person.managerId === person.id) problem(line, 'manager', 'ownManager');
    if (isBackwards(person)) problem(line, 'endsOn', 'endBeforeStart');
    if (!old) added.push(person);
    else if (!samePerson(old, person)) changed.push(person);
  }
  const cyclic = cycles([...known, ...added, ...changed]);
  for (const person of [...added, ...changed]) {
    const line = lines.get(addressOf(person.email ?? ''));
    if (cyclic.has(person.id) && person.managerId !== person.id)
      problem(line ?? 0, 'manager', 'managerCycle');
  }
  const unchanged = rows.length - added.length - changed.length;
  return { added, changed, unchanged, problems: problems.sort((a, b) => a.line - b.line) };
}

/** The one event of an import. Who the people are stays out of it, but for a commitment. */
export function peopleImported(plan: PeoplePlan, importId: string): PeopleImported {
  const rows = [...plan.added, ...plan.changed];
  const changes = Buffer.from(
    canonicalJson(rows.map((person) => pick(person, ['id', ...publicFields]))),
  );
  return {
    type: 'PeopleImported',
    subject: `import/${importId}`,
    body: {
      added: plan.added.length,
      changed: plan.changed.length,
      unchanged: plan.unchanged,
      changesBlob: sha256Hex(changes),
    },
    private: { digest: sha256Hex(Buffer.from(canonicalJson(rows as unknown as Json))) },
    blobs: { changesBlob: changes },
    rows,
  };
}

export function pick(person: Person, names: readonly (keyof Person)[]): Record<string, Json> {
  return Object.fromEntries(names.map((name) => [name, person[name]]));
}

export { refuseRows };

/** Addresses are the same person's without regard to case. */
export function addressOf(email: string): string {
  return email.toLowerCase();
}

export function isBackwards(person: Pick<Person, 'startsOn' | 'endsOn'>): boolean {
  return person.startsOn !== null && person.endsOn !== null && person.endsOn < person.startsOn;
}

function personOf(
  values: ImportedPerson['values'],
  id: PersonId,
  managerId: PersonId | null,
  old: Person | undefined,
): Person {
  const from = <T>(said: T | null | undefined, before: T | undefined, empty: T): T =>
    said === undefined ? (before ?? empty) : (said ?? empty);
  return {
    id,
    name: values.name ?? '',
    email: values.email ?? null,
    reading: from(values.reading, old?.reading, ''),
    department: from(values.department, old?.department, ''),
    managerId: values.manager === undefined ? (old?.managerId ?? null) : managerId,
    startsOn: from<string | null>(values.startsOn, old?.startsOn, null),
    endsOn: from<string | null>(values.endsOn, old?.endsOn, null),
    // An empty cell does not take roles away: nobody means to by leaving it blank.
    roles: values.roles ?? old?.roles ?? ['employee'],
    language: values.language ?? old?.language ?? 'en',
  };
}

function samePerson(a: Person, b: Person): boolean {
  const text = ({ roles, ...rest }: Person) =>
    JSON.stringify([Object.entries(rest).sort(), [...roles].sort()]);
  return text(a) === text(b);
}

/** Everyone who, going from manager to manager, comes back to themselves. Later people replace earlier ones. */
export function cycles(people: readonly Pick<Person, 'id' | 'managerId'>[]): Set<PersonId> {
  const above = new Map(people.map(({ id, managerId }) => [id, managerId]));
  const settled = new Set<PersonId>();
  const cyclic = new Set<PersonId>();
  for (const start of above.keys()) {
    const path: PersonId[] = [];
    const onPath = new Set<PersonId>();
    let at: PersonId | null | undefined = start;
    while (at && !settled.has(at) && !onPath.has(at)) {
      path.push(at);
      onPath.add(at);
      at = above.get(at);
    }
    if (at && onPath.has(at)) for (const id of path.slice(path.indexOf(at))) cyclic.add(id);
    for (const id of path) settled.add(id);
  }
  return cyclic;
}
