import { backlogRoutes } from './routes.backlog.ts';
import { decisionRoutes } from './routes.decisions.ts';
import { listRoutes } from './routes.lists.ts';
import { policyRoutes } from './routes.policy.ts';

export const routes = {
  ...listRoutes,
  ...backlogRoutes,
  ...decisionRoutes,
  ...policyRoutes,
};
