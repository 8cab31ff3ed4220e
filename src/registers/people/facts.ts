import { z } from 'zod';
import { roles } from '../../kernel/actor.ts';
import type { PersonId } from '../../kernel/id.ts';
import { isUuid } from '../../kernel/id.ts';
import type { Json } from '../../kernel/json.ts';
import { languages } from '../../kernel/language.ts';
import type { Event } from '../../policy/event.ts';
import { choiceCell, choicesCell, dateCell, emailCell, textCell } from '../imports/cells.ts';
import type { Field } from '../imports/table.ts';

/** Of a person, what anyone who may read the register sees. */
export const personFields = {
  name: z.string().trim().min(1).max(200),
  reading: z.string().trim().max(200),
  email: z.email().max(254).nullable(),
  managerId: z.uuid().nullable(),
  department: z.string().trim().max(200),
  startsOn: z.iso.date().nullable(),
  roles: z.array(z.enum(roles)).max(roles.length),
  language: z.enum(languages),
};

export const newPerson = z.object({
  ...personFields,
  reading: personFields.reading.default(''),
  email: personFields.email.default(null),
  managerId: personFields.managerId.default(null),
  department: personFields.department.default(''),
  startsOn: personFields.startsOn.default(null),
  roles: personFields.roles.default(['employee']),
  language: personFields.language.default('en'),
});

export const personChanges = z.object(personFields).partial();

/** Who somebody is, as last known. Dates are ISO 8601 calendar dates. */
export interface Person {
  readonly id: PersonId;
  readonly name: string;
  readonly reading: string;
  readonly email: string | null;
  readonly managerId: PersonId | null;
  readonly department: string;
  readonly startsOn: string | null;
  readonly endsOn: string | null;
  readonly roles: readonly string[];
  readonly language: string;
}

/** An id of ours: hyphenated hexadecimal in lower case. */
export const personId = z.string().refine(isUuid);

const importedPerson = z.object({
  line: z.int(),
  values: z.object({
    name: z.string().nullish(),
    reading: z.string().nullish(),
    email: z.string().nullish(),
    manager: z.string().nullish(),
    department: z.string().nullish(),
    startsOn: z.string().nullish(),
    endsOn: z.string().nullish(),
    roles: z.array(z.enum(roles)).nullish(),
    language: z.enum(languages).nullish(),
  }),
});
export type ImportedPerson = z.infer<typeof importedPerson>;

export const personCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('registerPerson'), person: newPerson }),
  z.object({
    do: z.literal('updatePerson'),
    id: personId,
    version: z.int(),
    changes: personChanges,
  }),
  z.object({ do: z.literal('endEmployment'), id: personId, endsOn: z.iso.date().nullable() }),
  z.object({ do: z.literal('importPeople'), rows: z.array(importedPerson) }),
  z.object({ do: z.literal('erasePerson'), id: personId }),
]);
export type PersonCommand = z.infer<typeof personCommand>;

/** Columns of an import of people, with the headers that personnel systems give them. */
export const peopleFields = {
  name: {
    cell: textCell(200),
    headers: ['full name', 'display name', '氏名', '名前', '社員名'],
    required: true,
  },
  email: {
    cell: emailCell,
    headers: [
      'mail',
      'e-mail address',
      'email address',
      'userPrincipalName',
      'メールアドレス',
      'メール',
    ],
    required: true,
  },
  reading: {
    cell: textCell(200),
    headers: ['kana', 'furigana', '読み', 'よみ', 'フリガナ', 'ふりがな', 'カナ'],
  },
  department: { cell: textCell(200), headers: ['dept', 'team', '部署', '所属', '部門'] },
  manager: {
    cell: emailCell,
    headers: ['manager email', 'manager mail', 'supervisor', '上長', '上司', '上長メールアドレス'],
  },
  startsOn: {
    cell: dateCell,
    headers: ['start date', 'start', 'hire date', 'joined', '入社日', '開始日'],
  },
  endsOn: {
    cell: dateCell,
    headers: ['end date', 'end', 'leaving date', 'last day', '退職日', '終了日'],
  },
  roles: { cell: choicesCell(roles.map((role) => [role] as const)), headers: ['role', '役割'] },
  language: {
    cell: choiceCell([
      ['en', 'english', '英語'],
      ['ja', 'japanese', '日本語'],
    ]),
    headers: ['lang', '言語'],
  },
} satisfies Record<keyof ImportedPerson['values'], Field>;

/** What of a person's data is public in the ledger, and what is only committed to. */
export const publicFields = ['managerId', 'startsOn', 'endsOn', 'roles', 'language'] as const;
export const privateFields = ['name', 'reading', 'email', 'department'] as const;

type Committed = Readonly<Record<string, Json>>;

export type PersonEvent =
  | (Event & { readonly type: 'PersonRegistered'; readonly private: Committed })
  | (Event & { readonly type: 'PersonUpdated'; readonly private: Committed })
  | (Event & { readonly type: 'EmploymentEnded' })
  | (Event & { readonly type: 'EmploymentContinued' })
  | (Event & { readonly type: 'PersonErased' })
  | PeopleImported;

/**
 * Many people at once. Who they are is not in the entry: `body` counts, the blob `changesBlob` lists
 * ids with what is public, and `private` commits to the digest of the rows. `rows` is what is
 * projected; it never reaches the ledger.
 */
export type PeopleImported = Event & {
  readonly type: 'PeopleImported';
  readonly rows: readonly Person[];
};

export type PersonRefusal =
  | 'personUnknown'
  | 'personErased'
  | 'versionConflict'
  | 'emailTaken'
  | 'ownManager'
  | 'managerUnknown'
  | 'managerCycle'
  | 'endBeforeStart'
  | 'nothingToChange'
  | 'stillEmployed'
  | 'stillHoldsAccess'
  | 'noUndertaking'
  | 'personHasLeft'
  | 'rowsUnfit';

/** Types of entries after which the people of the register may differ. */
export const peopleChanged = [
  'PersonRegistered',
  'PersonUpdated',
  'EmploymentEnded',
  'EmploymentContinued',
  'PeopleImported',
  'PersonErased',
] as const;
