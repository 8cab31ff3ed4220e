import { sql } from 'kysely';
import type { Check } from '../../policy/check.ts';

/** Hours in which an export is made, or its making has failed and was said. */
const makingHours = 24;

/**
 * RET-4: what a customer asks to take with them arrives, whole. An export counts as done only once it
 * was read back, every file against the vault's own digest, and everything that was held is in it.
 */
export const exportsArriveWhole: Check = {
  id: 'exportsArriveWhole',
  promise: 'RET-4',
  states: {
    en: 'Every export that a customer asked for is made within a day, and was read back and compared before it was handed over.',
    ja: 'お客様が依頼した書き出しはすべて1日以内に作成し、読み戻して照合してからお渡ししています。',
  },
  finding: {
    en: 'The export {label} of {askedOn}, asked for by a customer, did not arrive: {state}.',
    ja: '{askedOn}にお客様が依頼した書き出し{label}が届いていません（{state}）。',
  },
  changedBy: [
    'ExportRequested',
    'ExportRequestedFor',
    'ExportFinished',
    'ExportFailed',
    'ExportCancelled',
  ],
  population: () => sql<{ examined: number }>`
    select count(*)::int as examined from portal_export`,
  violations: (now) => sql`
    select 'export' as subject_kind, export.id::text as subject_id, right(export.id::text, 12) as label,
      null::uuid as owner_id,
      jsonb_build_object('askedOn', export.asked_at::date, 'state', export.state) as detail
    from portal_export export
    where (export.state in ('asked', 'running') and export.asked_at <= ${now.subtract({ hours: makingHours })})
      or (export.state in ('done', 'expired') and (export.verified_at is null or export.sha256 is null))
      or (export.state = 'failed' and not exists (
        select from portal_export later
        where later.customer_id = export.customer_id and later.asked_at > export.asked_at
          and later.state in ('asked', 'running', 'done', 'expired')))`,
  nextChange: async (db, now) => {
    const { rows } = await sql<{ at: Temporal.Instant | null }>`
      select min(asked_at) as at from portal_export
      where state in ('asked', 'running') and asked_at > ${now.subtract({ hours: makingHours })}`.execute(
      db,
    );
    return rows[0]?.at?.add({ hours: makingHours }) ?? null;
  },
  deadlineDays: 3,
};
