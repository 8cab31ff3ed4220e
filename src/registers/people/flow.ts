import type { PersonId } from '../../kernel/id.ts';
import { dateIn } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type { Authorization } from '../../policy/flow.ts';
import {
  addressOf,
  cycles,
  isBackwards,
  type PeoplePlan,
  peopleImported,
  pick,
  planPeople,
  refuseRows,
} from './facts.import.ts';
import {
  type Person,
  type PersonCommand,
  type PersonEvent,
  type PersonRefusal,
  privateFields,
  publicFields,
} from './facts.ts';

/** What a decision about people stands on. */
export interface PeopleState {
  /** The person that the command is about. */
  readonly person:
    | (Person & {
        readonly version: number;
        readonly erased: boolean;
        /** Everything was taken from them. */
        readonly left?: boolean;
      })
    | null;
  /** The person who already has the address that the command gives. */
  readonly holder: PersonId | null;
  /** The proposed manager and everyone above them. */
  readonly above: readonly Pick<Person, 'id' | 'managerId'>[];
  /** Accesses that the newest reads still show of the person. */
  readonly held: number;
  /** Everyone; for imports only. */
  readonly everyone: readonly Person[];
  /** Of those whose roles the command gives, who has not signed the undertakings in force. */
  readonly lacking: ReadonlySet<PersonId>;
  /** Whether undertakings are in force, so that a newcomer cannot have signed them yet. */
  readonly undertakingsAsked: boolean;
}

type Decision = Result<readonly PersonEvent[], Refusal<PersonRefusal>>;

/** Decides one command on people. */
export function decidePerson(
  state: PeopleState,
  command: PersonCommand,
  context: Context,
): Decision {
  switch (command.do) {
    case 'registerPerson':
      return register(state, command, context);
    case 'updatePerson':
      return update(state, command);
    case 'endEmployment':
      return end(state, command.endsOn);
    case 'importPeople':
      return bring(state, command, context);
    case 'erasePerson':
      return erase(state, context);
  }
}

/** Roles decide what people may do in Kept: giving other than the ordinary one is its own permission. */
export function authorizePerson(state: PeopleState, command: PersonCommand): Authorization {
  return { action: assignsRoles(state, command) ? 'assignRoles' : command.do };
}

function assignsRoles(state: PeopleState, command: PersonCommand): boolean {
  switch (command.do) {
    case 'registerPerson':
      return differs(command.person.roles, ['employee']);
    case 'updatePerson':
      return (
        command.changes.roles !== undefined &&
        differs(command.changes.roles, state.person?.roles ?? [])
      );
    case 'importPeople': {
      const held = new Map(
        state.everyone.map((person) => [addressOf(person.email ?? ''), person.roles]),
      );
      return command.rows.some(
        ({ values }) =>
          values.roles &&
          differs(values.roles, held.get(addressOf(values.email ?? '')) ?? ['employee']),
      );
    }
    default:
      return false;
  }
}

function differs(some: readonly string[], others: readonly string[]): boolean {
  return [...some].sort().join() !== [...others].sort().join();
}

function register(
  state: PeopleState,
  command: PersonCommand & { do: 'registerPerson' },
  context: Context,
): Decision {
  const person: Person = { ...command.person, id: context.newId(), endsOn: null };
  const refusal = unfit(state, person);
  if (refusal) return refuse(refusal);
  if (state.undertakingsAsked && gainsOffice(person.roles, [])) return noUndertaking(1);
  return ok([
    {
      type: 'PersonRegistered',
      subject: `person/${person.id}`,
      body: pick(person, publicFields),
      private: pick(person, privateFields),
      about: person.id,
    },
  ]);
}

function update(state: PeopleState, command: PersonCommand & { do: 'updatePerson' }): Decision {
  const { person } = state;
  if (!person) return refuse('personUnknown');
  if (person.erased) return refuse('personErased');
  if (person.version !== command.version) return refuse('versionConflict');
  const next: Person = { ...person, ...command.changes } as Person;
  const refusal = unfit(state, next, person.managerId);
  if (refusal) return refuse(refusal);
  if (person.left && differs(next.roles, person.roles)) return refuse('personHasLeft');
  if (state.lacking.has(person.id) && gainsOffice(next.roles, person.roles))
    return noUndertaking(1);
  const changed = (name: keyof Person): boolean =>
    JSON.stringify(person[name]) !== JSON.stringify(next[name]);
  const open = publicFields.filter(changed);
  const closed = privateFields.filter(changed);
  if (open.length + closed.length === 0) return refuse('nothingToChange');
  return ok([
    {
      type: 'PersonUpdated',
      subject: `person/${person.id}`,
      body: { changed: [...open, ...closed], ...pick(next, open) },
      private: pick(next, closed),
      about: person.id,
    },
  ]);
}

/** Roles that let nobody do anything for the organisation yet. */
const ordinary: readonly string[] = ['employee', 'customer', 'service'];

/** Whether a person would hold a role beyond the ordinary that they did not hold before. */
function gainsOffice(roles: readonly string[], before: readonly string[]): boolean {
  return roles.some((role) => !ordinary.includes(role) && !before.includes(role));
}

/** The guard of PEO-4: nobody is given a role before they have undertaken to keep what they learn. */
function noUndertaking(count: number): Decision {
  return refuseByGuard('PEO-4', 'noUndertaking', { count });
}

/** How many people an import would give a role for which they lack the undertaking. */
function withoutUndertaking(state: PeopleState, plan: PeoplePlan): number {
  const before = new Map(state.everyone.map(({ id, roles }) => [id, roles]));
  const joining = plan.added.filter(
    ({ roles }) => state.undertakingsAsked && gainsOffice(roles, []),
  );
  const changing = plan.changed.filter(
    ({ id, roles }) => state.lacking.has(id) && gainsOffice(roles, before.get(id) ?? []),
  );
  return joining.length + changing.length;
}

/** The first reason for which a person cannot be as proposed. */
function unfit(
  state: PeopleState,
  person: Person,
  managerBefore: PersonId | null = null,
): PersonRefusal | null {
  if (state.holder && state.holder !== person.id) return 'emailTaken';
  if (person.managerId === person.id) return 'ownManager';
  // Whom somebody reported to already was judged when it was said.
  if (person.managerId === managerBefore) return isBackwards(person) ? 'endBeforeStart' : null;
  if (person.managerId && !state.above.some(({ id }) => id === person.managerId))
    return 'managerUnknown';
  if (cycles([...state.above, person]).size > 0) return 'managerCycle';
  return isBackwards(person) ? 'endBeforeStart' : null;
}

function end(state: PeopleState, endsOn: string | null): Decision {
  const { person } = state;
  if (!person) return refuse('personUnknown');
  if (person.erased) return refuse('personErased');
  if (isBackwards({ ...person, endsOn })) return refuse('endBeforeStart');
  if (person.endsOn === endsOn) return refuse('nothingToChange');
  const subject = `person/${person.id}`;
  return endsOn === null
    ? ok([{ type: 'EmploymentContinued', subject, body: {}, about: person.id }])
    : ok([{ type: 'EmploymentEnded', subject, body: { endsOn }, about: person.id }]);
}

function bring(
  state: PeopleState,
  command: PersonCommand & { do: 'importPeople' },
  context: Context,
): Decision {
  const plan = planPeople(command.rows, state.everyone, context.newId);
  const language = context.actor.kind === 'person' ? context.actor.language : 'en';
  if (plan.problems.length > 0) return refuseRows(plan.problems, language);
  if (plan.added.length + plan.changed.length === 0) return ok([]);
  const refused = withoutUndertaking(state, plan);
  if (refused > 0) return noUndertaking(refused);
  return ok([peopleImported(plan, context.newId())]);
}

/** Only who has left and holds nothing any more: a name still on an account is still needed to act on it. */
function erase(state: PeopleState, context: Context): Decision {
  const { person } = state;
  if (!person) return refuse('personUnknown');
  if (person.erased) return refuse('personErased');
  const today = dateIn(context.now, context.zone).toString();
  if (person.endsOn === null || person.endsOn >= today) return refuse('stillEmployed');
  if (state.held > 0) return refuse('stillHoldsAccess', { count: state.held });
  return ok([{ type: 'PersonErased', subject: `person/${person.id}`, body: {}, about: person.id }]);
}
