import { sql } from 'kysely';
import type { Check, Violation } from '../../policy/check.ts';
import { confirmWithinHours } from './checks.contacts.ts';

/** Tokens that open something at `now`, and those that did so before anybody else knew of them. */
const opening = (now: Temporal.Instant) => sql`(
  select it.token_id as id, it.name, it.made_at, it.made_by, it.confirmed_at, product.name as product
  from vault_service it join product on product.id = it.product_id
  where it.revoked_at is null and it.expires_at > ${now} or it.confirmed_at is null and it.uses > 0)`;

/**
 * CUS-2: whoever has a product's token reads for all of its customers, and counts as the product. So
 * two people of ours know of every one.
 */
export const tokensAreConfirmedByAnother: Check = {
  id: 'customer-data.tokensAreConfirmedByAnother',
  promise: 'CUS-2',
  states: {
    en: 'Every token by which a product reads customers’ data was confirmed within 24 hours by another person than who made it.',
    ja: '製品がお客様のデータを読むためのトークンは、すべて24時間以内に、発行者以外の者が確認している。',
  },
  finding: {
    en: '{label}: the token {token}, made by {by} at {at}, has been confirmed by nobody else.',
    ja: '{label}：トークン {token}（{at} に {byJa} が発行）は、まだ誰にも確認されていません。',
  },
  changedBy: [
    'VaultTokenIssued',
    'VaultTokenConfirmed',
    'VaultTokenShortened',
    'VaultTokenRevoked',
    'UnwrapsCounted',
  ],
  population: (now) => sql`select count(*)::int as examined from ${opening(now)} it`,
  violations: (now, zone) => sql<Violation>`
    select 'vault-token' as subject_kind, it.id as subject_id, it.product || ' · ' || it.name as label,
      jsonb_build_object('token', it.id,
        'by', coalesce(nullif(person.name, ''), it.made_by::text, 'a program'),
        'byJa', coalesce(nullif(person.name, ''), it.made_by::text, 'プログラム'),
        'at', to_char(it.made_at at time zone ${zone}, 'YYYY-MM-DD HH24:MI')) as detail,
      null::uuid as owner_id
    from ${opening(now)} it left join person on person.id = it.made_by
    where it.confirmed_at is null and it.made_at <= ${now.subtract({ hours: confirmWithinHours })}`,
  async nextChange(db, now) {
    const { rows } = await sql<{ at: Temporal.Instant | null }>`
      select min(made_at) as at from vault_service
      where confirmed_at is null and made_at > ${now.subtract({ hours: confirmWithinHours })}`.execute(
      db,
    );
    return rows[0]?.at?.add({ hours: confirmWithinHours }) ?? null;
  },
  deadlineDays: 0,
  path: '/console/vault',
};
