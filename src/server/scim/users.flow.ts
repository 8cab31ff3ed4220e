import { z } from 'zod';
import type { JsonObject } from '../../kernel/json.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context, Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import type { PersonEvent } from '../../registers/people/facts.ts';
import type { Leaver } from '../../registers/people/store.leaving.ts';
import { personFlow } from '../../registers/people/store.ts';
import { leaveGroups } from '../../registers/provisioning/store.groups.ts';
import {
  markDeleted,
  type OnDeactivation,
  type Provisioned,
  saveProvisioned,
} from '../../registers/provisioning/store.users.ts';
import { departure, lifted, suspended } from '../leaving/decide.ts';
import { projectLeaving } from '../leaving/flow.ts';
import type { Counts } from '../leaving/take.ts';
import type { Rooms } from '../rooms.ts';
import type { Operation } from './patch.ts';
import type { Resource } from './schema.ts';
import { type PersonFacts, personFacts, provisionedOf } from './users.facts.ts';
import { loadUser } from './users.load.ts';
import type { UserRow } from './users.read.ts';

/** `triggeredAt`: arrival of the request, from which on the seconds of a departure count. */
export type UserCommand = { readonly triggeredAt: string } & (
  | { readonly do: 'create'; readonly resource: Resource }
  | {
      readonly do: 'replace';
      readonly id: string;
      readonly resource: Resource;
      readonly ifMatch: string | null;
    }
  | {
      readonly do: 'patch';
      readonly id: string;
      readonly operations: readonly Operation[];
      readonly ifMatch: string | null;
    }
  | { readonly do: 'delete'; readonly id: string; readonly ifMatch: string | null }
);

/** What a decision on a user stands on. */
export interface UserState {
  /** The user as it was; null for a new one. */
  readonly before: UserRow | null;
  /** The user as it is to be; null where it is deleted. */
  readonly next: Resource | null;
  /** The attribute whose value somebody else has. */
  readonly conflict: 'userName' | 'emails' | null;
  readonly manager: 'known' | 'unknown' | 'below';
  /** Whether the person may enter now, and is to from now on. */
  readonly wasActive: boolean;
  readonly active: boolean;
  readonly onDeactivation: OnDeactivation;
  /** What was taken in this transaction; null where nothing was to be taken. */
  readonly taken: Counts | null;
}

export type UserRefusal = 'uniqueness' | 'managerCycle';

export type UserFlow = Flow<UserState, UserCommand, Event, UserRefusal>;

/**
 * What a directory does to a user, in one transaction: the register of people, what is kept beside
 * it, and, where the user is deactivated, the end of all access (ACC-7).
 */
export function userFlow(rooms: () => Rooms): UserFlow {
  return {
    name: 'provisioning.user',
    clause: 'people',
    command: z.custom<UserCommand>(),
    load: (tx, command, context) => loadUser(tx, rooms(), command, context),
    authorize: () => ({ action: 'provisionPeople' }),
    decide: decideUser,
    async project(tx, event, context) {
      switch (event.type) {
        case 'PersonRegistered':
        case 'PersonUpdated': {
          await personFlow.project(tx, event as PersonEvent, context);
          const said = event.private?.['provisioned'] as unknown as Provisioned | undefined;
          if (said && event.about) await saveProvisioned(tx, event.about, said);
          break;
        }
        case 'EmploymentContinued':
          await personFlow.project(tx, event as PersonEvent, context);
          break;
        case 'UserDeleted':
          if (!event.about) break;
          await markDeleted(tx, event.about, context.now);
          await leaveGroups(tx, event.about, context.now);
          break;
        default:
          await projectLeaving(tx, event, context);
      }
    },
  };
}

type Decision = Result<readonly Event[], Refusal<UserRefusal>>;

/** Decides on what a directory says of a user. What changes nothing is no event. */
export function decideUser(state: UserState, command: UserCommand, context: Context): Decision {
  const { before, next, conflict, manager } = state;
  if (conflict) return refuse('uniqueness', { attribute: conflict });
  if (manager === 'below') return refuse('managerCycle');
  if (!next) return ok(before ? [...ended(state, before, command, context), deleted(before)] : []);
  const facts = personFacts(next);
  const said = provisionedOf(next);
  const known = { ...facts, managerId: manager === 'known' ? facts.managerId : null };
  const [first, person] = before
    ? [updated(before, known, said, command.do === 'create', context), before]
    : registered(known, said, context);
  return ok([
    ...returned(state, person),
    ...(first ? [first] : []),
    ...(state.active ? [] : ended(state, person, command, context)),
  ]);
}

/** What of a person leaving asks; somebody new has never started. */
type AsLeaver = Pick<UserRow, 'id' | 'starts_on' | 'ends_on' | 'left_at' | 'suspended_at'>;

function leaverOf(person: AsLeaver): Leaver {
  return {
    id: person.id,
    startsOn: person.starts_on,
    endsOn: person.ends_on,
    leftAt: person.left_at,
    suspendedAt: person.suspended_at,
    erased: false,
  };
}

function registered(
  facts: PersonFacts,
  said: Provisioned,
  { newId }: Context,
): readonly [Event, AsLeaver] {
  const id = newId();
  const { managerId, language, ...names } = facts;
  const event = {
    type: 'PersonRegistered',
    subject: `person/${id}`,
    body: {
      managerId,
      startsOn: null,
      endsOn: null,
      roles: ['employee'],
      language: language ?? 'en',
    },
    private: { ...names, reading: '', provisioned: said as unknown as JsonObject },
    about: id,
  };
  return [event, { id, starts_on: null, ends_on: null, left_at: null, suspended_at: null }];
}

/** A user as it is after one change; for the answer, never in the ledger. */
export type UserChanged = Event & { readonly after: UserRow };

/**
 * What differs, in the words in which the register says so; null where nothing does. `again`: the
 * directory had deleted the user.
 */
function updated(
  before: UserRow,
  facts: PersonFacts,
  said: Provisioned,
  again: boolean,
  { now }: Context,
): UserChanged | null {
  const open: Record<string, string | null> = {};
  const closed: Record<string, JsonObject[string]> = {};
  if (facts.managerId !== before.manager_id) open['managerId'] = facts.managerId;
  if (facts.language && facts.language !== before.language) open['language'] = facts.language;
  for (const name of ['name', 'email', 'department'] as const) {
    if (facts[name] !== before[name]) closed[name] = facts[name];
  }
  const same =
    !again &&
    before.attributes !== null &&
    before.user_name === said.userName &&
    before.external_id === said.externalId &&
    canonical(before.attributes) === canonical(said.attributes);
  if (!same) closed['provisioned'] = said as unknown as JsonObject;
  const changed = [...Object.keys(open), ...Object.keys(closed)];
  if (changed.length === 0) return null;
  return {
    type: 'PersonUpdated',
    subject: `person/${before.id}`,
    body: { changed, ...open },
    private: closed,
    about: before.id,
    after: {
      ...before,
      ...facts,
      manager_id: facts.managerId,
      language: facts.language ?? before.language,
      user_name: said.userName,
      external_id: said.externalId,
      attributes: said.attributes as Resource,
      modified_at: now,
      version: before.version + 1,
    },
  };
}

/** The same text for the same values, in whatever order PostgreSQL gave their names back. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

/** Whoever comes back may be invited again, and nothing more. */
function returned({ wasActive, active }: UserState, person: AsLeaver): readonly Event[] {
  if (wasActive || !active) return [];
  if (person.suspended_at && !person.left_at && !person.ends_on) return [lifted(leaverOf(person))];
  const subject = `person/${person.id}`;
  return [{ type: 'EmploymentContinued', subject, body: {}, about: person.id }];
}

/** The end of access: of employment, or for a while, as the setting says; a deletion is always the end. */
function ended(
  { taken, onDeactivation }: UserState,
  person: AsLeaver,
  command: UserCommand,
  context: Context,
): readonly Event[] {
  if (!taken) return [];
  const leaver = leaverOf(person);
  if (command.do !== 'delete' && onDeactivation === 'suspend') return [suspended(leaver, taken)];
  const { triggeredAt } = command;
  return departure(leaver, taken, { trigger: 'provisioning', triggeredAt }, context);
}

function deleted({ id }: UserRow): Event {
  return { type: 'UserDeleted', subject: `person/${id}`, body: {}, about: id };
}
