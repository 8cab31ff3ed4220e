import { pairBuilder, parsePairs } from '../imports/pairs.ts';
import { inHeaders, type ProblemCode, type RowProblem } from '../imports/problem.ts';
import { firstLineOf, shapeOf } from '../imports/shape.ts';
import { headersKnownTo, type Mapping, readTable, type Table } from '../imports/table.ts';
import {
  type AccountKind,
  grantFields,
  type ImportedGrant,
  type RecordRead,
  readFields,
} from './facts.ts';

/** What a file says of who holds what, ready for `recordRead`. */
export interface ReadContent extends Pick<RecordRead, 'accounts' | 'entitlements' | 'pairs'> {
  /** Lines that said what another had said. */
  readonly duplicates: number;
}

type ReadFormat = 'pairs' | 'csv';

/** A file of access as far as it could be read: the content counts only without problems. */
export interface ParsedRead {
  readonly header: readonly string[];
  readonly mapping: Mapping;
  readonly sample: readonly (readonly string[])[];
  readonly content: ReadContent;
  readonly problems: readonly RowProblem[];
}

/** @param format left out where the file itself must tell which of the two it is */
export function parseRead(text: string, format?: ReadFormat, mapping?: Mapping): ParsedRead {
  const shape = format ?? shapeOf(text, isHeader);
  if (shape === 'unclear') return { ...readFromPairs(''), problems: [unclear(text)] };
  return shape === 'pairs' ? readFromPairs(text) : readFromTable(text, mapping);
}

const isHeader = headersKnownTo(readFields);

function unclear(text: string): RowProblem {
  return { line: firstLineOf(text).line, column: '', code: 'headerOrPair', params: {} };
}

function readFromPairs(text: string): ParsedRead {
  const { accounts, entitlements, pairs, duplicates, problems } = parsePairs(text);
  const nothing: readonly RowProblem[] =
    problems.length === 0 && pairs.length === 0
      ? [{ line: 1, column: '', code: 'empty', params: {} }]
      : problems;
  return {
    header: ['account', 'entitlement'],
    mapping: { account: 'account', entitlement: 'entitlement' },
    sample: sampleOf(accounts, entitlements, pairs),
    content: {
      accounts: accounts.map((name) => ({ name })),
      entitlements: entitlements.map((name) => ({ name })),
      pairs: [...pairs],
      duplicates,
    },
    problems: nothing,
  };
}

function sampleOf(
  accounts: readonly string[],
  entitlements: readonly string[],
  pairs: readonly number[],
) {
  const rows: string[][] = [];
  for (let at = 0; at < Math.min(pairs.length, 10); at += 2) {
    rows.push([accounts[pairs[at] as number] ?? '', entitlements[pairs[at + 1] as number] ?? '']);
  }
  return rows;
}

interface Said<Value> {
  readonly line: number;
  readonly value: Value;
}

function readFromTable(text: string, mapping?: Mapping): ParsedRead {
  const table = readTable(text, readFields, mapping);
  const problems: RowProblem[] = [];
  const builder = pairBuilder();
  const emails = new Map<string, Said<string>>();
  const kinds = new Map<string, Said<AccountKind>>();
  const privileged = new Map<string, boolean>();
  for (const { line, values } of table.rows) {
    const { account, entitlement } = values;
    if (!account || !entitlement) continue;
    builder.add(account, entitlement);
    const otherwise = (column: string, code: ProblemCode, earlier: number): void => {
      problems.push({ line, column, code, params: { line: earlier } });
    };
    agree(emails, account, line, values.email, (earlier) =>
      otherwise('email', 'conflict', earlier),
    );
    agree(kinds, account, line, values.kind, (earlier) => otherwise('kind', 'conflict', earlier));
    if (values.privileged !== undefined && values.privileged !== null) {
      privileged.set(entitlement, values.privileged || privileged.get(entitlement) === true);
    }
  }
  const { accounts, entitlements, pairs, duplicates } = builder.build();
  return {
    header: table.header,
    mapping: table.mapping,
    sample: table.sample,
    content: {
      accounts: accounts.map((name) => ({
        name,
        email: emails.get(name)?.value ?? null,
        kind: kinds.get(name)?.value ?? null,
      })),
      entitlements: entitlements.map((name) => ({
        name,
        privileged: privileged.get(name) ?? null,
      })),
      pairs: [...pairs],
      duplicates,
    },
    problems: [...table.problems, ...inHeaders(problems, table.mapping)],
  };
}

/** Rows of the same account must not contradict each other; silence contradicts nothing. */
function agree<Value>(
  said: Map<string, Said<Value>>,
  account: string,
  line: number,
  value: Value | null | undefined,
  contradiction: (earlierLine: number) => void,
): void {
  if (value === undefined || value === null) return;
  const earlier = said.get(account);
  if (!earlier) said.set(account, { line, value });
  else if (earlier.value !== value) contradiction(earlier.line);
}

export type GrantsTable = Table<typeof grantFields>;

export function readGrants(text: string, mapping?: Mapping): GrantsTable {
  return readTable(text, grantFields, mapping);
}

/** The addresses that a file of grants names as approvers, in lower case. */
export function approversIn(table: GrantsTable): string[] {
  return [...new Set(table.rows.flatMap(({ values }) => values.approver?.toLowerCase() ?? []))];
}

/**
 * The grants of a file, each once.
 *
 * @param approvers people by their address in lower case
 */
export function parseGrants(
  table: GrantsTable,
  approvers: ReadonlyMap<string, string>,
): { readonly grants: readonly ImportedGrant[]; readonly problems: readonly RowProblem[] } {
  const problems: RowProblem[] = [];
  const lines = new Map<string, number>();
  const grants: ImportedGrant[] = [];
  for (const { line, values } of table.rows) {
    const { account, entitlement, purpose, approver } = values;
    if (!account || !entitlement || !purpose) continue;
    const pair = JSON.stringify([account, entitlement]);
    const earlier = lines.get(pair);
    if (earlier !== undefined) {
      const params = { field: 'account, entitlement', line: earlier };
      problems.push({ line, column: '', code: 'duplicate', params });
    }
    lines.set(pair, line);
    const approverId = approver ? (approvers.get(approver.toLowerCase()) ?? null) : null;
    if (approver && !approverId) {
      problems.push({
        line,
        column: 'approver',
        code: 'unknownPerson',
        params: { value: approver },
      });
    }
    grants.push({ account, entitlement, purpose, approverId, endsOn: values.endsOn ?? null, line });
  }
  return { grants, problems: [...table.problems, ...inHeaders(problems, table.mapping)] };
}
