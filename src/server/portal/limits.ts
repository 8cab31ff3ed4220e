import { type Buckets, createBuckets } from '../../platform/http/buckets.ts';

/** What is counted at the door of the portal, in the memory of each node. */
export interface Limits {
  /** Links asked for from one network address. */
  readonly asking: Buckets;
  /** Links mailed to one address: nobody's mailbox is filled by us. */
  readonly mailing: Buckets;
  /** Links and downloads tried from one network address. */
  readonly trying: Buckets;
}

export function makeLimits(): Limits {
  return {
    asking: createBuckets({ burst: 10, perMinute: 1 }),
    mailing: createBuckets({ burst: 3, perMinute: 0.2 }),
    trying: createBuckets({ burst: 60, perMinute: 30 }),
  };
}
