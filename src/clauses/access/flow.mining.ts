import { personOf } from '../../kernel/actor.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type {
  AdoptRole,
  CancelSearch,
  ConcludeSearch,
  DropRole,
  FailSearch,
  MiningRefusal,
  RequestRoles,
  RoleAdopted,
  RoleDropped,
  RoleSearchEnded,
  RolesRequested,
  RolesSuggested,
  SearchState,
} from './facts.mining.ts';
import type { Evidence } from './facts.ts';

/** Whether the actor answers for what roles are about: its owner, or the security officer. */
export interface Answerable {
  readonly answerable: boolean;
}

export interface RequestState extends Answerable {
  readonly systemExists: boolean;
  /** Accesses of staff that the system shows. */
  readonly accesses: number;
  readonly underWay: boolean;
}

/** Asks for a search; one at a time for each system. */
export function decideRequest(
  state: RequestState,
  { systemId }: RequestRoles,
  { newId }: Context,
): Result<readonly RolesRequested[], Refusal<MiningRefusal>> {
  if (!state.systemExists) return refuse('systemsNotFound');
  if (!state.answerable) return refuse('rolesOfOthers');
  if (state.accesses === 0) return refuse('nothingHeld');
  if (state.underWay) return refuse('searchUnderWay');
  return ok([
    { type: 'RolesRequested', subject: `role-search/${newId()}`, body: { system: systemId } },
  ]);
}

export interface SearchOf extends Answerable {
  /** Null where there is no such search, or not any more. */
  readonly search: { readonly systemId: string | null; readonly state: SearchState } | null;
}

export function decideCancel(
  { search, answerable }: SearchOf,
  { searchId }: CancelSearch,
  _context: Context,
): Result<readonly RoleSearchEnded[], Refusal<MiningRefusal>> {
  if (!search) return refuse('notFound');
  if (!answerable) return refuse('rolesOfOthers');
  if (isOver(search.state)) return refuse('searchOver');
  return ok([ended(searchId, search.systemId, 'cancelled', null)]);
}

/** A search that went wrong. Nothing happens where it was cancelled meanwhile. */
export function decideFailure(
  { search }: SearchOf,
  { searchId, problem }: FailSearch,
  _context: Context,
): Result<readonly RoleSearchEnded[], Refusal<MiningRefusal>> {
  if (!search || isOver(search.state)) return ok([]);
  return ok([ended(searchId, search.systemId, 'failed', problem)]);
}

export interface ConclusionState extends SearchOf {
  /** What was laid down, counted. */
  readonly found: Omit<RolesSuggested['body'], 'system' | 'leftOut' | 'atLeast'>;
}

/** A search is done. Nothing happens where it was cancelled meanwhile. */
export function decideConclusion(
  { search, found }: ConclusionState,
  { searchId, leftOut, atLeast }: ConcludeSearch,
  _context: Context,
): Result<readonly RolesSuggested[], Refusal<MiningRefusal>> {
  if (!search || isOver(search.state)) return ok([]);
  return ok([
    {
      type: 'RolesSuggested',
      subject: `role-search/${searchId}`,
      body: { system: search.systemId, ...found, leftOut, atLeast },
    },
  ]);
}

export interface AdoptionState extends Answerable {
  readonly suggestion: {
    readonly systemId: string | null;
    readonly count: number;
    readonly entitlements: Evidence;
  } | null;
  /** A role of the same entitlements was adopted before. */
  readonly adopted: boolean;
  readonly nameTaken: boolean;
}

/** Makes a suggestion a role of the system, under a name of its own. */
export function decideAdoption(
  { suggestion, answerable, adopted, nameTaken }: AdoptionState,
  { name }: AdoptRole,
  { actor, newId }: Context,
): Result<readonly RoleAdopted[], Refusal<MiningRefusal>> {
  if (!suggestion) return refuse('suggestionGone');
  if (!answerable) return refuse('rolesOfOthers');
  if (adopted) return refuse('roleAdopted');
  if (nameTaken) return refuse('roleNameTaken', { name });
  const { systemId, count, entitlements } = suggestion;
  return ok([
    {
      type: 'RoleAdopted',
      subject: `access-role/${newId()}`,
      body: { system: systemId, by: personOf(actor), count, entitlementsBlob: entitlements.sha256 },
      blobs: { entitlementsBlob: entitlements.bytes },
      private: { name },
    },
  ]);
}

export interface DropState extends Answerable {
  readonly role: { readonly systemId: string | null } | null;
}

export function decideDrop(
  { role, answerable }: DropState,
  { roleId }: DropRole,
  { actor }: Context,
): Result<readonly RoleDropped[], Refusal<MiningRefusal>> {
  if (!role) return refuse('notFound');
  if (!answerable) return refuse('rolesOfOthers');
  return ok([
    {
      type: 'RoleDropped',
      subject: `access-role/${roleId}`,
      body: { system: role.systemId, by: personOf(actor) },
    },
  ]);
}

function ended(
  searchId: string,
  system: string | null,
  outcome: 'cancelled' | 'failed',
  problem: FailSearch['problem'] | null,
): RoleSearchEnded {
  return {
    type: 'RoleSearchEnded',
    subject: `role-search/${searchId}`,
    body: { system, outcome, problem },
  };
}

const isOver = (state: SearchState): boolean => state !== 'waiting' && state !== 'running';
