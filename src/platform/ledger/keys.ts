import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import { invariant } from '../../kernel/invariant.ts';
import { type NoteSigner, parseSigningKey, signingKeyText } from '../../ledger/note.ts';
import type { World } from '../world.ts';

/** Purpose under which signing keys are sealed. */
const purpose = 'ledger signing key';

/** The log's name in checkpoints (C2SP tlog-checkpoint origin): the installation's URL without scheme. */
export function originOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname === '/' ? '' : pathname.replace(/\/$/, '')}/ledger`;
}

/**
 * The key that signs now. The first one is made when the first entry is sequenced; its name is the
 * origin of the log and stays when the installation's URL changes.
 */
export async function currentSigner(world: World, tx: Tx): Promise<NoteSigner> {
  const { rows } = await sql<{ sealed: Buffer }>`
    select sealed from ledger_key order by number desc limit 1`.execute(tx);
  const [newest] = rows;
  if (newest) return openSigner(world, newest.sealed);
  return addKey(world, tx, 1, originOf(world.url));
}

/** Makes a key and keeps it sealed. */
export async function addKey(world: World, tx: Tx, number: number, name: string): Promise<NoteSigner> {
  const text = signingKeyText(name, world.random(32));
  const sealed = world.keys.seal(purpose, Buffer.from(text));
  const signer = openSigner(world, sealed);
  await sql`
    insert into ledger_key (number, vkey, sealed, since)
    values (${number}, ${signer.key.text}, ${sealed}, ${world.now()})`.execute(tx);
  return signer;
}

function openSigner(world: World, sealed: Uint8Array): NoteSigner {
  const parsed = parseSigningKey(Buffer.from(world.keys.open(purpose, sealed)).toString());
  invariant(parsed.ok, 'a sealed signing key parses');
  return parsed.value;
}

export interface LedgerKey {
  readonly number: number;
  readonly vkey: string;
  readonly since: Temporal.Instant;
}

/** Every key the ledger was ever signed with, oldest first. */
export async function ledgerKeys(db: Db): Promise<readonly LedgerKey[]> {
  const { rows } = await sql<LedgerKey>`select number, vkey, since from ledger_key order by number`.execute(db);
  return rows;
}
