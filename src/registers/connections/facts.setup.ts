import { z } from 'zod';
import type { JsonObject } from '../../kernel/json.ts';
import type { Route } from '../../policy/route.ts';
import { systemKey } from '../systems/facts.ts';
import { aspects } from './facts.connector.ts';
import { connectorKind, everyHours } from './facts.ts';

/** What set-up asks and is answered. The server handles it, because secrets are sealed there. */

const id = z.uuid();
const entered = z.record(z.string(), z.json()) as z.ZodType<JsonObject>;
/** As entered; it goes no further than into its seal. */
const secret = z.json();

export const nothing = z.object({});
export const changed = z.object({ id: z.string() });

export const connectorList = z.object({
  items: z.array(
    z.object({
      kind: z.string(),
      aspects: z.array(z.enum(aspects)),
      acts: z.array(z.string()),
      /** JSON Schema of what is entered. */
      settings: z.record(z.string(), z.unknown()),
      secret: z.record(z.string(), z.unknown()),
    }),
  ),
});

export const testInput = z.object({
  /** Of a connection that stands: what is left out is taken from it. */
  id: id.optional(),
  kind: connectorKind,
  settings: entered,
  secret: secret.optional(),
});

export const tested = z.object({
  works: z.boolean(),
  /** Null where it works. */
  problem: z.string().nullable(),
  detail: z.string().nullable(),
  capabilities: z.array(
    z.object({
      aspect: z.enum(aspects),
      able: z.boolean(),
      permission: z.string(),
      message: z.string(),
    }),
  ),
});
export type Tested = z.output<typeof tested>;

export const setUpInput = z.object({
  system: systemKey,
  kind: connectorKind,
  settings: entered,
  secret,
  everyHours: everyHours.default(24),
});
export const setUp = z.object({ id: z.string(), runId: z.string() });

export const changeInput = z.object({
  id,
  version: z.int(),
  settings: entered.optional(),
  secret: secret.optional(),
  everyHours: everyHours.optional(),
  paused: z.boolean().optional(),
});

export const actingInput = z.object({ id, on: z.boolean(), secret: secret.optional() });

/** Types for pages: the server answers these. */
export type SetUpRoutes = {
  readonly listConnectors: Route<typeof nothing, typeof connectorList>;
  readonly testConnection: Route<typeof testInput, typeof tested>;
  readonly setUpConnection: Route<typeof setUpInput, typeof setUp>;
  readonly changeConnection: Route<typeof changeInput, typeof changed>;
  readonly switchActing: Route<typeof actingInput, typeof changed>;
};
