import type { Hono } from 'hono';
import { customerDecides } from '../../clauses/customer-data/flows.ts';
import {
  type CaseOfCustomer,
  casesOfCustomer,
  type ReadOfCustomer,
  readsOfCustomer,
} from '../../clauses/customer-data/store.told.ts';
import { fill } from '../../kernel/language.ts';
import { type Html, html } from '../public/html.ts';
import { goTo } from './answer.ts';
import { areaField, tokenField } from './forms.ts';
import type { Page } from './frame.ts';
import { idOf } from './held.ts';
import { roleText } from './page.accesses.ts';
import type { Room } from './room.ts';
import { facts, numberText, table, text, timeOf } from './texts.ts';
import { forForms, forVisitors, type Posted, type Visit, wrongPage } from './visit.ts';

/** Cases about the account's data: each as a page, and the customer's own word where it is waited for. */
export function caseDoors(app: Hono, room: Room): void {
  app.get('/cases', forVisitors(room, all));
  app.get(
    '/cases/:id',
    forVisitors(room, (visit) => one(visit, null)),
  );
  app.post('/cases/:id', forForms(room, decide));
}

async function all(visit: Visit): Promise<Response> {
  const { room, account, words, place } = visit;
  const said = words.cases;
  const cases = await casesOfCustomer(room.world.database.db, account.customerId);
  const rows = cases.map((it) => [
    html`<a href="/portal/cases/${it.id}">${it.purpose}</a>${it.waits ? html` <strong class="flagged">${said.waits}</strong>` : null}`,
    text(roleText(words.roles, it.role)),
    text(`${said.bases[it.basis]} ${it.basisReference}`),
    text(said.states[it.state]),
    timeOf(it.openedAt ?? it.askedAt, place),
  ]);
  const heads = [[said.purpose], [said.role], [said.basis], [said.state], [said.when]] as const;
  return visit.show({
    title: said.title,
    section: 'cases',
    wide: true,
    lead: said.lead,
    main:
      rows.length > 0 ? table(said.title, heads, rows) : html`<p class="empty">${said.none}</p>`,
  });
}

async function one(visit: Visit, wrong: string | null): Promise<Response> {
  const { c, room, account, words } = visit;
  const { db } = room.world.database;
  const id = idOf(c.req.param('id'));
  const found = (await casesOfCustomer(db, account.customerId)).find((it) => it.id === id);
  if (!found) return visit.show(wrongPage(words, words.notFound), 404);
  const reads = await readsOfCustomer(db, account.customerId, found.id);
  return visit.show(casePage(visit, found, reads, wrong), wrong ? 422 : 200);
}

async function decide(visit: Posted): Promise<Response> {
  const { c, fields, words } = visit;
  const id = idOf(c.req.param('id'));
  const decision = fields['decision'] === 'approve' ? 'approve' : 'refuse';
  if (!id) return visit.show(wrongPage(words, words.notFound), 404);
  const done = await visit.execute(customerDecides, {
    id,
    decision,
    reason: fields['reason'] ?? '',
  });
  return done.ok ? goTo(c, `/portal/cases/${id}`) : one(visit, visit.say(done.refusal));
}

function casePage(
  visit: Visit,
  it: CaseOfCustomer,
  reads: readonly ReadOfCustomer[],
  wrong: string | null,
): Page {
  const { words, place } = visit;
  const said = words.cases;
  const when = (at: Temporal.Instant | null) => (at ? timeOf(at, place) : text('–'));
  const kinds: Readonly<Record<string, string>> = words.accesses.kinds;
  const rows = reads.map((read) => [
    timeOf(read.at, place),
    text(kinds[read.what] ?? read.what),
    text(read.collection),
    read.itemId ? html`<code>${read.itemId}</code>` : text('–'),
    text(read.copied ? said.copied : said.looked),
  ]);
  const scope = [
    it.collections.join(', '),
    it.items > 0 ? fill(said.items, { count: it.items }) : '',
  ]
    .filter(Boolean)
    .join(' · ');
  return {
    title: it.purpose,
    section: 'cases',
    here: `/portal/cases/${it.id}`,
    lead: html`<a href="/portal/cases">${said.back}</a>`,
    notice: wrong ? { kind: 'wrong', text: wrong } : null,
    wide: true,
    main: html`${facts([
      [said.state, said.states[it.state]],
      [said.role, `${roleText(words.roles, it.role)}${it.emergency ? ` (${said.emergency})` : ''}`],
      [said.basis, `${said.bases[it.basis]} ${it.basisReference}`],
      [said.scope, scope],
      [said.hours, numberText(it.hours, place.language)],
      [said.copy, it.copy ? said.copyYes : said.copyNo],
      [said.asked, when(it.askedAt)],
      [said.opened, when(it.openedAt)],
      [said.ended, when(it.endedAt ?? it.endsAt)],
      [said.reconciled, when(it.reconciledAt)],
    ])}
${it.waits ? decisionForm(visit, it) : null}
<section>${rows.length > 0 ? table(said.reads, [[words.accesses.at], [words.accesses.what], [words.held.collection], [said.item], [said.how]], rows) : html`<h2>${said.reads}</h2><p class="empty">${said.noReads}</p>`}</section>`,
  };
}

function decisionForm({ words, account, signed }: Visit, it: CaseOfCustomer): Html {
  const said = words.cases;
  if (account.part !== 'owner') return html`<div class="notice"><p>${said.ownerDecides}</p></div>`;
  const asked =
    it.waits === 'extension'
      ? fill(said.asksMore, { hours: it.extensionHours ?? 0, why: it.extensionWhy ?? '' })
      : fill(said.asks, { hours: it.hours });
  return html`<section class="after"><h2>${said.decide}</h2><p>${asked}</p>
<form method="post" action="/portal/cases/${it.id}">${tokenField(signed.token)}
${areaField({ name: 'reason', label: said.reason, hint: said.reasonHint, rows: 3, maxLength: 1000 })}
<p class="acts"><button type="submit" name="decision" value="approve">${said.approve}</button>
<button type="submit" name="decision" value="refuse" class="danger">${said.refuse}</button></p></form></section>`;
}
