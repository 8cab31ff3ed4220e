import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyConsistency, verifyInclusion } from '../src/ledger/merkle.ts';
import { type Outcome, sharedCases, Tally, withoutCases } from './suite.ts';

export const name = 'RFC 6962 proofs (transparency-dev/merkle)';

interface InclusionCase {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly root: string | null;
  readonly leafHash: string | null;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

interface ConsistencyCase {
  readonly size1: number;
  readonly size2: number;
  readonly root1: string | null;
  readonly root2: string | null;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

function bytes(base64: string | null): Uint8Array {
  return Buffer.from(base64 ?? '', 'base64');
}

export async function run(): Promise<Outcome> {
  const folder = sharedCases('ledger', 'merkle');
  if (folder === null) return withoutCases('ledger', 'merkle');
  const tally = new Tally();
  for (const file of globSync('inclusion/**/*.json', { cwd: folder }).sort()) {
    const c = JSON.parse(readFileSync(join(folder, file), 'utf8')) as InclusionCase;
    const claim = {
      index: c.leafIdx,
      size: c.treeSize,
      leaf: bytes(c.leafHash),
      root: bytes(c.root),
    };
    const verdict = verifyInclusion(claim, (c.proof ?? []).map(bytes));
    tally.expect(verdict.ok === !c.wantErr, file, verdict.ok ? 'was accepted' : verdict.reason);
  }
  for (const file of globSync('consistency/**/*.json', { cwd: folder }).sort()) {
    const c = JSON.parse(readFileSync(join(folder, file), 'utf8')) as ConsistencyCase;
    const older = { size: c.size1, root: bytes(c.root1) };
    const verdict = verifyConsistency(
      older,
      { size: c.size2, root: bytes(c.root2) },
      (c.proof ?? []).map(bytes),
    );
    tally.expect(verdict.ok === !c.wantErr, file, verdict.ok ? 'was accepted' : verdict.reason);
  }
  return tally.outcome();
}
