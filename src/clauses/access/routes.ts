import { campaignRoutes } from './routes.campaigns.ts';
import { itemRoutes } from './routes.items.ts';
import { orderRoutes } from './routes.orders.ts';

export const routes = { ...campaignRoutes, ...itemRoutes, ...orderRoutes };
