import { sql } from 'kysely';
import { type Tx, write } from '../../kernel/db.ts';

/** Addresses, managers and imports are judged over everyone. */
const peopleLock = 0x70656f70;

/**
 * Takes the lock of the register for this transaction. `everyone`: what is judged over all, such as
 * an import or a manager, waits for all others. `one`: what is judged by one person alone; unique
 * indexes see to addresses.
 */
export async function lockPeople(tx: Tx, over: 'everyone' | 'one'): Promise<void> {
  await write(
    tx,
    over === 'everyone'
      ? sql`select pg_advisory_xact_lock(${peopleLock})`
      : sql`select pg_advisory_xact_lock_shared(${peopleLock})`,
  );
}
