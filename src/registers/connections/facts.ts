import { z } from 'zod';
import { isUuid, type SystemId } from '../../kernel/id.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import type { Event } from '../../policy/event.ts';
import { systemKey } from '../systems/facts.ts';

const id = z.string().refine(isUuid);
/** Bytes that were sealed, in base64: a command never holds a secret in the clear. */
const sealed = z.base64().max(100_000);
const settings = z.record(z.string(), z.json()) as z.ZodType<JsonObject>;
export const everyHours = z.int().min(1).max(168);
export const connectorKind = z.string().regex(/^[a-z]{1,20}$/);

export const connectionCommand = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('setUpConnection'),
    /** Fresh: the secret is sealed for this id. */
    id,
    system: systemKey,
    kind: connectorKind,
    settings,
    secret: sealed,
    everyHours,
  }),
  z.object({
    do: z.literal('changeConnection'),
    id,
    version: z.int(),
    settings: settings.optional(),
    secret: sealed.optional(),
    everyHours: everyHours.optional(),
    paused: z.boolean().optional(),
  }),
  z.object({
    do: z.literal('switchActing'),
    id,
    on: z.boolean(),
    /** Left out: the one that was entered before. */
    secret: sealed.optional(),
  }),
  z.object({ do: z.literal('removeConnection'), id }),
  z.object({ do: z.literal('readNow'), id, whole: z.boolean() }),
  z.object({ do: z.literal('cancelRun'), runId: id }),
  /** Said by the runner alone. */
  z.object({
    do: z.literal('failRun'),
    runId: id,
    code: z.string().max(60),
    detail: z.string().max(1000),
  }),
]);
export type ConnectionCommand = z.infer<typeof connectionCommand>;

export interface NewConnection {
  readonly id: string;
  readonly systemId: SystemId;
  readonly kind: string;
  readonly settings: JsonObject;
  readonly secret: string;
  readonly everyHours: number;
}

export interface ConnectionChanges {
  readonly settings: JsonObject | null;
  readonly secret: string | null;
  readonly everyHours: number | null;
  readonly paused: boolean | null;
}

/** A run that is asked for. */
export interface NewRun {
  readonly id: string;
  readonly connectionId: string;
  readonly reads: 'whole' | 'changes';
  readonly since: Json;
}

export type ConnectionEvent =
  | (Event & {
      readonly type: 'ConnectionSetUp';
      readonly connection: NewConnection;
      readonly run: NewRun;
    })
  | (Event & {
      readonly type: 'ConnectionChanged';
      readonly id: string;
      readonly changes: ConnectionChanges;
    })
  | (Event & {
      readonly type: 'ActingSwitched';
      readonly id: string;
      readonly on: boolean;
      readonly secret: string | null;
    })
  | (Event & { readonly type: 'ConnectionRemoved'; readonly id: string })
  | (Event & { readonly type: 'ReadAsked'; readonly run: NewRun })
  | (Event & { readonly type: 'ReadCancelled'; readonly runId: string })
  | (Event & {
      readonly type: 'ReadFailed';
      readonly runId: string;
      readonly code: string;
      readonly detail: string;
    });

export type ConnectionRefusal =
  | 'systemUnknown'
  | 'systemRetired'
  | 'alreadyConnected'
  | 'connectionUnknown'
  | 'actingSecretNeeded'
  | 'runUnderWay'
  | 'runUnknown'
  | 'nothingToChange'
  | 'versionConflict';
