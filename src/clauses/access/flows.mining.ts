import type { Flow } from '../../policy/flow.ts';
import * as facts from './facts.mining.ts';
import * as mining from './flow.mining.ts';
import {
  loadConclusion,
  loadRequest,
  loadSearch,
  projectEnded,
  projectRequested,
  projectSuggested,
} from './store.mining.ts';
import { loadAdoption, loadDrop, projectAdopted, projectDropped } from './store.roles.ts';

type Code = facts.MiningRefusal;
const clause = 'access';

export const requestRoles: Flow<
  mining.RequestState,
  facts.RequestRoles,
  facts.RolesRequested,
  Code
> = {
  name: 'access.requestRoles',
  clause,
  command: facts.requestRoles,
  load: loadRequest,
  authorize: () => ({ action: 'suggestRoles' }),
  decide: mining.decideRequest,
  project: projectRequested,
};

export const cancelSearch: Flow<mining.SearchOf, facts.CancelSearch, facts.RoleSearchEnded, Code> =
  {
    name: 'access.cancelRoleSearch',
    clause,
    command: facts.cancelSearch,
    load: loadSearch,
    authorize: () => ({ action: 'suggestRoles' }),
    decide: mining.decideCancel,
    project: projectEnded,
  };

/** For the node that makes a search: no rule permits it to anybody but Kept itself. */
export const failSearch: Flow<mining.SearchOf, facts.FailSearch, facts.RoleSearchEnded, Code> = {
  name: 'access.failRoleSearch',
  clause,
  command: facts.failSearch,
  load: loadSearch,
  authorize: () => ({ action: 'concludeRoleSearch' }),
  decide: mining.decideFailure,
  project: projectEnded,
};

/** For the node that makes a search: no rule permits it to anybody but Kept itself. */
export const concludeSearch: Flow<
  mining.ConclusionState,
  facts.ConcludeSearch,
  facts.RolesSuggested,
  Code
> = {
  name: 'access.concludeRoleSearch',
  clause,
  command: facts.concludeSearch,
  load: loadConclusion,
  authorize: () => ({ action: 'concludeRoleSearch' }),
  decide: mining.decideConclusion,
  project: projectSuggested,
};

export const adoptRole: Flow<mining.AdoptionState, facts.AdoptRole, facts.RoleAdopted, Code> = {
  name: 'access.adoptRole',
  clause,
  command: facts.adoptRole,
  load: loadAdoption,
  authorize: () => ({ action: 'suggestRoles' }),
  decide: mining.decideAdoption,
  project: projectAdopted,
};

export const dropRole: Flow<mining.DropState, facts.DropRole, facts.RoleDropped, Code> = {
  name: 'access.dropRole',
  clause,
  command: facts.dropRole,
  load: loadDrop,
  authorize: () => ({ action: 'suggestRoles' }),
  decide: mining.decideDrop,
  project: projectDropped,
};
