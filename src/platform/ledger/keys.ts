import { sql } from 'kysely';
import type { Actor } from '../../kernel/actor.ts';
import type { Db, Tx } from '../../kernel/db.ts';
import { Fault } from '../../kernel/fault.ts';
import { invariant } from '../../kernel/invariant.ts';
import { type NoteSigner, parseSigningKey, signingKeyText } from '../../ledger/note.ts';
import { rotationBody, rotationClause, rotationType } from '../../ledger/rotation.ts';
import type { World } from '../world.ts';
import { appendEvents } from './append.ts';

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
  return (
    (await signerInForce(world, tx)) ??
    addKey(world, tx, { number: 1, name: originOf(world.url), since: world.now() })
  );
}

/** The key that signs now; null before the first entry is sequenced. */
export async function signerInForce(world: World, db: Db): Promise<NoteSigner | null> {
  const { rows } = await sql<{ sealed: Buffer }>`
    select sealed from ledger_key where since is not null order by number desc limit 1`.execute(db);
  const [newest] = rows;
  return newest ? openSigner(world, newest.sealed) : null;
}

/** A key that was made but does not sign yet: its entry waits for its place in the ledger. */
export async function incomingSigner(
  world: World,
  tx: Tx,
): Promise<{ number: number; signer: NoteSigner } | null> {
  const { rows } = await sql<{ number: number; sealed: Buffer }>`
    select number, sealed from ledger_key where since is null order by number limit 1`.execute(tx);
  const [incoming] = rows;
  return incoming ? { number: incoming.number, signer: openSigner(world, incoming.sealed) } : null;
}

export async function activateKey(tx: Tx, number: number, since: Temporal.Instant): Promise<void> {
  await sql`update ledger_key set since = ${since} where number = ${number}`.execute(tx);
}

/**
 * Makes a new key and appends the entry that brings it in. The sequencer signs the checkpoint of
 * that entry with both keys and from then on with the new one.
 */
export async function rotateKey(world: World, actor: Actor): Promise<{ readonly vkey: string }> {
  const vkey = await world.database.db.transaction().execute(async (tx) => {
    const old = await currentSigner(world, tx);
    const { rows } = await sql<{ number: number; waiting: boolean }>`
      select max(number) as number, bool_or(since is null) as waiting from ledger_key`.execute(tx);
    if (rows[0]?.waiting)
      throw new Fault('a new key already waits for its place in the ledger', { retryable: true });
    const number = (rows[0]?.number ?? 0) + 1;
    const { key } = await addKey(world, tx, { number, name: old.key.name, since: null });
    const event = { type: rotationType, subject: `ledger-key/${number}`, body: rotationBody(key) };
    await appendEvents(world, tx, rotationClause, [event], { actor, now: world.now() });
    return key.text;
  });
  world.poke();
  return { vkey };
}

/** Makes a key and keeps it sealed. */
async function addKey(
  world: World,
  tx: Tx,
  { number, name, since }: { number: number; name: string; since: Temporal.Instant | null },
): Promise<NoteSigner> {
  const text = signingKeyText(name, world.random(32));
  const sealed = world.keys.seal(purpose, Buffer.from(text));
  const signer = openSigner(world, sealed);
  await sql`
    insert into ledger_key (number, vkey, sealed, since)
    values (${number}, ${signer.key.text}, ${sealed}, ${since})`.execute(tx);
  return signer;
}

/** The key that was opened last: every batch of the sequencer asks for the same one. */
const opened = new WeakMap<World, { readonly sealed: Buffer; readonly signer: NoteSigner }>();

function openSigner(world: World, sealed: Uint8Array): NoteSigner {
  const known = opened.get(world);
  if (known?.sealed.equals(sealed)) return known.signer;
  const parsed = parseSigningKey(Buffer.from(world.keys.open(purpose, sealed)).toString());
  invariant(parsed.ok, 'a sealed signing key parses');
  opened.set(world, { sealed: Buffer.from(sealed), signer: parsed.value });
  return parsed.value;
}

export interface LedgerKey {
  readonly number: number;
  readonly vkey: string;
  readonly since: Temporal.Instant | null;
}

/** Every key the ledger was ever signed with, oldest first. */
export async function ledgerKeys(db: Db): Promise<readonly LedgerKey[]> {
  const { rows } =
    await sql<LedgerKey>`select number, vkey, since from ledger_key order by number`.execute(db);
  return rows;
}
