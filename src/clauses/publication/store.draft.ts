import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Tx } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import type { DraftCommand, DraftEvent } from './facts.ts';
import type { DraftState } from './flow.draft.ts';
import { languagesPublished } from './store.office.ts';
import { clauseIdsOf, lockVersions, openVersion, versionInForce } from './store.version.ts';

export async function loadDraft(tx: Tx, command: DraftCommand): Promise<DraftState> {
  await lockVersions(tx);
  const open = await openVersion(tx);
  const { rows } = await sql<{ shipped: number }>`
    select count(*)::int as shipped from policy_shipped`.execute(tx);
  return {
    open,
    inForce: await versionInForce(tx),
    shipped: rows[0]?.shipped ?? 0,
    clauses: open ? await clauseIdsOf(tx, open.id) : [],
    text: command.do === 'saveText' ? await textNow(tx, command) : null,
  };
}

async function textNow(
  tx: Tx,
  { versionId, clause, language }: Extract<DraftCommand, { do: 'saveText' }>,
): Promise<DraftState['text']> {
  const { rows } = await sql<{ revision: number; markdown: string }>`
    select revision, markdown from policy_text
    where version_id = ${versionId} and clause = ${clause} and language = ${language}`.execute(tx);
  return rows[0] ?? null;
}

export async function projectDraft(tx: Tx, event: DraftEvent, context: Context): Promise<void> {
  const versionId = event.subject.slice(event.subject.indexOf('/') + 1);
  switch (event.type) {
    case 'DraftCreated':
      await create(tx, versionId, event, context);
      break;
    case 'ClauseTextSaved':
      await saveText(tx, versionId, event, context);
      break;
    case 'ClauseAdded':
      await addClause(tx, versionId, event, context);
      break;
    case 'ClauseRemoved':
      await removeClause(tx, versionId, event.body.clause);
      break;
    case 'ClausesOrdered':
      await orderClauses(tx, versionId, event.body.clauses);
      break;
    case 'DraftDiscarded':
      await sql`update policy_version set state = 'discarded' where id = ${versionId}`.execute(tx);
      break;
  }
  await addAuthor(tx, versionId, context);
}

/** Remembers who had a hand in a version: they cannot be the ones who approve it. */
export async function addAuthor(tx: Tx, versionId: string, { actor }: Context): Promise<void> {
  const person = personOf(actor);
  if (!person) return;
  await sql`
    insert into policy_author (version_id, person_id) values (${versionId}, ${person})
    on conflict do nothing`.execute(tx);
}

type Created = Extract<DraftEvent, { type: 'DraftCreated' }>;

async function create(tx: Tx, versionId: string, event: Created, context: Context): Promise<void> {
  const { number, origin, from } = event.body;
  const languages = await languagesPublished(tx);
  await sql`
    insert into policy_version (id, number, state, origin, created_at, created_by, languages)
    values (${versionId}, ${number}, 'draft', ${origin}, ${context.now}, ${personOf(context.actor)}, ${languages})
  `.execute(tx);
  if (origin === 'published') await copyVersion(tx, versionId, from);
  else await insertTexts(tx, versionId, event, context);
}

async function copyVersion(tx: Tx, versionId: string, from: string | null): Promise<void> {
  await sql`
    insert into policy_clause (version_id, clause, position)
    select ${versionId}, clause, position from policy_clause where version_id = ${from}`.execute(
    tx,
  );
  await sql`
    insert into policy_text (version_id, clause, language, markdown, edited_at, edited_by)
    select ${versionId}, clause, language, markdown, edited_at, edited_by
    from policy_text where version_id = ${from}`.execute(tx);
}

async function insertTexts(
  tx: Tx,
  versionId: string,
  event: Created,
  { now, actor }: Context,
): Promise<void> {
  const given = sql`
    rows from (jsonb_to_recordset(${JSON.stringify(event.private?.texts ?? [])}::jsonb)
      as (clause text, language text, markdown text))
    with ordinality as t (clause, language, markdown, position)`;
  const source = event.body.origin === 'shipped' ? sql`policy_shipped t` : given;
  await sql`
    insert into policy_clause (version_id, clause, position)
    select ${versionId}, clause, (row_number() over (order by min(position)) - 1)::int
    from ${source} group by clause`.execute(tx);
  await sql`
    insert into policy_text (version_id, clause, language, markdown, edited_at, edited_by)
    select distinct on (clause, language) ${versionId}::uuid, clause, language, markdown,
      ${now}::timestamptz, ${personOf(actor)}::uuid
    from ${source} order by clause, language, position`.execute(tx);
}

async function saveText(
  tx: Tx,
  versionId: string,
  { body, ...event }: Extract<DraftEvent, { type: 'ClauseTextSaved' }>,
  { now, actor }: Context,
): Promise<void> {
  await sql`
    insert into policy_text (version_id, clause, language, markdown, revision, edited_at, edited_by)
    values (${versionId}, ${body.clause}, ${body.language}, ${event.private?.markdown ?? ''}, ${body.revision},
      ${now}, ${personOf(actor)})
    on conflict (version_id, clause, language) do update
    set markdown = excluded.markdown, revision = excluded.revision,
      edited_at = excluded.edited_at, edited_by = excluded.edited_by`.execute(tx);
}

async function addClause(
  tx: Tx,
  versionId: string,
  event: Extract<DraftEvent, { type: 'ClauseAdded' }>,
  { now, actor }: Context,
): Promise<void> {
  const { clause, position } = event.body;
  await sql`
    update policy_clause set position = position + 1
    where version_id = ${versionId} and position >= ${position}`.execute(tx);
  await sql`
    insert into policy_clause (version_id, clause, position)
    values (${versionId}, ${clause}, ${position})`.execute(tx);
  await sql`
    insert into policy_text (version_id, clause, language, markdown, edited_at, edited_by)
    select ${versionId}, ${clause}, key, value, ${now}, ${personOf(actor)}
    from jsonb_each_text(${JSON.stringify(event.private?.text ?? {})}::jsonb)`.execute(tx);
}

async function removeClause(tx: Tx, versionId: string, clause: string): Promise<void> {
  await sql`delete from policy_clause where version_id = ${versionId} and clause = ${clause}`.execute(
    tx,
  );
  await sql`
    update policy_clause c set position = n.position
    from (select clause, (row_number() over (order by position) - 1)::int as position
          from policy_clause where version_id = ${versionId}) n
    where c.version_id = ${versionId} and c.clause = n.clause`.execute(tx);
}

async function orderClauses(tx: Tx, versionId: string, clauses: readonly string[]): Promise<void> {
  await sql`
    update policy_clause c set position = (n.position - 1)::int
    from unnest(${clauses}::text[]) with ordinality as n (clause, position)
    where c.version_id = ${versionId} and c.clause = n.clause`.execute(tx);
}
