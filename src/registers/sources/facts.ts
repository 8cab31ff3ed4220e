import { z } from 'zod';
import type { PersonId, SystemId } from '../../kernel/id.ts';
import type { Event } from '../../policy/event.ts';
import { keyPattern } from '../imports/cells.ts';
import { sourceKinds } from './facts.terms.ts';

/** What is audited for vulnerabilities (VUL-1): its commands, events and refusals. */

export const sourceId = z.uuid();
export const sourceKey = z.string().regex(keyPattern);

const fields = {
  name: z.string().trim().min(1).max(200),
  kind: z.enum(sourceKinds),
  /** Repository `owner/name`, address of a website, reference of an image. */
  location: z.string().trim().max(2000),
  systemId: z.uuid(),
  ownerId: z.uuid().nullable(),
  /** Days from one audit to the next. */
  cadenceDays: z.int().min(1).max(366),
  /** Connection that reads it; null: it is given by upload, the interface or a pipeline. */
  connectionId: z.uuid().nullable(),
};

export const newSource = z.object({
  key: sourceKey,
  ...fields,
  location: fields.location.default(''),
  ownerId: fields.ownerId.default(null),
  cadenceDays: fields.cadenceDays.default(7),
  connectionId: fields.connectionId.default(null),
});

export const sourceChanges = z.object(fields).partial();

/** A source, as it is written. */
export interface Source {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly kind: (typeof sourceKinds)[number];
  readonly location: string;
  readonly systemId: SystemId;
  readonly ownerId: PersonId | null;
  readonly cadenceDays: number;
  readonly connectionId: string | null;
}

export const sourceCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('registerSource'), source: newSource }),
  z.object({
    do: z.literal('changeSource'),
    id: sourceId,
    version: z.int(),
    changes: sourceChanges,
  }),
  z.object({ do: z.literal('retireSource'), id: sourceId }),
  z.object({ do: z.literal('restoreSource'), id: sourceId }),
]);
export type SourceCommand = z.infer<typeof sourceCommand>;

export type SourceEvent =
  | (Event & { readonly type: 'SourceRegistered' | 'SourceChanged'; readonly source: Source })
  | (Event & { readonly type: 'SourceRetired' | 'SourceRestored'; readonly sourceId: string });

export type SourceRefusal =
  | 'notFound'
  | 'sourceRetired'
  | 'sourceNotRetired'
  | 'sourceKeyTaken'
  | 'assetUnknown'
  | 'ownerUnknown'
  | 'versionConflict'
  | 'nothingToChange';

/** Types of entries after which the sources of the register may differ. */
export const sourcesChanged = [
  'SourceRegistered',
  'SourceChanged',
  'SourceRetired',
  'SourceRestored',
] as const;
