import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import type { Db, Tx } from '../../kernel/db.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context, Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import type { Quota } from './facts.ts';

/** Of one product: the old one and the one that takes its place, for two of its stages. */
export const validTokens = 4;
/** A year, as for every key. */
export const maxDays = 366;
/** A rotated token goes on so long, where nothing else is said. */
export const overlapHours = 24;

const id = z.uuid();
const name = z.string().trim().min(1).max(100);
const days = z.int().min(1).max(maxDays);
/** Of the secret, in hex; the secret itself goes to the caller and nowhere else. */
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

const command = z.discriminatedUnion('do', [
  z.object({ do: z.literal('issueVaultToken'), productId: id, name, days, sha256 }),
  z.object({ do: z.literal('renameVaultToken'), id, name }),
  z.object({
    do: z.literal('rotateVaultToken'),
    id,
    days,
    sha256,
    /** How long the old one goes on. */
    overlapHours: z.int().min(0).max(720),
  }),
  z.object({ do: z.literal('revokeVaultToken'), id }),
  /** Another officer says that a token is to be there: one that is over or revoked, too. */
  z.object({ do: z.literal('confirmVaultToken'), id }),
  z.object({
    do: z.literal('setVaultQuota'),
    owner: z.enum(['customer', 'product']),
    ownerId: id,
    /** Null: what everybody may. */
    quota: z.object({ objects: count, bytes: count, records: count }).nullable(),
  }),
  /** The keystore has done it; this is what the ledger says of it. */
  z.object({ do: z.literal('recordKekRotation'), kek: z.string().max(200), rewrapped: count }),
]);
export type VaultCommand = z.output<typeof command>;

export type VaultEvent =
  | (Event & {
      readonly type: 'VaultTokenIssued';
      readonly body: {
        readonly id: string;
        readonly product: string;
        readonly expiresAt: string;
        readonly sha256: string;
      };
      readonly private: { readonly name: string };
    })
  | (Event & {
      readonly type: 'VaultTokenRenamed';
      readonly body: { readonly id: string };
      readonly private: { readonly name: string };
    })
  | (Event & {
      readonly type: 'VaultTokenShortened';
      readonly body: { readonly id: string; readonly expiresAt: string };
    })
  | (Event & {
      readonly type: 'VaultTokenRevoked' | 'VaultTokenConfirmed';
      readonly body: { readonly id: string };
    })
  | (Event & {
      readonly type: 'VaultQuotaSet';
      readonly body: {
        readonly objects: number | null;
        readonly bytes: number | null;
        readonly records: number | null;
      };
    })
  | (Event & {
      readonly type: 'KeyEncryptionKeyRotated';
      readonly body: { readonly kek: string; readonly rewrapped: number };
    });
export type VaultRefusal =
  | 'notFound'
  | 'productUnknown'
  | 'productKeepsNothing'
  | 'enoughVaultTokens'
  | 'tokenOver'
  | 'needsPerson'
  | 'ownToken';

interface TokenState {
  readonly id: string;
  readonly productId: string;
  readonly name: string;
  readonly expiresAt: Instant;
  readonly revokedAt: Instant | null;
  /** Person of staff who made it; null: a program. */
  readonly madeBy: string | null;
  readonly confirmedAt: Instant | null;
}

interface VaultState {
  readonly token: TokenState | null;
  readonly product: {
    readonly id: string;
    readonly custody: string;
    readonly retired: boolean;
  } | null;
  /** Tokens of the product that are neither revoked nor over. */
  readonly valid: number;
  /** The owner of a quota is there. */
  readonly owner: boolean;
}

const actions: Readonly<Partial<Record<VaultCommand['do'], string>>> = {
  recordKekRotation: 'rotateKek',
  confirmVaultToken: 'confirmVaultToken',
};

/** Tokens by which products come to the vault, and how much they may put there. */
export const vaultFlow: Flow<VaultState, VaultCommand, VaultEvent, VaultRefusal> = {
  name: 'vault.settings',
  clause: 'vault',
  command,
  load,
  authorize: (_, it) => ({ action: actions[it.do] ?? 'manageVault' }),
  decide(state, it, context) {
    switch (it.do) {
      case 'issueVaultToken':
        return issue(state, it.name, it, context);
      case 'rotateVaultToken':
        return rotate(state, it, context);
      case 'renameVaultToken':
      case 'revokeVaultToken':
        return change(state, it);
      case 'confirmVaultToken':
        return confirm(state, context);
      case 'setVaultQuota': {
        if (!state.owner) return refuse('notFound');
        const body = it.quota ?? { objects: null, bytes: null, records: null };
        return ok([{ type: 'VaultQuotaSet', subject: `${it.owner}/${it.ownerId}`, body }]);
      }
      case 'recordKekRotation': {
        const body = { kek: it.kek, rewrapped: it.rewrapped };
        return ok([{ type: 'KeyEncryptionKeyRotated', subject: 'vault/keystore', body }]);
      }
    }
  },
  project,
};

async function load(tx: Tx, it: VaultCommand, { now }: Context): Promise<VaultState> {
  const tokens =
    'id' in it
      ? await sql<TokenState>`
          select token_id as id, product_id as "productId", name, expires_at as "expiresAt", revoked_at as "revokedAt",
            made_by as "madeBy", confirmed_at as "confirmedAt"
          from vault_service where token_id = ${it.id} for update`.execute(tx)
      : { rows: [] };
  const token = tokens.rows[0] ?? null;
  const productId = it.do === 'issueVaultToken' ? it.productId : token?.productId;
  // Locked: how many tokens of a product are valid is judged by one command at a time.
  const products = await sql<NonNullable<VaultState['product']>>`
    select id, custody, retired_at is not null as retired from product
    where id = ${productId ?? null}::uuid for update`.execute(tx);
  const valid = await sql<{ n: number }>`
    select count(*) as n from vault_service
    where product_id = ${productId ?? null}::uuid and revoked_at is null and expires_at > ${now}`.execute(
    tx,
  );
  const owner =
    it.do === 'setVaultQuota' &&
    (
      await (it.owner === 'customer'
        ? sql`select from customer where id = ${it.ownerId}`
        : sql`select from product where id = ${it.ownerId}`
      ).execute(tx)
    ).rows.length > 0;
  return { token, product: products.rows[0] ?? null, valid: valid.rows[0]?.n ?? 0, owner };
}

type Decision = Result<readonly VaultEvent[], Refusal<VaultRefusal>>;

function issue(
  { product, valid }: VaultState,
  tokenName: string,
  { days: validDays, sha256: digest }: { readonly days: number; readonly sha256: string },
  { now, newId }: Pick<Context, 'now' | 'newId'>,
): Decision {
  if (!product || product.retired) return refuse('productUnknown');
  if (product.custody === 'none') return refuse('productKeepsNothing');
  if (valid >= validTokens) return refuse('enoughVaultTokens', { count: validTokens });
  const tokenId = newId();
  const expiresAt = instantText(now.add({ hours: validDays * 24 }));
  return ok([
    {
      type: 'VaultTokenIssued',
      subject: `vault-token/${tokenId}`,
      body: { id: tokenId, product: product.id, expiresAt, sha256: digest },
      private: { name: tokenName },
    },
  ]);
}

/** A new token of the same name; the old one ends when the overlap does, or when it would have. */
function rotate(
  state: VaultState,
  it: VaultCommand & { do: 'rotateVaultToken' },
  context: Context,
): Decision {
  const { token } = state;
  if (!token) return refuse('notFound');
  const isOver = token.revokedAt || Temporal.Instant.compare(token.expiresAt, context.now) <= 0;
  if (isOver) return refuse('tokenOver');
  // The one that is replaced does not count: it is on its way out.
  const made = issue({ ...state, valid: state.valid - 1 }, token.name, it, context);
  if (!made.ok) return made;
  const ends = context.now.add({ hours: it.overlapHours });
  if (Temporal.Instant.compare(ends, token.expiresAt) >= 0) return made;
  const body = { id: token.id, expiresAt: instantText(ends) };
  return ok([
    ...made.value,
    { type: 'VaultTokenShortened', subject: `vault-token/${token.id}`, body },
  ]);
}

function change(
  { token }: VaultState,
  it: VaultCommand & { do: 'renameVaultToken' | 'revokeVaultToken' },
): Decision {
  if (!token) return refuse('notFound');
  const subject = `vault-token/${token.id}`;
  if (it.do === 'renameVaultToken') {
    if (it.name === token.name) return ok([]);
    return ok([
      { type: 'VaultTokenRenamed', subject, body: { id: token.id }, private: { name: it.name } },
    ]);
  }
  // Revoking twice is as good as once.
  if (token.revokedAt) return ok([]);
  return ok([{ type: 'VaultTokenRevoked', subject, body: { id: token.id } }]);
}

/** Whoever has a token reads for every customer of its product: two people know that it is there (CUS-2). */
function confirm({ token }: VaultState, { actor }: Pick<Context, 'actor'>): Decision {
  const person = personOf(actor);
  if (!person) return refuse('needsPerson');
  if (!token) return refuse('notFound');
  // Confirming twice is as good as once.
  if (token.confirmedAt) return ok([]);
  if (token.madeBy === person) return refuseByGuard('CUS-2', 'ownToken');
  const subject = `vault-token/${token.id}`;
  return ok([{ type: 'VaultTokenConfirmed', subject, body: { id: token.id } }]);
}

async function project(tx: Tx, event: VaultEvent, { now, actor }: Context): Promise<void> {
  switch (event.type) {
    case 'VaultTokenIssued': {
      const { id: tokenId, product, expiresAt, sha256: digest } = event.body;
      await sql`
        insert into vault_service (token_id, product_id, name, hash, made_at, made_by, expires_at)
        values (${tokenId}, ${product}, ${event.private.name}, ${Buffer.from(digest, 'hex')}, ${now},
          ${personOf(actor)}, ${Temporal.Instant.from(expiresAt)})`.execute(tx);
      break;
    }
    case 'VaultTokenRenamed':
      await sql`
        update vault_service set name = ${event.private.name} where token_id = ${event.body.id}`.execute(
        tx,
      );
      break;
    case 'VaultTokenShortened':
      await sql`
        update vault_service set expires_at = ${Temporal.Instant.from(event.body.expiresAt)}
        where token_id = ${event.body.id}`.execute(tx);
      break;
    case 'VaultTokenRevoked':
      await sql`
        update vault_service set revoked_at = ${now} where token_id = ${event.body.id}`.execute(tx);
      break;
    case 'VaultTokenConfirmed':
      await sql`
        update vault_service set confirmed_at = ${now}, confirmed_by = ${personOf(actor)}
        where token_id = ${event.body.id}`.execute(tx);
      break;
    case 'VaultQuotaSet':
      await setQuota(tx, event.subject.slice(event.subject.indexOf('/') + 1), event.body);
      break;
  }
}

async function setQuota(
  tx: Tx,
  ownerId: string,
  { objects, bytes, records }: { readonly [Name in keyof Quota]: number | null },
): Promise<void> {
  await sql`delete from vault_quota where owner_id = ${ownerId}`.execute(tx);
  if (objects === null) return;
  await sql`
    insert into vault_quota (owner_id, objects, bytes, records)
    values (${ownerId}, ${objects}, ${bytes}, ${records})`.execute(tx);
}

/** Who a token is: its product; null where it is unknown, revoked or over. */
export async function productOfToken(
  db: Db,
  hash: Uint8Array,
  now: Instant,
): Promise<{ readonly tokenId: string; readonly productId: string } | null> {
  const { rows } = await sql<{ tokenId: string; productId: string }>`
    select token_id as "tokenId", product_id as "productId" from vault_service
    where hash = ${hash} and revoked_at is null and expires_at > ${now}`.execute(db);
  return rows[0] ?? null;
}

/** Adds up uses of tokens: many at once, because every request is one. */
export async function noteTokenUses(
  db: Db,
  uses: ReadonlyMap<string, number>,
  at: Instant,
): Promise<void> {
  await sql`
    update vault_service v set uses = v.uses + t.n, last_used_at = greatest(v.last_used_at, ${at})
    from unnest(${[...uses.keys()]}::uuid[], ${[...uses.values()]}::bigint[]) as t (id, n)
    where v.token_id = t.id`.execute(db);
}
