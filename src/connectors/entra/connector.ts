import type { Capability, Connector } from '../../registers/connections/facts.connector.ts';
import { actOnEntra } from './acting.ts';
import {
  type EntraSecret,
  type EntraSettings,
  entraSecret,
  entraSettings,
  permissions,
  type Stage,
  stages,
} from './facts.ts';
import { type EntraLink, GraphForbidden, graphOf } from './graph.ts';
import { readEntra, securityDefaultsPath } from './reading.ts';

/** Microsoft Entra ID by Microsoft Graph v1.0. What to grant is in docs/connectors/entra.md. */
export const entra: Connector<EntraSettings, EntraSecret> = {
  kind: 'entra',
  settings: entraSettings,
  secret: entraSecret,
  aspects: [
    'accounts',
    'entitlements',
    'held',
    'secondFactors',
    'signIns',
    'conditionalAccess',
    'passwordPolicy',
    'securityDefaults',
  ],
  acts: ['disableAccount', 'endSessions', 'removeHeld'],
  test: testEntra,
  read: readEntra,
  carryOut: actOnEntra,
};

/** One thing of each kind is asked for: as little as shows whether it may be. */
const samples: Readonly<
  Record<
    Stage,
    { readonly path: string; readonly aspect: Capability['aspect']; readonly single?: true }
  >
> = {
  users: { path: '/users?$select=id&$top=1', aspect: 'accounts' },
  groups: { path: '/groups?$select=id&$top=1', aspect: 'entitlements' },
  roles: { path: '/directoryRoles?$select=id', aspect: 'held' },
  registrations: {
    path: '/reports/authenticationMethods/userRegistrationDetails?$top=1',
    aspect: 'secondFactors',
  },
  signIns: { path: '/users?$select=id,signInActivity&$top=1', aspect: 'signIns' },
  conditionalAccess: { path: '/identity/conditionalAccess/policies', aspect: 'conditionalAccess' },
  domains: { path: '/domains?$select=id', aspect: 'passwordPolicy' },
  securityDefaults: { path: securityDefaultsPath, aspect: 'securityDefaults', single: true },
};

async function testEntra(link: EntraLink): Promise<readonly Capability[]> {
  const graph = graphOf(link);
  const found: Capability[] = [];
  for (const stage of stages) {
    const { path, aspect, single } = samples[stage];
    const permission = permissions[stage];
    try {
      await (single ? graph.object(path) : graph.page(path));
      found.push({ aspect, able: true, permission, message: '' });
    } catch (error) {
      if (!(error instanceof GraphForbidden)) throw error;
      found.push({ aspect, able: false, permission, message: error.message.slice(0, 300) });
    }
  }
  return found;
}
