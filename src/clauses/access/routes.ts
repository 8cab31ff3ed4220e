import { campaignRoutes } from './routes.campaigns.ts';
import { itemRoutes } from './routes.items.ts';
import { miningRoutes } from './routes.mining.ts';
import { orderRoutes } from './routes.orders.ts';

export const routes = { ...campaignRoutes, ...itemRoutes, ...orderRoutes, ...miningRoutes };
