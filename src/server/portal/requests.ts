import type { Hono } from 'hono';
import { sql } from 'kysely';
import {
  type Outcome,
  type RequestKind,
  requestKinds,
} from '../../clauses/retention/facts.requests.ts';
import { requestFlow } from '../../clauses/retention/flows.requests.ts';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import { html } from '../public/html.ts';
import { areaField, choiceField, tokenField } from './forms.ts';
import type { Notice, Page } from './frame.ts';
import { idOf } from './held.ts';
import type { Room } from './room.ts';
import { facts, lastDayText, table, text, timeOf } from './texts.ts';
import { forForms, forVisitors, type Posted, type Visit, wrongPage } from './visit.ts';

/** What is not done by oneself is asked for here; each has a number and a day by which it is answered. */
export function requestDoors(app: Hono, room: Room): void {
  app.get(
    '/requests',
    forVisitors(room, (visit) => all(visit, null)),
  );
  app.post('/requests', forForms(room, ask));
  app.get('/requests/:id', forVisitors(room, one));
}

/** A request as whoever asked sees it. */
interface OwnRequest {
  readonly id: string;
  readonly number: number;
  readonly kind: RequestKind;
  readonly what: string;
  readonly openedAt: Instant;
  readonly dueAt: Instant;
  readonly extension: string | null;
  readonly answeredAt: Instant | null;
  readonly outcome: Outcome | null;
  readonly answer: string | null;
}

async function requestsOf(db: Db, customerId: string): Promise<readonly OwnRequest[]> {
  const { rows } = await sql<OwnRequest>`
    select id, number, kind, what, opened_at as "openedAt", due_at as "dueAt", extension,
      answered_at as "answeredAt", outcome, answer
    from customer_request where customer_id = ${customerId} and forgotten_at is null
    order by opened_at desc, id limit 200`.execute(db);
  return rows;
}

async function all(visit: Visit, notice: Notice | null): Promise<Response> {
  const { room, account } = visit;
  const requests = await requestsOf(room.world.database.db, account.customerId);
  return visit.show(requestsPage(visit, requests, notice), notice?.kind === 'wrong' ? 422 : 200);
}

async function ask(visit: Posted): Promise<Response> {
  const { account, fields, words } = visit;
  const kind = requestKinds.find((it) => it === fields['kind']);
  const what = (fields['what'] ?? '').trim();
  if (!kind || what === '' || what.length > 5_000) {
    return all(visit, { kind: 'wrong', text: words.requests.whatWrong });
  }
  const done = await visit.execute(requestFlow, {
    do: 'openRequest',
    customerId: account.customerId,
    contactId: account.contactId,
    kind,
    channel: 'portal',
    what,
    fromName: account.name,
    fromAddress: account.email,
    receivedOn: null,
  });
  if (!done.ok) return all(visit, { kind: 'wrong', text: visit.say(done.refusal) });
  return all(visit, { kind: 'done', text: words.requests.asked });
}

async function one(visit: Visit): Promise<Response> {
  const { c, room, account, words, place } = visit;
  const id = idOf(c.req.param('id'));
  const found = (await requestsOf(room.world.database.db, account.customerId)).find(
    (it) => it.id === id,
  );
  if (!found) return visit.show(wrongPage(words, words.notFound), 404);
  const said = words.requests;
  return visit.show({
    title: `${said.number} ${found.number}: ${said.kinds[found.kind]}`,
    section: 'requests',
    lead: html`<a href="/portal/requests">${said.back}</a>`,
    main: html`${facts([
      [said.state, stateText(visit, found)],
      [said.opened, timeOf(found.openedAt, place)],
      [said.due, lastDayText(found.dueAt, place)],
      ...(found.extension ? [[said.extension, found.extension] as const] : []),
      ...(found.answeredAt ? [[said.answeredAt, timeOf(found.answeredAt, place)] as const] : []),
    ])}
<section><h2>${said.what}</h2><p class="prose">${found.what}</p></section>
${found.answer ? html`<section><h2>${said.answer}</h2><p class="prose">${found.answer}</p></section>` : null}`,
  });
}

function stateText({ words }: Visit, { outcome }: OwnRequest): string {
  return outcome ? words.requests.outcomes[outcome] : words.requests.open;
}

function requestsPage(visit: Visit, requests: readonly OwnRequest[], notice: Notice | null): Page {
  const { words, place, signed } = visit;
  const said = words.requests;
  const rows = requests.map((it) => [
    html`<a href="/portal/requests/${it.id}">${said.number} ${it.number}</a>`,
    text(said.kinds[it.kind]),
    text(stateText(visit, it)),
    timeOf(it.openedAt, place),
    text(lastDayText(it.dueAt, place)),
  ]);
  const heads = [[said.number], [said.kind], [said.state], [said.opened], [said.due]] as const;
  return {
    title: said.title,
    section: 'requests',
    here: '/portal/requests',
    wide: true,
    lead: said.lead,
    notice,
    main: html`<section>${rows.length > 0 ? table(said.yours, heads, rows) : html`<h2>${said.yours}</h2><p class="empty">${said.none}</p>`}</section>
<section class="after"><h2>${said.ask}</h2><form method="post" action="/portal/requests">${tokenField(signed.token)}
${choiceField(
  { name: 'kind', label: said.kind, value: 'correct' },
  requestKinds.map((it) => [it, said.kinds[it]] as const),
)}
${areaField({ name: 'what', label: said.what, hint: said.whatHint, rows: 6, maxLength: 5_000, required: true })}
<button type="submit">${said.send}</button></form></section>`,
  };
}
