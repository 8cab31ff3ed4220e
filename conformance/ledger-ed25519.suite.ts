import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noteKey, verifyEd25519 } from '../src/ledger/note.ts';
import { isWrong, readKey, signatureFault } from '../verify/note.ts';
import { type Outcome, sharedCases, Tally, withoutCases } from './suite.ts';

export const name = 'Ed25519 edge cases (C2SP/CCTV)';

interface Vector {
  readonly number: number;
  readonly key: string;
  readonly sig: string;
  readonly msg: string;
  readonly flags: readonly string[] | null;
}

/**
 * There is no one right verdict on these cases; the point is that everybody who verifies the ledger
 * gives the same. Go and OpenSSL refuse a non-canonical R and a low-order residue, and accept the
 * other 208. Node has from 2026 on also refused a key or an R of small order (nodejs/node#64026), so
 * what it says depends on its version. Kept refuses those itself: it never accepts what Go refuses, and
 * refuses of what Go accepts exactly what no honest signer makes.
 */
function refusedByGo(flags: readonly string[]): boolean {
  return flags.includes('non_canonical_R') || flags.includes('low_order_residue');
}

function ofSmallOrder(flags: readonly string[]): boolean {
  return flags.includes('low_order_A') || flags.includes('low_order_R');
}

export async function run(): Promise<Outcome> {
  const folder = sharedCases('ledger', 'ed25519');
  if (folder === null) return withoutCases('ledger', 'ed25519');
  const tally = new Tally();
  const vectors = JSON.parse(
    readFileSync(join(folder, 'ed25519vectors.json'), 'utf8'),
  ) as readonly Vector[];
  const stricter: number[] = [];
  for (const { number, key, sig, msg, flags } of vectors) {
    const publicKey = Buffer.from(key, 'hex');
    const good = verifyEd25519(publicKey, Buffer.from(msg), Buffer.from(sig, 'hex'));
    const goAccepts = !refusedByGo(flags ?? []);
    const wanted = goAccepts && !ofSmallOrder(flags ?? []);
    if (goAccepts && !good) stricter.push(number);
    const detail = `${good ? 'accepted' : 'refused'} with ${(flags ?? []).join(', ')}`;
    tally.expect(good === wanted, `vector ${number} (ledger)`, detail);
    tally.expect(
      acceptedByVerifier(publicKey, msg, sig) === wanted,
      `vector ${number} (verifier)`,
      detail,
    );
  }
  tally.note(`${vectors.length} vectors, each by ledger and verifier`);
  tally.note(
    `accepted by Go, refused here for a key or R of small order: ${stricter.length}: ${stricter.join(' ')}`,
  );
  return tally.outcome();
}

function acceptedByVerifier(publicKey: Uint8Array, msg: string, sig: string): boolean {
  const key = readKey(noteKey('example.com', publicKey).text);
  if (isWrong(key)) return false;
  const line = { name: key.name, id: key.id, signature: Buffer.from(sig, 'hex') };
  return signatureFault({ text: msg, lines: [line] }, key) === null;
}
