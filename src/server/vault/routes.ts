import { z } from 'zod';
import { invariant } from '../../kernel/invariant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { newSecret, sha256Hex } from '../../platform/identity/token.ts';
import { log } from '../../platform/log.ts';
import type { World } from '../../platform/world.ts';
import { type Routes, route } from '../../policy/route.ts';
import {
  maxDays,
  overlapHours,
  type VaultEvent,
  vaultFlow,
} from '../../registers/vault/store.tokens.ts';
import { tokenPrefix } from './bearer.ts';
import { beginRekey, continueRekey } from './rekey.ts';

const id = z.uuid();
const name = z.string().trim().min(1).max(100);
const days = z.int().min(1).max(maxDays).default(180);
/** Shown this once; only its hash is kept. */
const issued = z.object({ id: z.string(), token: z.string(), expiresAt: z.string() });

function fresh(): { readonly token: string; readonly sha256: string } {
  const token = `${tokenPrefix}${newSecret('').secret}`;
  return { token, sha256: sha256Hex(token) };
}

function issuedBy(events: readonly VaultEvent[], token: string): z.input<typeof issued> {
  const made = events.find((event) => event.type === 'VaultTokenIssued');
  invariant(made, 'the flow answers with what it made');
  return { id: made.body.id, token, expiresAt: made.body.expiresAt };
}

const tokenRoutes = {
  issueVaultToken: route({
    method: 'post',
    path: '/vault/tokens',
    summary: 'Make a token by which a product comes to the vault; shown once',
    permission: 'manageVault',
    input: z.object({ productId: id, name, days }),
    output: issued,
    async handle({ execute }, input) {
      const { token, sha256 } = fresh();
      const done = await execute(vaultFlow, { do: 'issueVaultToken', ...input, sha256 });
      return done.ok ? ok(issuedBy(done.value, token)) : done;
    },
  }),
  rotateVaultToken: route({
    method: 'post',
    path: '/vault/tokens/{id}/rotation',
    summary: 'Make the token that takes the place of another, which goes on for some hours',
    permission: 'manageVault',
    input: z.object({ id, days, overlapHours: z.int().min(0).max(720).default(overlapHours) }),
    output: issued,
    async handle({ execute }, input) {
      const { token, sha256 } = fresh();
      const done = await execute(vaultFlow, { do: 'rotateVaultToken', ...input, sha256 });
      return done.ok ? ok(issuedBy(done.value, token)) : done;
    },
  }),
  renameVaultToken: route({
    method: 'patch',
    path: '/vault/tokens/{id}',
    summary: 'Name a token of a product anew',
    permission: 'manageVault',
    input: z.object({ id, name }),
    output: z.object({ id: z.string() }),
    async handle({ execute }, input) {
      const done = await execute(vaultFlow, { do: 'renameVaultToken', ...input });
      return done.ok ? ok({ id: input.id }) : done;
    },
  }),
  confirmVaultToken: route({
    method: 'post',
    path: '/vault/tokens/{id}/confirmation',
    summary: 'Confirm a token that another person made; within 24 hours of its making',
    permission: 'confirmVaultToken',
    input: z.object({ id }),
    output: z.object({ id: z.string() }),
    async handle({ execute }, input) {
      const done = await execute(vaultFlow, { do: 'confirmVaultToken', ...input });
      return done.ok ? ok({ id: input.id }) : done;
    },
  }),
  revokeVaultToken: route({
    method: 'delete',
    path: '/vault/tokens/{id}',
    summary: 'Revoke a token of a product at once',
    permission: 'manageVault',
    input: z.object({ id }),
    output: z.object({ id: z.string() }),
    async handle({ execute }, input) {
      const done = await execute(vaultFlow, { do: 'revokeVaultToken', ...input });
      return done.ok ? ok({ id: input.id }) : done;
    },
  }),
} satisfies Routes;

const limit = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** What the security officer does about the vault; products themselves come by `/vault/v1`. */
export function vaultRoutes(world: World) {
  return {
    ...tokenRoutes,
    setVaultQuota: route({
      method: 'put',
      path: '/vault/quotas/{owner}/{ownerId}',
      summary: 'Say how much a customer, or a product, may hold; null for what everybody may',
      permission: 'manageVault',
      input: z.object({
        owner: z.enum(['customer', 'product']),
        ownerId: id,
        quota: z.object({ objects: limit, bytes: limit, records: limit }).nullable(),
      }),
      output: z.object({}),
      async handle({ execute }, input) {
        const done = await execute(vaultFlow, { do: 'setVaultQuota', ...input });
        return done.ok ? ok({}) : done;
      },
    }),
    rekeyCustomer: route({
      method: 'post',
      path: '/vault/customers/{customerId}/rekey',
      summary: 'Give a customer a new key; what the old one seals is sealed anew while in use',
      permission: 'rekeyCustomer',
      input: z.object({ customerId: id }),
      output: z.object({ version: z.int() }),
      async handle(_, { customerId }) {
        const begun = await beginRekey(world, customerId);
        if (!begun.ok) return refuse(begun.refusal.code, begun.refusal.params);
        // Goes on by itself, here or on another node, should this one stop.
        void continueRekey(world, customerId).catch((error: unknown) =>
          log.error('re-key is to be continued', { customer: customerId, error }),
        );
        return begun;
      },
    }),
    rotateKek: route({
      method: 'post',
      path: '/vault/key-encryption-key/rotation',
      summary: 'Make a new key-encryption key and wrap every customer’s key under it',
      permission: 'rotateKek',
      input: z.object({}),
      output: z.object({ kek: z.string(), rewrapped: z.int() }),
      async handle({ execute }) {
        await world.keystore.rotateKek();
        const { kek, rewrapped } = await world.keystore.rewrap();
        const done = await execute(vaultFlow, { do: 'recordKekRotation', kek, rewrapped });
        return done.ok ? ok({ kek, rewrapped }) : done;
      },
    }),
  } satisfies Routes;
}
