import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { SettingsEvent } from './facts.ts';

export async function projectSettings(tx: Tx, { body }: SettingsEvent): Promise<void> {
  await sql`
    insert into people_setting (settings) values (${JSON.stringify(body)}::jsonb)
    on conflict ((true)) do update set settings = excluded.settings`.execute(tx);
}
