import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import { endOfDay, type Instant } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { cancelTasks, completeTasks, openTasks, redateTasks } from '../../registers/tasks/store.ts';
import type {
  ChecklistCommand,
  ChecklistEvent,
  ChecklistPerson,
  ChecklistState,
  NewChecklist,
  Occasion,
  RunningItem,
  StoredTemplate,
} from './facts.checklist.ts';

/** The kind of a task of a checklist, by occasion, and the promise it serves. */
export const checklistTask = (kind: Occasion): string => `people.${kind}Item`;
const promiseOf: Readonly<Record<Occasion, string>> = {
  joiner: 'PEO-1',
  mover: 'PEO-2',
  leaver: 'PEO-3',
};

export async function loadChecklist(tx: Tx, command: ChecklistCommand): Promise<ChecklistState> {
  const none: ChecklistState = { template: null, due: [], person: null, item: null };
  switch (command.do) {
    case 'saveTemplate':
    case 'retireTemplate':
      return { ...none, template: command.id ? await templateOf(tx, command.id) : null };
    case 'openChecklists':
      return {
        ...none,
        person: await personFor(tx, command.personId),
        due: await templatesDue(tx, command.kind, command.personId),
      };
    case 'completeItem':
      return { ...none, item: await itemOf(tx, command.itemId) };
  }
}

const templateColumns = sql`t.id, t.kind, t.role, t.titles, t.items, t.version`;

async function templateOf(tx: Tx, id: string): Promise<StoredTemplate | null> {
  const { rows } = await sql<StoredTemplate>`
    select ${templateColumns} from checklist_template t
    where t.id = ${id} and t.retired_at is null for update`.execute(tx);
  return rows[0] ?? null;
}

/** Every template in use. */
export async function templates(db: Db): Promise<readonly StoredTemplate[]> {
  const { rows } = await sql<StoredTemplate>`
    select ${templateColumns} from checklist_template t where t.retired_at is null
    order by array_position(array['joiner', 'mover', 'leaver'], t.kind), t.role nulls first, t.id`.execute(
    db,
  );
  return rows;
}

async function personFor(tx: Tx, id: PersonId): Promise<ChecklistPerson | null> {
  const { rows } = await sql<ChecklistPerson>`
    select id, manager_id as "managerId", roles from person
    where id = ${id} and erased_at is null for update`.execute(tx);
  return rows[0] ?? null;
}

/** Templates of an occasion that fit the person and that no open checklist of theirs is from. */
async function templatesDue(
  tx: Tx,
  kind: Occasion,
  personId: PersonId,
): Promise<readonly StoredTemplate[]> {
  const { rows } = await sql<StoredTemplate>`
    select ${templateColumns} from checklist_template t join person p on p.id = ${personId}
    where t.kind = ${kind} and t.retired_at is null and (t.role is null or t.role = any(p.roles))
      and not exists (select from checklist c
        where c.person_id = p.id and c.template_id = t.id and c.closed_at is null)
    order by t.id`.execute(tx);
  return rows;
}

async function itemOf(tx: Tx, id: string): Promise<RunningItem | null> {
  const { rows } = await sql<RunningItem>`
    select i.id, c.id as "checklistId", c.person_id as "personId", i.assignee_id as "assigneeId", i.role,
      i.done_at is not null as done, c.closed_at is not null as closed,
      (select count(*)::int from checklist_item o
       where o.checklist_id = c.id and o.done_at is null and o.id <> i.id) as left
    from checklist_item i join checklist c on c.id = i.checklist_id
    where i.id = ${id} for update of c`.execute(tx);
  return rows[0] ?? null;
}

export async function projectChecklist(
  tx: Tx,
  event: ChecklistEvent,
  context: Context,
): Promise<void> {
  const { now, actor } = context;
  switch (event.type) {
    case 'ChecklistTemplateSaved':
      return await saveTemplate(tx, event.template, now);
    case 'ChecklistTemplateRetired':
      await sql`update checklist_template set retired_at = ${now} where id = ${event.templateId}`.execute(
        tx,
      );
      return;
    case 'ChecklistOpened':
      return await openChecklist(tx, event.checklist, context);
    case 'ChecklistItemDone': {
      const by = personOf(actor);
      await write(
        tx,
        sql`
        update checklist_item set done_at = ${now}, done_by = ${by} where id = ${event.item.id}`,
      );
      return await completeItemTask(tx, event.item.id, by, now);
    }
    case 'ChecklistDone':
      await sql`
        update checklist set closed_at = ${now}, closed_as = 'done' where id = ${event.checklistId}`.execute(
        tx,
      );
  }
}

async function completeItemTask(
  tx: Tx,
  itemId: string,
  by: PersonId | null,
  at: Instant,
): Promise<void> {
  for (const kind of ['joiner', 'mover', 'leaver'] as const)
    await completeTasks(
      tx,
      { kind: checklistTask(kind), subject: `checklistItem/${itemId}` },
      by,
      at,
    );
}

async function saveTemplate(tx: Tx, it: StoredTemplate, now: Instant): Promise<void> {
  await sql`
    insert into checklist_template (id, kind, role, titles, items, version, created_at, changed_at)
    values (${it.id}, ${it.kind}, ${it.role}, ${JSON.stringify(it.titles)}::jsonb,
      ${JSON.stringify(it.items)}::jsonb, ${it.version}, ${now}, ${now})
    on conflict (id) do update set kind = excluded.kind, role = excluded.role, titles = excluded.titles,
      items = excluded.items, version = excluded.version, changed_at = excluded.changed_at`.execute(
    tx,
  );
}

export async function openChecklist(
  tx: Tx,
  { id, template, personId, on, items }: NewChecklist,
  { now, zone, newId }: Context,
): Promise<void> {
  await sql`
    insert into checklist (id, template_id, template_version, kind, person_id, titles, on_date, opened_at)
    values (${id}, ${template.id}, ${template.version}, ${template.kind}, ${personId},
      ${JSON.stringify(template.titles)}::jsonb, ${on}, ${now})`.execute(tx);
  const rows = items.map((item, at) => ({
    ...item,
    position: at + 1,
    due_on: item.dueOn.toString(),
  }));
  await sql`
    insert into checklist_item
      (id, checklist_id, position, words, owner, assignee_id, role, days, due_on, path)
    select id, ${id}, position, words, owner, "assigneeId", role, days, due_on, path
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as i
      (id uuid, position integer, words jsonb, owner text, "assigneeId" uuid, role text, days integer,
       due_on date, path text)`.execute(tx);
  const { rows: found } = await sql<{ name: string }>`
    select name from person where id = ${personId}`.execute(tx);
  await openTasks(
    tx,
    items.map((item) => ({
      id: newId(),
      kind: checklistTask(template.kind),
      promise: promiseOf[template.kind],
      subject: `checklistItem/${item.id}`,
      assigneeId: item.assigneeId,
      ...(item.role ? { role: item.role } : {}),
      openedAt: now,
      dueAt: endOfDay(item.dueOn, zone),
      detail: { en: item.words.en, ja: item.words.ja, personId, person: found[0]?.name ?? '' },
      path: `/console/checklists/${id}`,
    })),
  );
}

/** Moves an open checklist to another day: what is not done yet moves with it. */
export async function redateChecklist(
  tx: Tx,
  id: string,
  on: Temporal.PlainDate,
  { zone }: Context,
): Promise<readonly { readonly id: string; readonly dueAt: Instant }[]> {
  await sql`update checklist set on_date = ${on} where id = ${id}`.execute(tx);
  const { rows } = await sql<{ id: string; dueOn: Temporal.PlainDate }>`
    update checklist_item set due_on = ${on}::date + days where checklist_id = ${id} and done_at is null
    returning id, due_on as "dueOn"`.execute(tx);
  return rows.map((row) => ({ id: row.id, dueAt: endOfDay(row.dueOn, zone) }));
}

/** Closes a checklist that is no longer called for, with what of it was not done. */
export async function cancelChecklist(tx: Tx, id: string, at: Instant): Promise<void> {
  const { rows } = await sql<{ item: string; kind: Occasion }>`
    with closed as (
      update checklist set closed_at = ${at}, closed_as = 'cancelled' where id = ${id}
      returning id, kind)
    select i.id as item, closed.kind from checklist_item i join closed on closed.id = i.checklist_id
    where i.done_at is null`.execute(tx);
  for (const { item, kind } of rows)
    await cancelTasks(tx, { kind: checklistTask(kind), subject: `checklistItem/${item}` }, at);
}

/** Gives the open tasks of items their new day. */
export async function moveTasks(
  tx: Tx,
  items: readonly { readonly id: string; readonly dueAt: Instant }[],
): Promise<void> {
  await redateTasks(
    tx,
    items.map(({ id, dueAt }) => ({ subject: `checklistItem/${id}`, dueAt })),
  );
}
