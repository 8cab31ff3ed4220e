import type { CaseOfCustomer } from '../../clauses/customer-data/store.told.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { fill } from '../../kernel/language.ts';
import { type Html, html } from '../public/html.ts';
import { type Access, accessors, type Wanted } from './access.ts';
import { choiceField } from './forms.ts';
import { type Page, withQuery } from './frame.ts';
import { nameText, numberText, table, text, timeOf } from './texts.ts';
import type { Visit } from './visit.ts';

/** Every access, newest first. Staff are named by their role. */
export function accessesPage(
  visit: Visit,
  wanted: Wanted,
  rows: readonly Access[],
  next: Instant | null,
  cases: ReadonlyMap<string, CaseOfCustomer>,
): Page {
  const { words, place } = visit;
  const said = words.accesses;
  const query = queryOf(wanted);
  const here = withQuery('/portal/accesses', query);
  const cells = rows.map((row) => [
    timeOf(row.at, place),
    html`<strong>${said.who[row.who]}</strong>${nameOf(visit, row) ? html`<br><span class="soft">${nameOf(visit, row)}</span>` : null}`,
    why(visit, row, cases),
    text(whatOf(visit, row)),
    text(numberText(row.operations, place.language)),
    row.entry === null
      ? text(said.notYet)
      : html`<a class="entry" href="/portal/ledger/${row.entry}">#${row.entry}</a>`,
  ]);
  const heads = [
    [said.at],
    [said.by],
    [said.why],
    [said.what],
    [said.count, 'number'],
    [said.entry],
  ] as const;
  return {
    title: said.title,
    section: 'accesses',
    wide: true,
    lead: said.lead,
    main: html`<form class="search no-print" method="get" action="/portal/accesses">
${choiceField({ name: 'who', label: said.filter, value: wanted.who ?? '' }, [['', said.all], ...accessors.map((it) => [it, said.who[it]] as const)])}
${dayField('from', said.from, wanted.from)}${dayField('to', said.to, wanted.to)}
<button type="submit" class="second">${said.show}</button></form>
${rows.length === 0 ? html`<p class="empty">${said.none}</p>` : table(said.title, heads, cells)}
${next ? html`<p class="no-print"><a href="${withQuery(here, { before: instantText(next) })}">${said.older}</a></p>` : null}
<p class="acts no-print"><a class="button second" href="${withQuery(here, { format: 'csv' })}">CSV</a> <a class="button second" href="${withQuery(here, { format: 'json' })}">JSON</a></p>
<p class="small">${fill(said.verify, { zone: place.zone })}</p>`,
  };
}

function queryOf({ who, from, to }: Wanted): Record<string, string> {
  return {
    ...(who ? { who } : {}),
    ...(from ? { from: from.toString() } : {}),
    ...(to ? { to: to.toString() } : {}),
  };
}

function dayField(name: string, label: string, value: Temporal.PlainDate | null): Html {
  return html`<div class="field"><label for="${name}">${label}</label><input id="${name}" name="${name}" type="date" value="${value?.toString() ?? ''}"></div>`;
}

function nameOf({ words }: Visit, { who, name }: Access): string {
  if (who === 'staff') return roleText(words.roles, name);
  if (who === 'kept') return '';
  return nameText(name);
}

/** A role as a customer is told of it; one that has no words of its own stands as it is. */
export function roleText(roles: Readonly<Record<string, string>>, role: string): string {
  return roles[role] ?? role;
}

function why(
  { words, place }: Visit,
  row: Access,
  cases: ReadonlyMap<string, CaseOfCustomer>,
): Html {
  if (row.who === 'own') return text(ownPurpose(words.accesses.own, row.purpose));
  if (row.who === 'kept') return text(ownPurpose(words.accesses.kept, row.purpose));
  const of = row.caseId ? cases.get(row.caseId) : undefined;
  const basis = of ? `${words.cases.bases[of.basis]} ${of.basisReference}` : null;
  return html`${row.purpose}${row.caseId ? html`<br><span class="soft">${basis} · <a href="/portal/cases/${row.caseId}">${words.cases.one}</a></span>` : null}${
    row.who === 'product' && row.at.since(row.from).total('minutes') >= 1
      ? html`<br><span class="soft">${fill(words.accesses.batch, { from: '' }).trim()} ${timeOf(row.from, place)}</span>`
      : null
  }`;
}

/** A purpose of ours in words; one that has none stands as it is. */
const ownPurpose = (known: Readonly<Record<string, string>>, purpose: string): string =>
  known[purpose] ?? purpose;

function whatOf({ words }: Visit, { what, collection, item }: Access): string {
  const kinds: Readonly<Record<string, string>> = words.accesses.kinds;
  return [what && (kinds[what] ?? what), collection, item].filter(Boolean).join(' · ');
}
