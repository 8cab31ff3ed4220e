/** Words of the register of sources that browsers need as well. */

export const sourceKinds = ['repository', 'bill', 'image', 'product', 'website'] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** How an audit came in. */
export const auditWays = ['upload', 'interface', 'command', 'github', 'passive'] as const;

/** Most bytes of a request that brings an audit: 32 MB. */
export const auditLimitBytes = 32 * 1024 * 1024;
/** Most files of one audit. */
export const auditLimitFiles = 500;
