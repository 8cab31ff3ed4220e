import type { Actor } from '../../kernel/actor.ts';
import { dateIn, instantText } from '../../kernel/instant.ts';
import type { Refusal, Result } from '../../kernel/result.ts';
import { execute } from '../../platform/execute.ts';
import type { World } from '../../platform/world.ts';
import type { Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import { bad, ScimFault } from './fault.ts';
import type { Query } from './query.ts';
import type { Resource, ResourceType } from './schema.ts';
import type { Selection } from './showing.ts';
import type { Setting } from './users.read.ts';

/** One request of a directory: who asks, and since when it is being answered. */
export interface Call {
  readonly world: World;
  readonly actor: Actor;
  /** RFC 3339: arrival of the request. */
  readonly triggeredAt: string;
  readonly setting: Setting;
}

export async function callOf(world: World, actor: Actor): Promise<Call> {
  const now = world.now();
  const zone = (await world.organisation())?.zone ?? 'UTC';
  const setting = { base: `${world.url}/scim/v2`, today: dateIn(now, zone) };
  return { world, actor, triggeredAt: instantText(now), setting };
}

/** A resource as it is, or was after a change; not yet cut to what the client wants to see. */
export interface Kind {
  readonly type: ResourceType;
  /** `lenient`: several kinds are searched at once. */
  list(call: Call, query: Query, lenient: boolean): Promise<Listed>;
  /** @throws ScimFault 404 */
  find(call: Call, id: string, selection: Selection): Promise<Resource>;
  create(call: Call, body: unknown, selection: Selection): Promise<Resource>;
  replace(call: Call, at: Target, body: unknown): Promise<Resource>;
  patch(call: Call, at: Target, body: unknown): Promise<Resource>;
  remove(call: Call, at: Omit<Target, 'selection'>): Promise<void>;
}

export interface Target {
  readonly id: string;
  readonly ifMatch: string | null;
  readonly selection: Selection;
}

/** All that fits, or one page of it with how many there are in all. */
export interface Listed {
  readonly total: number;
  readonly page: readonly Resource[];
}

/**
 * Runs a command of a directory.
 *
 * @throws ScimFault where the register refuses it
 */
export async function run<State, Command, E extends Event, Code extends string>(
  { world, actor }: Call,
  flow: Flow<State, Command, E, Code>,
  command: Command,
): Promise<readonly E[]> {
  let answer: Result<readonly E[], Refusal>;
  try {
    answer = await execute(world, flow, command, actor);
  } catch (thrown) {
    // Two at once wanted the same name or address; the index let one have it.
    if ((thrown as { code?: string }).code === '23505') throw taken('userName or emails');
    throw thrown;
  }
  if (answer.ok) return answer.value;
  const { code, params } = answer.refusal;
  switch (code) {
    case 'uniqueness':
      throw taken(String(params['attribute']));
    case 'managerCycle':
      throw bad('invalidValue', 'nobody is above themselves: the manager reports to this user');
    case 'notAllowed':
      throw new ScimFault(403, 'this token may not do that');
    default:
      throw bad('invalidValue', code);
  }
}

function taken(attribute: string): ScimFault {
  return new ScimFault(409, `the value of "${attribute}" is another resource’s`, 'uniqueness');
}
