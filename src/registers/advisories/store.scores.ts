import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { type Tx, write } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import type { ScoresTaken, TakeScores, TakingRefusal } from './facts.ts';
import { decideScores, type ScoresState } from './flow.scores.ts';
import { lockTaking, moveOn, openImport } from './store.taking.ts';

/** What is known to be exploited, and how likely it will be: joined to vulnerabilities by CVE. */
export const scoresFlow: Flow<ScoresState, TakeScores, ScoresTaken, TakingRefusal> = {
  name: 'advisories.scores',
  clause: 'advisories',
  // Made by our own readers, row by row; nobody outside can say it.
  command: z.custom<TakeScores>((it) => typeof it === 'object' && it !== null && 'do' in it),
  load: loadScores,
  authorize: () => ({ action: 'takeAdvisories' }),
  decide: decideScores,
  project: projectScores,
};

async function loadScores(tx: Tx, command: TakeScores): Promise<ScoresState> {
  await lockTaking(tx);
  const current = await openImport(tx, command.place.importId);
  const { rows } = await (command.do === 'takeExploited'
    ? countExploited(command)
    : countPredicted(command)
  ).execute(tx);
  const counted = rows[0] ?? { added: 0, changed: 0, gone: 0 };
  return { current, ...counted, isOlder: await isOlder(tx, command) };
}

/** Whether a catalogue was taken that was released after this one. */
async function isOlder(tx: Tx, command: TakeScores): Promise<boolean> {
  if (command.do !== 'takeExploited' || !command.releasedAt) return false;
  const { rows } = await sql`
    select from advisory_import
    where kind = 'kev' and released_at > ${command.releasedAt}::timestamptz limit 1`.execute(tx);
  return rows.length > 0;
}

interface Counted {
  readonly added: number;
  readonly changed: number;
  readonly gone: number;
}

type Exploited = TakeScores & { readonly do: 'takeExploited' };
type Predicted = TakeScores & { readonly do: 'takePredictions' };

function exploitedRows({ entries }: Exploited): RawBuilder<unknown> {
  return sql`jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) as t
    (cve text, "addedOn" date, "dueOn" date, ransomware boolean, title text, action text)`;
}

const differs = sql`(e.added_on, e.due_on, e.ransomware, e.title, e.action)
  is distinct from (t."addedOn", t."dueOn", t.ransomware, t.title, t.action)`;

function countExploited(command: Exploited): RawBuilder<Counted> {
  return sql<Counted>`
    select count(*) filter (where e.cve is null and t.cve is not null)::int as added,
      count(*) filter (where e.cve is not null and t.cve is not null and ${differs})::int as changed,
      count(*) filter (where t.cve is null)::int as gone
    from exploited e full join (select * from ${exploitedRows(command)}) t on t.cve = e.cve`;
}

/** Single precision, as it is kept: what is compared is what is stored. */
function predictedRows({ entries }: Predicted): RawBuilder<unknown> {
  return sql`jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) as t
    (cve text, score real, percentile real)`;
}

function countPredicted(command: Predicted): RawBuilder<Counted> {
  return sql<Counted>`
    select count(*) filter (where e.cve is null)::int as added,
      count(*) filter (where e.cve is not null and e.scored_on <= ${command.scoredOn}::date
        and (e.score, e.percentile) is distinct from (t.score, t.percentile))::int as changed,
      0 as gone
    from ${predictedRows(command)} left join exploit_prediction e on e.cve = t.cve`;
}

async function projectScores(tx: Tx, event: ScoresTaken, { now }: Context): Promise<void> {
  const { command, place } = event;
  if (command.do === 'takePredictions') await savePredicted(tx, command);
  else if (!event.isOlder) {
    await markExploited(tx, command, place.importId, now);
    await saveExploited(tx, command);
    await write(
      tx,
      sql`update advisory_import set released_at = ${command.releasedAt ?? null}
        where id = ${place.importId}`,
    );
  }
  await moveOn(tx, { ...event, setAside: command.setAside });
}

/** Vulnerabilities of which it is said for the first time, or no longer, that they are exploited. */
async function markExploited(
  tx: Tx,
  command: Exploited,
  importId: string,
  now: Temporal.Instant,
): Promise<void> {
  await write(
    tx,
    sql`update vulnerability v set import_id = ${importId}, changed_at = ${now}
      where v.id in (
        select n.vulnerability_id
        from exploited e full join (select * from ${exploitedRows(command)}) t on t.cve = e.cve
        join vulnerability_name n on n.name = coalesce(t.cve, e.cve)
        where t.cve is null or e.cve is null or ${differs})`,
  );
}

async function saveExploited(tx: Tx, command: Exploited): Promise<void> {
  await write(
    tx,
    sql`delete from exploited where cve not in (
      select cve from ${exploitedRows(command)})`,
  );
  await write(
    tx,
    sql`insert into exploited (cve, added_on, due_on, ransomware, title, action)
      select cve, "addedOn", "dueOn", ransomware, title, action from ${exploitedRows(command)}
      on conflict (cve) do update set
        added_on = excluded.added_on, due_on = excluded.due_on, ransomware = excluded.ransomware,
        title = excluded.title, action = excluded.action`,
  );
}

/** A list of an older day changes nothing that a newer one said. */
async function savePredicted(tx: Tx, command: Predicted): Promise<void> {
  await write(
    tx,
    sql`insert into exploit_prediction (cve, score, percentile, scored_on)
      select cve, score, percentile, ${command.scoredOn}::date from ${predictedRows(command)}
      on conflict (cve) do update set
        score = excluded.score, percentile = excluded.percentile, scored_on = excluded.scored_on
      where exploit_prediction.scored_on <= excluded.scored_on`,
  );
}
