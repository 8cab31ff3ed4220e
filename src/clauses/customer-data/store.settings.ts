import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import { shipped } from './facts.terms.ts';
import type { CaseSettings, CaseSettingsChanged } from './facts.ts';

/** How cases are handled: the organisation's own way, or the one that ships. */
export async function caseSettings(db: Db): Promise<CaseSettings> {
  const { rows } = await sql<CaseSettings>`
    select longest_hours as "longestHours", reconcile_days as "reconcileDays", lapse_days as "lapseDays"
    from case_setting`.execute(db);
  return rows[0] ?? shipped;
}

export async function projectSettings(tx: Tx, { body }: CaseSettingsChanged): Promise<void> {
  await sql`
    insert into case_setting (longest_hours, reconcile_days, lapse_days)
    values (${body.longestHours}, ${body.reconcileDays}, ${body.lapseDays})
    on conflict (single) do update set longest_hours = excluded.longest_hours,
      reconcile_days = excluded.reconcile_days, lapse_days = excluded.lapse_days`.execute(tx);
}
