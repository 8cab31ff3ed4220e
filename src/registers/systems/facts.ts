import { z } from 'zod';
import type { PersonId, SystemId } from '../../kernel/id.ts';
import { isUuid } from '../../kernel/id.ts';
import type { Event } from '../../policy/event.ts';
import {
  booleanCell,
  choiceCell,
  emailCell,
  integerCell,
  keyCell,
  keyPattern,
  textCell,
} from '../imports/cells.ts';
import type { Field } from '../imports/table.ts';
import { type Classification, classifications } from './classification.ts';

/** What the loss of a property would do: 1 low, 2 moderate, 3 high (FIPS 199). */
const criticality = z.int().min(1).max(3);

export const systemFields = {
  name: z.string().trim().min(1).max(200),
  classification: z.enum(classifications),
  ownerId: z.string().refine(isUuid).nullable(),
  confidentiality: criticality,
  integrity: criticality,
  availability: criticality,
  /** Null: not known, which is not yes. */
  singleSignOn: z.boolean().nullable(),
  secondFactor: z.boolean().nullable(),
  /** A read older than this proves nothing. */
  staleAfterHours: z.int().min(1).max(87_600),
};

export const systemKey = z.string().regex(keyPattern);

export const newSystem = z.object({
  key: systemKey,
  name: systemFields.name,
  classification: systemFields.classification.default('internal'),
  ownerId: systemFields.ownerId.default(null),
  confidentiality: criticality.default(2),
  integrity: criticality.default(2),
  availability: criticality.default(2),
  singleSignOn: systemFields.singleSignOn.default(null),
  secondFactor: systemFields.secondFactor.default(null),
  staleAfterHours: systemFields.staleAfterHours.default(2400),
});

export const systemChanges = z.object(systemFields).partial();

/** A system of the register, as it is written. */
export interface System {
  readonly id: SystemId;
  readonly key: string;
  readonly name: string;
  readonly classification: Classification;
  readonly ownerId: PersonId | null;
  readonly confidentiality: number;
  readonly integrity: number;
  readonly availability: number;
  readonly singleSignOn: boolean | null;
  readonly secondFactor: boolean | null;
  readonly staleAfterHours: number;
}

const importedSystem = z.object({
  line: z.int(),
  values: z.object({
    key: z.string().nullish(),
    name: z.string().nullish(),
    classification: z.enum(classifications).nullish(),
    owner: z.string().nullish(),
    confidentiality: z.number().nullish(),
    integrity: z.number().nullish(),
    availability: z.number().nullish(),
    singleSignOn: z.boolean().nullish(),
    secondFactor: z.boolean().nullish(),
    staleAfterHours: z.number().nullish(),
  }),
});
export type ImportedSystem = z.infer<typeof importedSystem>;

export const systemCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('registerSystem'), system: newSystem }),
  z.object({
    do: z.literal('updateSystem'),
    key: systemKey,
    version: z.int(),
    changes: systemChanges,
  }),
  z.object({ do: z.literal('retireSystem'), key: systemKey }),
  z.object({ do: z.literal('importSystems'), rows: z.array(importedSystem) }),
]);
export type SystemCommand = z.infer<typeof systemCommand>;

export type SystemEvent =
  | (Event & { readonly type: 'SystemRegistered'; readonly system: System })
  | (Event & { readonly type: 'SystemUpdated'; readonly system: System })
  | (Event & { readonly type: 'SystemRetired'; readonly systemId: SystemId })
  | (Event & { readonly type: 'SystemsImported'; readonly systems: readonly System[] });

export type SystemRefusal =
  | 'systemUnknown'
  | 'systemRetired'
  | 'keyTaken'
  | 'ownerUnknown'
  | 'versionConflict'
  | 'nothingToChange'
  | 'rowsUnfit';

/** Types of entries after which the systems of the register may differ. */
export const systemsChanged = [
  'SystemRegistered',
  'SystemUpdated',
  'SystemRetired',
  'SystemsImported',
] as const;

const level = choiceCell([
  [1, 'low', '低'],
  [2, 'moderate', 'medium', '中'],
  [3, 'high', '高'],
]);

/** Columns of an import of systems. */
export const systemsFields = {
  key: { cell: keyCell, headers: ['id', 'short name', 'キー', '略称'], required: true },
  name: {
    cell: textCell(200),
    headers: ['system', 'system name', 'システム', 'システム名', '名称'],
    required: true,
  },
  classification: {
    cell: choiceCell([
      ['public', '公開'],
      ['internal', '社内', '内部'],
      ['confidential', '秘密', '社外秘'],
      ['restricted', '極秘', '厳秘'],
    ]),
    headers: ['class', '分類', '機密区分'],
  },
  owner: {
    cell: emailCell,
    headers: ['owner email', 'responsible', '所有者', '責任者', '管理責任者'],
  },
  confidentiality: { cell: level, headers: ['c', '機密性'] },
  integrity: { cell: level, headers: ['i', '完全性'] },
  availability: { cell: level, headers: ['a', '可用性'] },
  singleSignOn: { cell: booleanCell, headers: ['sso', 'シングルサインオン'] },
  secondFactor: {
    cell: booleanCell,
    headers: ['mfa', '2fa', 'two-factor', '多要素認証', '二要素認証'],
  },
  staleAfterHours: {
    cell: integerCell(1, 87_600),
    headers: ['stale after', 'read every hours', '鮮度時間'],
  },
} satisfies Record<keyof ImportedSystem['values'], Field>;
