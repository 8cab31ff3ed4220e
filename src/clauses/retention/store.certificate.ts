import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';

/** What a certificate of erasure says (RET-5). */
export interface ErasureCertificate {
  readonly code: string;
  readonly closureId: string;
  readonly customerId: string;
  readonly key: string;
  readonly product: string;
  readonly requestedOn: Temporal.PlainDate;
  readonly keyDestroyedAt: Instant;
  readonly erasedAt: Instant;
  readonly certifiedAt: Instant;
  readonly backups: number;
  readonly lastBackupGoneAt: Instant | null;
  readonly objects: number;
  readonly records: number;
  readonly bytes: number;
  /** SHA-256 in hex over what was held at the request. */
  readonly seal: string;
}

/** A certificate by its code or by its closure; null where there is none. */
export async function erasureCertificate(
  db: Db,
  by: { readonly code: string } | { readonly closureId: string },
): Promise<ErasureCertificate | null> {
  const which =
    'code' in by ? sql`closure.code = ${by.code}` : sql`closure.id = ${by.closureId}::uuid`;
  const { rows } = await sql<ErasureCertificate>`
    select closure.code, closure.id as "closureId", customer.id as "customerId", customer.key,
      product.name as product, closure.requested_on as "requestedOn",
      closure.key_destroyed_at as "keyDestroyedAt", closure.erased_at as "erasedAt",
      closure.certified_at as "certifiedAt", backup.n as backups, backup.gone_at as "lastBackupGoneAt",
      closure.objects, closure.records, closure.bytes::float8 as bytes, encode(closure.seal, 'hex') as seal
    from closure join customer on customer.id = closure.customer_id
    join product on product.id = customer.product_id
    cross join lateral (
      select count(*)::int as n, max(gone_at) as gone_at from closure_backup where closure_id = closure.id
    ) backup
    where closure.state = 'certified' and ${which}`.execute(db);
  return rows[0] ?? null;
}
