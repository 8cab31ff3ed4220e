import { z } from 'zod';
import type { AccountId, PersonId, SystemId } from '../../kernel/id.ts';
import { isUuid } from '../../kernel/id.ts';
import type { Event } from '../../policy/event.ts';
import { booleanCell, choiceCell, dateCell, emailCell, textCell } from '../imports/cells.ts';
import { nameLimit } from '../imports/pairs.ts';
import type { Field } from '../imports/table.ts';

/** What an account is for. Only a `staff` account needs a person to be in order. */
export const accountKinds = ['staff', 'service', 'break-glass'] as const;
export type AccountKind = (typeof accountKinds)[number];

const id = z.string().refine(isUuid);
const name = z.string().min(1).max(nameLimit);

const readAccount = z.object({
  name,
  /** Whose it is, where the source says so. */
  email: z.string().max(254).nullish(),
  kind: z.enum(accountKinds).nullish(),
});
const readEntitlement = z.object({ name, privileged: z.boolean().nullish() });

/**
 * One reading of a system. `pairs` are places in `accounts` and `entitlements`, flat: account,
 * entitlement, account, …; each pair once.
 */
export const recordRead = z
  .object({
    do: z.literal('recordRead'),
    /** Key of the system. */
    system: z.string().max(40),
    /** Where it was read: the name of a connector, of a file. */
    source: z.string().trim().min(1).max(100),
    /** Whether the reading shows all there is: only then is what it does not show gone. */
    complete: z.boolean(),
    /** A complete reading of nothing takes all access for gone: it must be meant. */
    empty: z.boolean().default(false),
    accounts: z.array(readAccount),
    entitlements: z.array(readEntitlement),
    pairs: z.array(z.int().min(0)),
  })
  .refine(pairsFit, 'pairs do not fit the accounts and entitlements');
export type RecordRead = z.infer<typeof recordRead>;

function pairsFit(read: {
  accounts: unknown[];
  entitlements: unknown[];
  pairs: number[];
}): boolean {
  const { accounts, entitlements, pairs } = read;
  return (
    pairs.length % 2 === 0 &&
    pairs.every((place, at) => place < (at % 2 === 0 ? accounts : entitlements).length)
  );
}

/** What a reading shows for the first time. Projected; only the counts reach the ledger. */
export interface Arrivals {
  readonly accounts: readonly {
    readonly id: AccountId;
    readonly name: string;
    readonly personId: PersonId | null;
    readonly kind: AccountKind;
  }[];
  readonly entitlements: readonly {
    readonly id: string;
    readonly name: string;
    readonly privileged: boolean;
  }[];
  /** Accounts known before whose person is known only now, or that are of another kind now. */
  readonly settled: readonly {
    readonly id: AccountId;
    readonly personId: PersonId | null;
    readonly kind: AccountKind;
  }[];
  /** Entitlements known before that are privileged now, or no longer. */
  readonly marked: readonly { readonly id: string; readonly privileged: boolean }[];
}

/**
 * A system was read. `private.digest` commits to the whole list of pairs: a bare digest of login
 * names could be guessed, hence the salt. Subject is the system.
 */
export type AccessObserved = Event & {
  readonly type: 'AccessObserved';
  readonly systemId: SystemId;
  readonly arrivals: Arrivals;
  readonly read: {
    readonly id: string;
    readonly source: string;
    readonly complete: boolean;
    readonly pairs: number;
    readonly added: number;
    readonly gone: number;
    readonly digest: string;
  };
};

export type ReadRefusal = 'systemUnknown' | 'systemRetired' | 'systemConnected' | 'emptyRead';

export const accountCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('linkAccount'), id, personId: id.nullable() }),
  z.object({ do: z.literal('markAccount'), id, kind: z.enum(accountKinds) }),
  z.object({ do: z.literal('markEntitlement'), id, privileged: z.boolean() }),
]);
export type AccountCommand = z.infer<typeof accountCommand>;

export type AccountEvent = Event & {
  readonly type: 'AccountLinked' | 'AccountMarked' | 'EntitlementMarked';
};
export type AccountRefusal =
  | 'accountUnknown'
  | 'entitlementUnknown'
  | 'personUnknown'
  | 'nothingToChange';

const approval = {
  purpose: z.string().trim().min(1).max(500),
  endsOn: z.iso.date().nullable(),
};

const importedGrant = z.object({
  account: name,
  entitlement: name,
  purpose: approval.purpose,
  approverId: id.nullable(),
  endsOn: approval.endsOn,
  /** Line of the file, from 1; without it, the place among the rows. */
  line: z.int().min(1).optional(),
});
export type ImportedGrant = z.infer<typeof importedGrant>;

export const grantCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('approveGrant'), accountId: id, entitlementId: id, ...approval }),
  z.object({ do: z.literal('endGrant'), id }),
  z.object({
    do: z.literal('importGrants'),
    system: z.string().max(40),
    rows: z.array(importedGrant),
  }),
]);
export type GrantCommand = z.infer<typeof grantCommand>;

/** A grant as it is written: somebody approved this access, for this, until then. */
export interface Grant {
  readonly id: string;
  readonly accountId: AccountId;
  readonly entitlementId: string;
  readonly purpose: string;
  readonly approverId: PersonId | null;
  readonly endsOn: string | null;
}

export type GrantEvent =
  | (Event & { readonly type: 'GrantApproved'; readonly systemId: SystemId; readonly grant: Grant })
  | (Event & { readonly type: 'GrantEnded'; readonly grantId: string })
  | (Event & {
      readonly type: 'GrantsImported';
      readonly systemId: SystemId;
      readonly arrivals: Arrivals;
      readonly grants: readonly Grant[];
    });

export type GrantRefusal =
  | 'systemUnknown'
  | 'systemRetired'
  | 'accountUnknown'
  | 'entitlementUnknown'
  | 'otherSystem'
  | 'ownAccess'
  | 'ownAccessInRows'
  | 'approverNeeded'
  | 'alreadyGranted'
  | 'hasLeft'
  | 'noUndertaking'
  | 'conflictingDuties'
  | 'conflictingDutiesInRows'
  | 'grantUnknown'
  | 'endInPast';

/** Columns of a list of access, with the headers that systems give them. */
export const readFields = {
  account: {
    cell: textCell(nameLimit),
    headers: [
      'user',
      'username',
      'user name',
      'login',
      'user id',
      'userid',
      'principal',
      'アカウント',
      'ユーザー',
      'ユーザー名',
      'ログイン',
      '利用者',
    ],
    required: true,
  },
  entitlement: {
    cell: textCell(nameLimit),
    headers: [
      'permission',
      'role',
      'group',
      'group name',
      'policy',
      'profile',
      '権限',
      'ロール',
      '役割',
      'グループ',
    ],
    required: true,
  },
  email: {
    cell: emailCell,
    headers: ['mail', 'e-mail address', 'email address', 'person', 'メールアドレス', 'メール'],
  },
  kind: {
    cell: choiceCell([
      ['staff', 'person', 'user', 'human', '従業員', '個人'],
      ['service', 'machine', 'application', 'サービス'],
      ['break-glass', 'emergency', '緊急用'],
    ]),
    headers: ['account type', 'account kind', 'type', '種別', '種類'],
  },
  privileged: { cell: booleanCell, headers: ['admin', 'privilege', '特権', '管理者権限'] },
} satisfies Record<string, Field>;

/** Columns of a list of approved grants. */
export const grantFields = {
  account: readFields.account,
  entitlement: readFields.entitlement,
  purpose: {
    cell: textCell(500),
    headers: ['reason', 'why', '目的', '理由', '用途'],
    required: true,
  },
  approver: { cell: emailCell, headers: ['approved by', 'approver email', '承認者'] },
  endsOn: { cell: dateCell, headers: ['end date', 'until', 'expires', 'expiry', '期限', '終了日'] },
} satisfies Record<string, Field>;
