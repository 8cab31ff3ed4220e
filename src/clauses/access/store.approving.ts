import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Tx } from '../../kernel/db.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { conflictsOf } from '../../registers/accounts/store.duties.ts';
import { derivedId } from '../../registers/accounts/store.grants.ts';
import {
  accountOf,
  expectAccounts,
  writeGrants,
} from '../../registers/accounts/store.requested.ts';
import { lacksUndertakingSql } from '../../registers/people/store.undertakings.ts';
import { completeTasks, unschedule } from '../../registers/tasks/store.ts';
import type { DecideRequests, RequestsDecided } from './facts.requests.ts';
import type { RequestsState } from './flow.requests.ts';
import { employed, evidenceOf, holdsOfficerRole, linesOf } from './store.campaign.ts';
import { decideTask, lapseKind } from './store.requests.ts';

/** Deciding on requests: one pass over the selection, whatever its number, and one write. */

interface Weighed extends Omit<RequestsState, 'approverId' | 'evidence'> {
  readonly lines: string | null;
}

const nothing: Weighed = {
  able: 0,
  own: 0,
  others: 0,
  lacking: 0,
  conflicting: 0,
  unable: 0,
  closed: 0,
  broken: null,
  askers: [],
  lines: null,
};

export async function loadRequests(
  tx: Tx,
  command: DecideRequests,
  context: Context,
): Promise<RequestsState> {
  const approverId = personOf(context.actor);
  const { lines, ...weighed } = approverId
    ? await weigh(tx, command, approverId, context)
    : nothing;
  return { approverId, ...weighed, evidence: evidenceOf(lines) };
}

/**
 * Each request of the selection has one verdict; the first that holds counts. Requests are locked in
 * the order of their ids, so that two who decide on the same ones wait for each other.
 */
async function weigh(
  tx: Tx,
  { ids, decision }: DecideRequests,
  approverId: string,
  { actor, now, zone }: Context,
): Promise<Weighed> {
  const today = dateIn(now, zone);
  const approving = sql`${decision === 'approve'}::boolean`;
  const officer = sql`${holdsOfficerRole(actor)}::boolean`;
  const { rows } = await sql<Weighed>`
    with chosen as materialized (
      select * from access_request where id = any(${ids}::uuid[]) order by id for update
    ),
    broken as materialized (
      select broken.* from ${conflictsOf(sql`(select person_id, entitlement_id from chosen where state = 'open')`, today)} broken
      where broken.severity = 'forbid'
    ),
    judged as materialized (
      select chosen.*, case
        when chosen.state <> 'open' then 'closed'
        when ${approverId} in (chosen.person_id, chosen.requester_id) then 'own'
        when not (${officer} or not chosen.by_officer and ${approverId} in (
          chosen.approver_id, system.owner_id, rule.delegate_id)) is true then 'others'
        when not ${approving} then 'able'
        when not ${employed('person', today)} or system.retired_at is not null then 'unable'
        when ${lacksUndertakingSql(sql`chosen.person_id`)} then 'lacking'
        when exists (select from broken where broken.person_id = chosen.person_id
          and broken.entitlement_id = chosen.entitlement_id) then 'conflicting'
        else 'able' end as verdict
      from chosen
      join system on system.id = chosen.system_id
      join person on person.id = chosen.person_id
      left join access_rule rule on rule.system_id = chosen.system_id
    )
    select ${countsOf()},
      (select jsonb_build_object('rule', broken.rule, 'other', held.name || ' · ' || system.name)
        from broken join entitlement held on held.id = broken.other_id join system on system.id = held.system_id
        order by broken.rule, held.name limit 1) as broken,
      (select coalesce(jsonb_agg(jsonb_build_object('id', requester_id, 'count', n) order by requester_id), '[]')
        from (select requester_id, count(*) as n from judged where verdict = 'able' group by 1) asking) as askers,
      string_agg(id || E'\\n', '' order by id) filter (where verdict = 'able') as lines
    from judged`.execute(tx);
  return rows[0] ?? nothing;
}

function countsOf() {
  const verdicts = ['able', 'own', 'others', 'lacking', 'conflicting', 'unable', 'closed'] as const;
  return sql.join(
    verdicts.map(
      (verdict) => sql`count(*) filter (where verdict = ${verdict})::int as ${sql.ref(verdict)}`,
    ),
  );
}

/** Requests in the evidence of a decision, as a query of one column. */
function decidedIn(event: RequestsDecided) {
  return sql`(select line::uuid as id from string_to_table(${linesOf(event.blobs.requestsBlob)}::text, E'\\n') as line)`;
}

export async function projectDecidedRequests(
  tx: Tx,
  event: RequestsDecided,
  context: Context,
): Promise<void> {
  const { act, by, decision } = event.body;
  if (decision === 'approve') await grantRequested(tx, event, context);
  const granted = decision === 'approve' ? grantIdOf(act) : sql`null::uuid`;
  const { rows } = await sql<{ subject: string }>`
    update access_request asked set state = ${decision === 'approve' ? 'approved' : 'refused'},
      decided_at = ${context.now}, decided_by = ${by}, reason = ${event.private.reason}, grant_id = ${granted}
    from ${decidedIn(event)} decided where asked.id = decided.id
    returning 'request/' || asked.id as subject`.execute(tx);
  const subjects = rows.map(({ subject }) => subject);
  await completeTasks(tx, { kind: decideTask, subject: subjects }, by, context.now);
  await unschedule(tx, subjects, lapseKind);
}

/** The id of the grant that a request `asked` becomes. */
const grantIdOf = (act: string) => derivedId(sql`${act}::text || asked.id`);

async function grantRequested(tx: Tx, event: RequestsDecided, context: Context): Promise<void> {
  const { act, by } = event.body;
  const approved = decidedIn(event);
  await expectAccounts(
    tx,
    sql`(select distinct person_id, system_id from access_request join ${approved} chosen using (id))`,
    act,
  );
  // What is extended stays on the account that it is on; anything else goes to the person's own.
  await writeGrants(
    tx,
    sql`(
      select ${grantIdOf(act)} as id,
        coalesce((select account_id from access_grant before where before.id = asked.extends_grant_id),
          ${accountOf(sql`asked.person_id`, sql`asked.system_id`)}) as account_id,
        asked.entitlement_id, asked.system_id, asked.purpose, asked.ends_on
      from access_request asked join ${approved} chosen using (id))`,
    by,
    context.now,
  );
}
