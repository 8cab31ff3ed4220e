import type { Connector } from '../../registers/connections/facts.connector.ts';

/**
 * Every source that Kept can read by itself. Each is loaded when somebody first needs it: the SDKs
 * of some weigh more than the rest of an idle server.
 */
export type Connectors = Readonly<Record<string, () => Promise<Connector>>>;

export const connectors: Connectors = {
  aws: async () => (await import('../../connectors/aws/connector.ts')).aws as Connector,
  entra: async () => (await import('../../connectors/entra/connector.ts')).entra as Connector,
  github: async () => (await import('../../connectors/github/connector.ts')).github as Connector,
};
