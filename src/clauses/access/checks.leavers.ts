import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import { dateIn, endOfDay } from '../../kernel/instant.ts';
import type { Check, Source, Violation } from '../../policy/check.ts';
import {
  activeCredentials,
  canSignIn,
  heldEntitlements,
  isLeft,
} from '../../registers/accounts/standing.ts';
import { peopleChanged } from '../../registers/people/facts.ts';
import { systemsChanged } from '../../registers/systems/facts.ts';
import { aspectSources, misses } from './checks.aspects.ts';
import { accessObserved, everySystem } from './checks.ts';

/** What upholds ACC-7 as far as outside systems show it. */

/**
 * Every system; and where the newest read could not see the credentials of a leaver's account, these:
 * that nobody can sign in with it is not known there.
 */
async function systemsAndCredentials(db: Db): Promise<readonly Source[]> {
  const [all, unseen] = await Promise.all([
    everySystem(db),
    aspectSources(
      db,
      ['credentials'],
      sql`${misses(sql`system.id`, ['credentials'])} and exists (
        select from account join person on person.id = account.person_id
        where account.system_id = system.id and account.absent_since is null and person.left_at is not null)`,
    ),
  ]);
  return [...all, ...unseen];
}

/**
 * ACC-7: from the end of their last day on, nobody who has left can sign in to a system or holds
 * anything there. Lists do not tell who is locked out: of what only they name, holding nothing is
 * all that can be known.
 */
export const leaversHoldNothing: Check = {
  id: 'access.leaversHoldNothing',
  promise: 'ACC-7',
  states: {
    en: 'Nobody whose employment has ended can sign in to any system or holds anything there; where only a list of access is read, whoever is no longer on it.',
    ja: '雇用が終了した人は、どのシステムにもサインインできず、権限も残っていない。アクセス権の一覧だけを読み取るシステムでは、一覧に載っていなければよい。',
  },
  finding: {
    en: '{label}: employment ended on {endedOn}, and there is still {what}.',
    ja: '{label}：{endedOn} に雇用が終了していますが、まだ残っています（{whatJa}）。',
  },
  changedBy: [...accessObserved, 'AccountLinked', ...peopleChanged, ...systemsChanged],
  sources: systemsAndCredentials,
  population: () => sql`select count(*)::int as examined from person where ends_on is not null`,
  violations: (now, zone) => sql<Violation>`
    select 'account' as subject_kind, account.id as subject_id,
      person.name || ' · ' || system.name || ' · ' || account.name as label,
      jsonb_build_object('person', person.id, 'endedOn', person.ends_on, 'entitlements', remains.entitlements,
        'signIn', remains.sign_in, 'credentials', remains.credentials,
        'what', concat_ws(', ', case when remains.sign_in then 'an account to sign in with' end,
          'active credentials: ' || nullif(remains.credentials, 0), 'entitlements: ' || nullif(remains.entitlements, 0)),
        'whatJa', concat_ws('、', case when remains.sign_in then 'サインインできるアカウント' end,
          '有効な認証情報 ' || nullif(remains.credentials, 0) || '件', '権限 ' || nullif(remains.entitlements, 0) || '件')
      ) as detail,
      system.owner_id
    from person
    join account on account.person_id = person.id
    join system on system.id = account.system_id and system.retired_at is null
    cross join lateral (
      select ${heldEntitlements} as entitlements, ${canSignIn} as sign_in, ${activeCredentials} as credentials
    ) remains
    where person.ends_on < ${dateIn(now, zone)} and ${isLeft}`,
  async nextChange(db, now, zone) {
    const { rows } = await sql<{ day: Temporal.PlainDate | null }>`
      select min(ends_on) as day from person where ends_on >= ${dateIn(now, zone)}`.execute(db);
    const day = rows[0]?.day;
    return day ? endOfDay(day, zone) : null;
  },
  deadlineDays: 0,
  path: '/console/accounts/{id}',
};
