import { z } from 'zod';
import type { Event } from '../../policy/event.ts';

const id = z.uuid();

export const searchStates = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;
export type SearchState = (typeof searchStates)[number];

/** Asks for roles of one system; null: of all systems together. */
export const requestRoles = z.object({ systemId: id.nullable() });
export type RequestRoles = z.output<typeof requestRoles>;

export const cancelSearch = z.object({ searchId: id });
export type CancelSearch = z.output<typeof cancelSearch>;

/** Says that a search is done; what it found was laid down beside it. */
export const concludeSearch = z.object({
  searchId: id,
  /** Accesses of accounts that are not of staff. */
  leftOut: z.int().nonnegative(),
  atLeast: z.int().nonnegative(),
});
export type ConcludeSearch = z.output<typeof concludeSearch>;

/** What a search found. A holder is a person, or an account of nobody known. */
export interface Suggestions {
  readonly roles: readonly {
    readonly id: string;
    readonly name: string;
    readonly entitlements: readonly string[];
    readonly holders: readonly string[];
  }[];
  readonly holders: readonly {
    readonly id: string;
    readonly accesses: number;
    readonly roles: number;
  }[];
  /** Access that only one holder has. */
  readonly lone: readonly { readonly holder: string; readonly entitlement: string }[];
}

/** Why a search came to nothing: it needed more memory than there is, or Kept has a bug. */
export const searchProblems = ['tooLarge', 'broken'] as const;
export type SearchProblem = (typeof searchProblems)[number];

export const failSearch = z.object({ searchId: id, problem: z.enum(searchProblems) });
export type FailSearch = z.output<typeof failSearch>;

/** Makes a suggested role one of the system's own, under a name. */
export const adoptRole = z.object({
  suggestionId: id,
  name: z.string().trim().min(1).max(120),
});
export type AdoptRole = z.output<typeof adoptRole>;

export const dropRole = z.object({ roleId: id });
export type DropRole = z.output<typeof dropRole>;

export type MiningRefusal =
  | 'notFound'
  | 'rolesOfOthers'
  | 'systemsNotFound'
  | 'nothingHeld'
  | 'searchUnderWay'
  | 'searchOver'
  | 'suggestionGone'
  | 'roleAdopted'
  | 'roleNameTaken';

export interface RolesRequested extends Event {
  readonly type: 'RolesRequested';
  /** `role-search/ID` */
  readonly subject: string;
  readonly body: { readonly system: string | null };
}

export interface RolesSuggested extends Event {
  readonly type: 'RolesSuggested';
  readonly body: {
    readonly system: string | null;
    readonly holders: number;
    readonly accesses: number;
    readonly roles: number;
    readonly assignments: number;
    readonly entitlements: number;
    readonly leftOut: number;
    readonly atLeast: number;
  };
}

export interface RoleSearchEnded extends Event {
  readonly type: 'RoleSearchEnded';
  readonly body: {
    readonly system: string | null;
    readonly outcome: 'cancelled' | 'failed';
    readonly problem: SearchProblem | null;
  };
}

export interface RoleAdopted extends Event {
  readonly type: 'RoleAdopted';
  /** `access-role/ID` */
  readonly subject: string;
  readonly body: {
    readonly system: string | null;
    readonly by: string | null;
    readonly count: number;
    /** SHA-256 of the entitlements' ids, ascending, one a line. */
    readonly entitlementsBlob: string;
  };
  readonly blobs: { readonly entitlementsBlob: Uint8Array };
  readonly private: { readonly name: string };
}

export interface RoleDropped extends Event {
  readonly type: 'RoleDropped';
  readonly body: { readonly system: string | null; readonly by: string | null };
}
