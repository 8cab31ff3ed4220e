import { z } from 'zod';
import type { Route } from '../../policy/route.ts';
import { personId } from './facts.ts';

/** Somebody's leaving at once: employment ends and all access is taken, now. */
export const leaveInput = z.object({ id: personId });
/** How much of each was taken in Kept. */
export const leaveOutput = z.object({ id: z.string(), counts: z.record(z.string(), z.int()) });

/** Answered by the server, which alone may end what every room has given. */
export type LeaveRoutes = {
  readonly endAccess: Route<typeof leaveInput, typeof leaveOutput>;
};
