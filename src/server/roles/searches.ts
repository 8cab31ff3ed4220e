import type { Suggestions } from '../../clauses/access/facts.mining.ts';
import { concludeSearch, failSearch } from '../../clauses/access/flows.mining.ts';
import { namesOf } from '../../clauses/access/mining.naming.ts';
import type { Mined, Relation } from '../../clauses/access/mining.ts';
import type { ClaimedSearch, HeldAccess } from '../../clauses/access/store.mining.ts';
import {
  claimSearch,
  forgetSuggestions,
  heldAccess,
  laySuggestions,
  namesFor,
  releaseSearch,
  reportSearch,
} from '../../clauses/access/store.mining.ts';
import type { Actor } from '../../kernel/actor.ts';
import { invariant } from '../../kernel/invariant.ts';
import { execute } from '../../platform/execute.ts';
import { log } from '../../platform/log.ts';
import type { World } from '../../platform/world.ts';
import { startHeart } from '../heart.ts';
import { mineInThread, TooLarge } from './thread.ts';

/** Between two looks for searches that nobody poked about: another node may have died. */
const lookMs = 10_000;
/** Between two signs of life; also how soon a search ends after somebody cancelled it. */
const beatMs = 1_000;
/** After so long without a sign of life a search is taken up by another node. */
const abandonedSeconds = 60;

const actor: Actor = { kind: 'system', id: 'roles' };

export interface RoleSearches {
  /** Ends the search under way, if any; whoever looks next begins it anew. */
  stop(): Promise<void>;
}

/** Makes the searches for roles that people ask for, one after the other. */
export function startRoleSearches(world: World): RoleSearches {
  const stopping = new AbortController();
  const heart = startHeart(() => makeSearches(world, stopping.signal), lookMs);
  world.onPoke(() => heart.hurry());
  return {
    stop: async () => {
      stopping.abort();
      await heart.stop();
    },
  };
}

/** Makes all searches that wait. @returns how many it took up */
export async function makeSearches(world: World, stopping: AbortSignal): Promise<number> {
  for (let made = 0; ; made++) {
    if (stopping.aborted) return made;
    const now = world.now();
    const search = await claimSearch(
      world.database.db,
      now,
      now.subtract({ seconds: abandonedSeconds }),
    );
    if (!search) return made;
    await makeSearch(world, search, stopping);
  }
}

async function makeSearch(
  world: World,
  search: ClaimedSearch,
  stopping: AbortSignal,
): Promise<void> {
  try {
    const { held, leftOut } = await heldAccess(world.database.db, search.systemId);
    const numbered = numberAccess(held);
    const mined = await mineWatched(world, search.id, numbered.relation, stopping);
    if (mined) await conclude(world, search, { numbered, mined, leftOut });
    else if (stopping.aborted) await releaseSearch(world.database.db, search.id);
  } catch (error) {
    log.error('role search failed', { search: search.id, error });
    const problem = error instanceof TooLarge ? 'tooLarge' : 'broken';
    await execute(world, failSearch, { searchId: search.id, problem }, actor);
  }
}

/** Searches, tells the progress to whoever watches, and ends where somebody cancelled. */
async function mineWatched(
  world: World,
  searchId: string,
  relation: Relation,
  stopping: AbortSignal,
): Promise<Mined | null> {
  const cancelled = new AbortController();
  let progress: Parameters<typeof reportSearch>[2] = { done: 0, total: null };
  const beat = setInterval(() => {
    reportSearch(world.database.db, searchId, progress, world.now()).then(
      (goesOn) => goesOn || cancelled.abort(),
      (error: unknown) =>
        log.error('role search gave no sign of life', { search: searchId, error }),
    );
  }, beatMs);
  try {
    return await mineInThread(
      relation,
      (told) => {
        progress = told;
      },
      AbortSignal.any([cancelled.signal, stopping]),
    );
  } finally {
    clearInterval(beat);
  }
}

interface Numbered {
  readonly relation: Relation;
  /** Ids by number. */
  readonly holders: readonly string[];
  readonly entitlements: readonly string[];
}

function numberAccess(held: readonly HeldAccess[]): Numbered {
  const holders = new Map<string, number>();
  const entitlements = new Map<string, number>();
  const numberIn = (numbers: Map<string, number>, id: string): number => {
    const number = numbers.get(id) ?? numbers.size;
    numbers.set(id, number);
    return number;
  };
  const pairs = new Uint32Array(held.length * 2);
  held.forEach(({ holder, entitlement }, at) => {
    pairs[2 * at] = numberIn(holders, holder);
    pairs[2 * at + 1] = numberIn(entitlements, entitlement);
  });
  return {
    relation: { users: holders.size, permissions: entitlements.size, pairs },
    holders: [...holders.keys()],
    entitlements: [...entitlements.keys()],
  };
}

interface Found {
  readonly numbered: Numbered;
  readonly mined: Mined;
  readonly leftOut: number;
}

async function conclude(world: World, search: ClaimedSearch, found: Found): Promise<void> {
  const { db } = world.database;
  const { mined, numbered, leftOut } = found;
  const names = await namesFor(db, search, numbered);
  const id = (list: readonly string[], n: number): string => {
    const known = list[n];
    invariant(known !== undefined, 'a role speaks of what was put in');
    return known;
  };
  const named = namesOf(mined.roles, {
    departmentOf: (user) => names.departments.get(id(numbered.holders, user)) ?? '',
    nameOf: (permission) => names.entitlements.get(id(numbered.entitlements, permission)) ?? '',
  });
  const suggestions: Suggestions = {
    roles: mined.roles.map((role, n) => ({
      id: world.newId(),
      name: named[n] ?? '',
      entitlements: role.permissions.map((permission) => id(numbered.entitlements, permission)),
      holders: role.users.map((user) => id(numbered.holders, user)),
    })),
    ...countsOf(numbered, mined),
  };
  await db.transaction().execute((tx) => laySuggestions(tx, search.id, suggestions));
  const command = { searchId: search.id, leftOut, atLeast: mined.atLeast };
  const concluded = await execute(world, concludeSearch, command, actor);
  // Nothing was concluded: somebody cancelled in the meantime.
  if (!concluded.ok || concluded.value.length === 0) await forgetSuggestions(db, search.id);
}

/** What each holder has now and would have, and what only one of them has. */
function countsOf({ relation, holders, entitlements }: Numbered, { roles }: Mined) {
  const accesses = new Uint32Array(holders.length);
  const assigned = new Uint32Array(holders.length);
  const having = new Uint32Array(entitlements.length);
  const add = (counts: Uint32Array, n: number): void => {
    counts[n] = (counts[n] ?? 0) + 1;
  };
  const { pairs } = relation;
  for (let at = 0; at < pairs.length; at += 2) {
    add(accesses, pairs[at] as number);
    add(having, pairs[at + 1] as number);
  }
  for (const { users } of roles) for (const user of users) add(assigned, user);
  const lone: { holder: string; entitlement: string }[] = [];
  for (let at = 0; at < pairs.length; at += 2) {
    const entitlement = pairs[at + 1] as number;
    if (having[entitlement] !== 1) continue;
    lone.push({
      holder: holders[pairs[at] as number] as string,
      entitlement: entitlements[entitlement] as string,
    });
  }
  return {
    holders: holders.map((id, n) => ({
      id,
      accesses: accesses[n] as number,
      roles: assigned[n] as number,
    })),
    lone,
  };
}
