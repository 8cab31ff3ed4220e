import { sql } from 'kysely';
import { z } from 'zod';
import { type Db, write } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import type { Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';

/** Webhooks of connections: their secrets, and what was delivered. */

const setUpHook = z.object({
  id: z.uuid(),
  /** Sealed, in base64: a command never holds a secret in the clear. */
  secret: z.base64().max(10_000),
});
type SetUpHook = z.output<typeof setUpHook>;
type HookSetUp = Event & { readonly type: 'HookSetUp'; readonly command: SetUpHook };

/** Gives a connection a secret by which its webhooks are signed; the one before holds no longer. */
export const hookFlow: Flow<
  { readonly kind: string | null },
  SetUpHook,
  HookSetUp,
  'connectionUnknown' | 'hookUnsupported'
> = {
  name: 'connections.hook',
  clause: 'connections',
  command: setUpHook,
  load: async (tx, { id }) => {
    const { rows } = await sql<{ kind: string }>`
      select kind from connection where id = ${id} and removed_at is null for update`.execute(tx);
    return { kind: rows[0]?.kind ?? null };
  },
  authorize: () => ({ action: 'setUpHook' }),
  decide: ({ kind }, command) => {
    if (kind === null) return refuse('connectionUnknown');
    if (kind !== 'github') return refuse('hookUnsupported', { kind });
    const subject = `connection/${command.id}`;
    return ok([{ type: 'HookSetUp', subject, body: { connectionId: command.id }, command }]);
  },
  project: async (tx, { command }, { now }) =>
    await write(
      tx,
      sql`
      insert into connection_hook (connection_id, secret, set_up_at)
      values (${command.id}, decode(${command.secret}, 'base64'), ${now})
      on conflict (connection_id) do update set secret = excluded.secret, set_up_at = excluded.set_up_at`,
    ),
};

/** The sealed secret of a connection's webhooks; null where it has none, or is paused or removed. */
export async function hookSecretOf(db: Db, connectionId: string): Promise<Buffer | null> {
  const { rows } = await sql<{ secret: Buffer }>`
    select hook.secret from connection_hook hook join connection on connection.id = hook.connection_id
    where hook.connection_id = ${connectionId} and connection.removed_at is null
      and not connection.paused`.execute(db);
  return rows[0]?.secret ?? null;
}

/** A delivery by its number and by what it was. */
export interface Delivery {
  readonly connectionId: string;
  readonly delivery: string;
  readonly digest: string;
}

/** Whether a delivery is new, the same as one before, or a body that came under another number. */
export async function knownDelivery(
  db: Db,
  { connectionId, delivery, digest }: Delivery,
): Promise<'new' | 'same' | 'replayed'> {
  const { rows } = await sql<{ same: boolean }>`
    select delivery = ${delivery} and digest = ${digest} as same from hook_delivery
    where connection_id = ${connectionId} and (delivery = ${delivery} or digest = ${digest})
    order by same desc`.execute(db);
  const [found] = rows;
  if (!found) return 'new';
  return found.same ? 'same' : 'replayed';
}

/** How long deliveries are remembered. */
const rememberedDays = 90;

/** Puts a delivery on record once it was taken in; old ones are forgotten. */
export async function rememberDelivery(
  db: Db,
  { connectionId, delivery, digest }: Delivery,
  now: Instant,
): Promise<void> {
  await sql`
    insert into hook_delivery (connection_id, delivery, digest, at)
    values (${connectionId}, ${delivery}, ${digest}, ${now}) on conflict do nothing`.execute(db);
  await sql`
    delete from hook_delivery where at < ${now.subtract({ hours: 24 * rememberedDays })}`.execute(
    db,
  );
}
