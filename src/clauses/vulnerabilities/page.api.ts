import { useApi } from '../../ui/api.ts';
import type { backlogRoutes } from './routes.backlog.ts';
import type { decisionRoutes } from './routes.decisions.ts';
import type { listRoutes } from './routes.lists.ts';
import type { policyRoutes } from './routes.policy.ts';

type BacklogRoutes = typeof listRoutes &
  typeof backlogRoutes &
  typeof decisionRoutes &
  typeof policyRoutes;

/** The backlog's part of the API. */
export const useBacklogApi = useApi<BacklogRoutes>;
