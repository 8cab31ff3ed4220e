import { backlogRoutes } from './routes.backlog.ts';
import { decisionRoutes } from './routes.decisions.ts';
import { exportRoutes } from './routes.exports.ts';
import { issueRoutes } from './routes.issues.ts';
import { listRoutes } from './routes.lists.ts';
import { policyRoutes } from './routes.policy.ts';
import { reportRoutes } from './routes.reports.ts';

export const routes = {
  ...listRoutes,
  ...backlogRoutes,
  ...decisionRoutes,
  ...policyRoutes,
  ...reportRoutes,
  ...exportRoutes,
  ...issueRoutes,
};
