import { acknowledgementRoutes } from './routes.acknowledgements.ts';
import { approvalRoutes } from './routes.approval.ts';
import { draftRoutes } from './routes.drafts.ts';
import { officeRoutes } from './routes.office.ts';
import { publicRoutes } from './routes.public.ts';
import { versionRoutes } from './routes.versions.ts';

export const routes = {
  ...versionRoutes,
  ...draftRoutes,
  ...approvalRoutes,
  ...acknowledgementRoutes,
  ...officeRoutes,
  ...publicRoutes,
};
