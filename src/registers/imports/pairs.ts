import { createHash } from 'node:crypto';
import type { RowProblem } from './problem.ts';
import { betweenTabs, firstLineOf } from './shape.ts';

/**
 * Who holds what, each name once: `pairs` are places in `accounts` and `entitlements`, flat (account,
 * entitlement, account, …), every pair once, in the order of names. The same access is the same
 * value, however the file was sorted.
 */
export interface AccessPairs {
  readonly accounts: readonly string[];
  readonly entitlements: readonly string[];
  readonly pairs: readonly number[];
}

export interface ParsedPairs extends AccessPairs {
  /** Pairs that stood in the file more than once are counted here and kept once. */
  readonly duplicates: number;
  readonly problems: readonly RowProblem[];
}

/**
 * The `user permission` format: one pair a line, two fields with any run of blanks around them,
 * or of tabs where the first line has one: names may then have blanks in them. Blank lines and lines that begin with `#` say nothing.
 */
export function parsePairs(text: string): ParsedPairs {
  const builder = pairBuilder();
  const problems: RowProblem[] = [];
  let line = 0;
  const separator = firstLineOf(text).text.includes('\t') ? betweenTabs : /\s+/;
  for (const each of linesOf(text)) {
    line += 1;
    const trimmed = each.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const [account, entitlement, ...more] = trimmed.split(separator);
    if (account === undefined || entitlement === undefined || more.length > 0) {
      const found = more.length + (entitlement === undefined ? 1 : 2);
      problems.push({ line, column: '', code: 'pairFields', params: { found } });
    } else if (hasControl(trimmed)) {
      problems.push({ line, column: '', code: 'control', params: {} });
    } else if (account.length > nameLimit || entitlement.length > nameLimit) {
      problems.push({ line, column: '', code: 'tooLong', params: { limit: nameLimit } });
    } else {
      builder.add(account, entitlement);
    }
  }
  return { ...builder.build(), problems };
}

/** Longest name of an account or entitlement, in UTF-16 units. */
export const nameLimit = 500;

/** Control characters have no place in a name, and PostgreSQL takes no NUL. Tabs are blanks. */
export function hasControl(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) || !text.isWellFormed();
}

function* linesOf(text: string): Generator<string> {
  let from = text.startsWith('\uFEFF') ? 1 : 0;
  while (from < text.length) {
    const end = text.indexOf('\n', from);
    yield end < 0 ? text.slice(from) : text.slice(from, end);
    if (end < 0) return;
    from = end + 1;
  }
}

/** Collects pairs one by one and gives them in their canonical form. */
export function pairBuilder() {
  const accounts = new Map<string, number>();
  const entitlements = new Map<string, number>();
  const seen = new Set<number>();
  let duplicates = 0;
  return {
    add(account: string, entitlement: string): void {
      // Two places in one number: 2^26 names of each kind stay below 2^53.
      const pair = placeOf(accounts, account) * wide + placeOf(entitlements, entitlement);
      if (seen.has(pair)) duplicates += 1;
      seen.add(pair);
    },
    build(): AccessPairs & { duplicates: number } {
      const byAccount = rankedNames(accounts);
      const byEntitlement = rankedNames(entitlements);
      const ranked = Float64Array.from(seen, (pair) => {
        const account = byAccount.rank[Math.floor(pair / wide)] as number;
        return account * wide + (byEntitlement.rank[pair % wide] as number);
      }).sort();
      const pairs: number[] = [];
      for (const pair of ranked) pairs.push(Math.floor(pair / wide), pair % wide);
      return { accounts: byAccount.names, entitlements: byEntitlement.names, pairs, duplicates };
    },
  };
}

const wide = 2 ** 26;

function placeOf(places: Map<string, number>, name: string): number {
  const known = places.get(name);
  if (known !== undefined) return known;
  places.set(name, places.size);
  return places.size - 1;
}

/** Names in order of UTF-16 code units, and the rank of each place. */
function rankedNames(places: ReadonlyMap<string, number>): { names: string[]; rank: number[] } {
  const names = [...places.keys()].sort();
  const rank: number[] = new Array(names.length);
  for (const [at, name] of names.entries()) rank[places.get(name) as number] = at;
  return { names, rank };
}

/**
 * SHA-256 over the pairs, one JSON array a line in canonical order: the same for every file that
 * says the same. It is a digest of login names, which are few enough to guess: it goes into the
 * ledger as a salted commitment only.
 */
export function digestOfPairs({ accounts, entitlements, pairs }: AccessPairs): string {
  const quotedAccounts = accounts.map((name) => JSON.stringify(name));
  const quotedEntitlements = entitlements.map((name) => JSON.stringify(name));
  const digest = createHash('sha256');
  let lines = '';
  for (let at = 0; at < pairs.length; at += 2) {
    const account = quotedAccounts[pairs[at] as number];
    lines += `[${account},${quotedEntitlements[pairs[at + 1] as number]}]\n`;
    if (lines.length < digestedAtOnce) continue;
    digest.update(lines);
    lines = '';
  }
  return digest.update(lines).digest('hex');
}

/** Characters of lines that are held at a time, of a file that may have any length. */
const digestedAtOnce = 65_536;
