import type { World } from '../platform/world.ts';
import type { Routes } from '../policy/route.ts';
import { promiseStatuses } from '../registers/findings/store.ts';
import { accountRoutes } from './account/language.ts';
import { advisoryRoutes } from './advisories/routes.ts';
import { caseRoutes } from './cases/routes.ts';
import { closingRoutes } from './closing/routes.ts';
import { rooms } from './composition.ts';
import { hookRoutes } from './connections/hooks.ts';
import type { Outside } from './connections/link.ts';
import { pushRoutes } from './connections/push.ts';
import { connectionRoutes } from './connections/routes.ts';
import { outsideOf } from './connections/start.ts';
import { behalfRoutes } from './customers/behalf.ts';
import { customerRoutes } from './customers/routes.ts';
import { evidenceRoutes } from './evidence/routes.ts';
import { ledgerRoutes } from './ledger/routes.ts';
import { peopleRoutes } from './people/routes.ts';
import { declaredPromises, routesOf } from './rooms.ts';
import { provisioningRoutes } from './scim/routes.ts';
import { publishFirst } from './setup/publish.ts';
import { setupRoutes } from './setup/routes.ts';
import { vaultRoutes } from './vault/routes.ts';

/** Every operation of the API, by name. */
export function apiRoutes(
  world: World,
  identity: Routes,
  outside: Outside = outsideOf([]),
): Routes {
  return routesOf(rooms, [
    identity,
    accountRoutes,
    setupRoutes((request) => publishFirst(world, request)),
    evidenceRoutes(world, rooms),
    ledgerRoutes(world, () => promisesOf(world)),
    connectionRoutes(world, outside),
    hookRoutes(world),
    pushRoutes(world),
    provisioningRoutes,
    peopleRoutes(world),
    customerRoutes(world),
    behalfRoutes(world),
    caseRoutes(world),
    vaultRoutes(world),
    closingRoutes(world),
    advisoryRoutes(world),
  ]);
}

/** What an export says of the promises, beside the ledger. */
async function promisesOf(world: World): Promise<unknown> {
  const statuses = await promiseStatuses(world.database.db);
  return declaredPromises(rooms).map(({ id, clause }) => {
    const known = statuses.get(id);
    return {
      id,
      clause,
      status: known?.status ?? 'unknown',
      reason: known?.reason.code ?? 'nothingUpholds',
      since: known?.since.toString() ?? null,
      provenAt: known?.proven_at?.toString() ?? null,
    };
  });
}
