import { checklistRoutes } from './routes.checklists.ts';
import { courseRoutes } from './routes.courses.ts';
import { officeRoutes } from './routes.office.ts';
import { trainingRoutes } from './routes.training.ts';
import { undertakingRoutes } from './routes.undertakings.ts';

export const routes = {
  ...undertakingRoutes,
  ...trainingRoutes,
  ...courseRoutes,
  ...checklistRoutes,
  ...officeRoutes,
};
