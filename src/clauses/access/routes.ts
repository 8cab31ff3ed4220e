import { campaignRoutes } from './routes.campaigns.ts';
import { dutyRoutes } from './routes.duties.ts';
import { emergencyRoutes } from './routes.emergencies.ts';
import { itemRoutes } from './routes.items.ts';
import { leaverRoutes } from './routes.leavers.ts';
import { mineRoutes } from './routes.mine.ts';
import { miningRoutes } from './routes.mining.ts';
import { orderRoutes } from './routes.orders.ts';
import { requestRoutes } from './routes.requests.ts';

export const routes = {
  ...campaignRoutes,
  ...itemRoutes,
  ...orderRoutes,
  ...miningRoutes,
  ...requestRoutes,
  ...mineRoutes,
  ...emergencyRoutes,
  ...leaverRoutes,
  ...dutyRoutes,
};
