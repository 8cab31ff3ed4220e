import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import type { Db } from '../../kernel/db.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import type { Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import { type OnDeactivation, onDeactivation, setOnDeactivation } from './store.users.ts';

/** The old one and the one that takes its place: more would be forgotten about. */
export const validTokens = 2;
/** A year, as for every key. */
export const maxDays = 366;

const command = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('issueToken'),
    name: z.string().trim().min(1).max(100),
    days: z.int().min(1).max(maxDays),
    /** Of the secret, in hex; the secret itself goes to the caller and nowhere else. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  z.object({ do: z.literal('revokeToken'), id: z.uuid() }),
  z.object({ do: z.literal('setOnDeactivation'), what: z.enum(['leave', 'suspend']) }),
]);
export type ProvisioningCommand = z.output<typeof command>;

export interface TokenIssued extends Event {
  readonly type: 'ProvisioningTokenIssued';
  readonly body: { readonly id: string; readonly expiresAt: string; readonly sha256: string };
  readonly private: { readonly name: string };
}
export interface TokenRevoked extends Event {
  readonly type: 'ProvisioningTokenRevoked';
  readonly body: { readonly id: string };
}
export interface SettingChanged extends Event {
  readonly type: 'ProvisioningSettingChanged';
  readonly body: { readonly onDeactivation: OnDeactivation };
}
export type ProvisioningEvent = TokenIssued | TokenRevoked | SettingChanged;
export type ProvisioningRefusal = 'notFound' | 'enoughTokens' | 'nothingToChange';

export interface ProvisioningState {
  /** Tokens that are neither revoked nor over. */
  readonly valid: readonly string[];
  readonly known: boolean;
  readonly what: OnDeactivation;
}

/** One change of tokens at a time: how many are valid is judged over all of them. */
const tokensLock = 0x7363746b;

/** Tokens of directories, and what they may set off. */
export const provisioningFlow: Flow<
  ProvisioningState,
  ProvisioningCommand,
  ProvisioningEvent,
  ProvisioningRefusal
> = {
  name: 'provisioning.settings',
  clause: 'provisioning',
  command,
  async load(tx, it, { now }) {
    await sql`select pg_advisory_xact_lock(${tokensLock})`.execute(tx);
    const { rows } = await sql<{ id: string }>`
      select id from scim_token where revoked_at is null and expires_at > ${now}`.execute(tx);
    const known = await sql`
      select from scim_token where id = ${it.do === 'revokeToken' ? it.id : null}::uuid`.execute(
      tx,
    );
    return {
      valid: rows.map(({ id }) => id),
      known: known.rows.length > 0,
      what: await onDeactivation(tx),
    };
  },
  authorize: () => ({ action: 'manageProvisioning' }),
  decide({ valid, known, what }, it, { now, newId }) {
    switch (it.do) {
      case 'issueToken': {
        if (valid.length >= validTokens) return refuse('enoughTokens', { count: validTokens });
        const id = newId();
        const expiresAt = instantText(now.add({ hours: it.days * 24 }));
        return ok([
          {
            type: 'ProvisioningTokenIssued',
            subject: `provisioning-token/${id}`,
            body: { id, expiresAt, sha256: it.sha256 },
            private: { name: it.name },
          },
        ]);
      }
      case 'revokeToken': {
        if (!known) return refuse('notFound');
        // Revoking twice is as good as once.
        if (!valid.includes(it.id)) return ok([]);
        const subject = `provisioning-token/${it.id}`;
        return ok([{ type: 'ProvisioningTokenRevoked', subject, body: { id: it.id } }]);
      }
      case 'setOnDeactivation': {
        if (it.what === what) return refuse('nothingToChange');
        const body = { onDeactivation: it.what };
        return ok([{ type: 'ProvisioningSettingChanged', subject: 'provisioning/settings', body }]);
      }
    }
  },
  async project(tx, event, { now, actor }) {
    switch (event.type) {
      case 'ProvisioningTokenIssued': {
        const { id, expiresAt, sha256 } = event.body;
        await sql`
          insert into scim_token (id, hash, name, created_at, created_by, expires_at)
          values (${id}, ${Buffer.from(sha256, 'hex')}, ${event.private.name}, ${now}, ${personOf(actor)},
            ${Temporal.Instant.from(expiresAt)})`.execute(tx);
        break;
      }
      case 'ProvisioningTokenRevoked':
        await sql`
          update scim_token set revoked_at = ${now} where id = ${event.body.id}`.execute(tx);
        break;
      case 'ProvisioningSettingChanged':
        await setOnDeactivation(tx, event.body.onDeactivation);
        break;
    }
  },
};

/** The directory's token behind a hash: neither revoked nor over. */
export async function tokenOf(
  db: Db,
  hash: Uint8Array,
  now: Instant,
): Promise<{ readonly tokenId: string } | null> {
  const { rows } = await sql<{ tokenId: string }>`
    select id as "tokenId" from scim_token
    where hash = ${hash} and revoked_at is null and expires_at > ${now}`.execute(db);
  return rows[0] ?? null;
}

/** Adds up uses of tokens: many at once, because every request is one. */
export async function noteUses(
  db: Db,
  uses: ReadonlyMap<string, number>,
  at: Instant,
): Promise<void> {
  await sql`
    update scim_token set uses = uses + t.n, last_used_at = greatest(last_used_at, ${at})
    from unnest(${[...uses.keys()]}::uuid[], ${[...uses.values()]}::bigint[]) as t (id, n)
    where scim_token.id = t.id`.execute(db);
}
