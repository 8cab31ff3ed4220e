import type { StandingClosure } from '../../clauses/retention/flow.closure.ts';
import type { Instant } from '../../kernel/instant.ts';
import { fill } from '../../kernel/language.ts';
import type { Holding } from '../../registers/customers/facts.products.ts';
import type { collectionsOf, ObjectRow } from '../../registers/vault/store.objects.ts';
import type { RecordRow } from '../../registers/vault/store.records.ts';
import { type Html, html } from '../public/html.ts';
import type { Metadata } from '../vault/door.ts';
import { areaField, choiceField, textField, tokenField } from './forms.ts';
import { type Page, withQuery } from './frame.ts';
import type { Asked } from './held.ts';
import {
  bytesText,
  facts,
  lastDayText,
  nameText,
  numberText,
  table,
  text,
  timeOf,
} from './texts.ts';
import type { Visit } from './visit.ts';

type Collections = Awaited<ReturnType<typeof collectionsOf>>;

/** An object or record in a list. */
export interface Listed {
  readonly id: string;
  readonly name: string;
  /** Null for records. */
  readonly size: number | null;
  readonly changedAt: Instant;
}

export interface Listing {
  readonly items: readonly Listed[];
  /** After which to go on; null at the end. */
  readonly next: string | null;
  /** The search stopped before the end. */
  readonly cutShort: boolean;
}

/** Said on top of pages where nothing can be changed any more. */
function frozenNotice(
  { words, place, account }: Visit,
  closure: StandingClosure | null,
): Html | null {
  if (account.state === 'open') return null;
  if (account.state !== 'closing')
    return html`<div class="notice wrong"><p>${words.closing.erased}</p></div>`;
  const until = closure ? lastDayText(closure.reopenUntil, place) : '';
  return html`<div class="notice wrong"><p>${fill(words.closing.frozen, { until })} <a href="/portal/close">${words.closing.reopenLink}</a></p></div>`;
}

/** Where everything lies, and how much of it is here. */
export function heldPage(
  visit: Visit,
  holdings: readonly Holding[],
  collections: Collections,
  closure: StandingClosure | null,
): Page {
  const { place, account } = visit;
  const words = visit.words.held;
  const { language } = place;
  const map = table(
    words.map,
    [[words.what], [words.place], [words.controller]],
    holdings.map((it) => [
      text(it.what[language]),
      text(it.place),
      text(words.controllers[it.controller]),
    ]),
  );
  const rows = collections.map((it) => [
    html`<a href="/portal/collections/${it.collection}">${it.collection}</a>`,
    text(numberText(Number(it.objects), language)),
    text(bytesText(Number(it.objectBytes) + Number(it.recordBytes), language)),
    text(numberText(Number(it.records), language)),
    timeOf(it.changedAt, place),
  ]);
  const heads = [
    [words.collection],
    [words.objects, 'number'],
    [words.size, 'number'],
    [words.records, 'number'],
    [words.changed],
  ] as const;
  const isOpen = account.state === 'open';
  return {
    title: words.title,
    section: 'held',
    wide: true,
    lead: fill(words.lead, { customer: account.customerName, product: account.productName }),
    main: html`${frozenNotice(visit, closure)}
<section>${collections.length > 0 ? table(words.collections, heads, rows) : html`<h2>${words.collections}</h2><p class="empty">${words.none}</p>`}</section>
<section>${holdings.length > 0 ? map : html`<h2>${words.map}</h2><p class="empty">${words.noMap}</p>`}</section>
<section class="acts"><a class="button" href="/portal/export">${words.exportAll}</a>
${isOpen && collections.length > 0 ? html`<a class="button danger" href="/portal/delete">${words.deleteAll}</a>` : null}</section>`,
  };
}

/** A collection: objects and records, found by name, taken out one by one or together. */
export function collectionPage(
  visit: Visit,
  asked: Asked,
  objects: Listing,
  records: Listing,
): Page {
  const { words, place, account, signed } = visit;
  const said = words.held;
  const path = `/portal/collections/${asked.collection}`;
  const isOpen = account.state === 'open';
  const found = objects.items.length + records.items.length;
  const search = html`<form class="search" method="get" action="${path}" role="search">
${textField({ name: 'q', label: said.search, type: 'search', value: asked.q, maxLength: 1024 })}
${choiceField({ name: 'how', label: said.how, value: asked.prefix ? 'prefix' : 'exact' }, [
  ['exact', said.exact],
  ['prefix', said.prefix],
])}
<button type="submit" class="second">${said.find}</button></form>`;
  const lists = html`<form method="post" action="${path}/selected">${tokenField(signed.token)}
${listOf(visit, 'objects', objects, asked, path)}
${listOf(visit, 'records', records, asked, path)}
${
  isOpen && found > 0
    ? html`<p class="acts"><button type="submit" class="danger">${said.deleteSelected}</button>
<a class="button danger" href="${path}/delete">${said.deleteCollection}</a></p>`
    : null
}</form>`;
  return {
    title: fill(said.collectionTitle, { collection: asked.collection }),
    section: 'held',
    wide: true,
    lead: html`<a href="/portal">${said.back}</a>`,
    main: html`${frozenNotice(visit, null)}${search}
${found === 0 ? html`<p class="empty">${asked.q ? said.notFound : said.emptyCollection}</p>` : lists}
${objects.cutShort || records.cutShort ? html`<p class="small">${said.cutShort}</p>` : null}
${isOpen ? uploadForm(visit, `${path}/upload`, null) : null}
<p class="small">${fill(said.zone, { zone: place.zone })}</p>`,
  };
}

function listOf(
  { words, place, account }: Visit,
  kind: 'objects' | 'records',
  listing: Listing,
  asked: Asked,
  path: string,
): Html | null {
  if (listing.items.length === 0) return null;
  const said = words.held;
  const isOpen = account.state === 'open';
  const singular = kind === 'objects' ? 'object' : 'record';
  const rows = listing.items.map((item) => [
    ...(isOpen
      ? [
          html`<input type="checkbox" name="${singular}" value="${item.id}" aria-label="${fill(said.select, { name: nameText(item.name) })}">`,
        ]
      : []),
    html`<a href="/portal/${kind}/${item.id}">${nameText(item.name)}</a>`,
    ...(kind === 'objects' ? [text(bytesText(item.size ?? 0, place.language))] : []),
    timeOf(item.changedAt, place),
  ]);
  const heads: (readonly [string, 'number'?])[] = [
    ...(isOpen ? [[said.selected] as const] : []),
    [kind === 'objects' ? said.name : said.key],
    ...(kind === 'objects' ? [[said.size, 'number'] as const] : []),
    [said.changed],
  ];
  const query = { ...(asked.q ? { q: asked.q, how: asked.prefix ? 'prefix' : 'exact' } : {}) };
  const more = listing.next
    ? html`<p><a href="${withQuery(path, { ...query, [kind]: listing.next })}">${said.more}</a></p>`
    : null;
  return html`<section>${table(kind === 'objects' ? said.objects : said.records, heads, rows)}${more}</section>`;
}

/** A file to be sent; without script, and as large as the vault takes. */
function uploadForm({ words, signed }: Visit, action: string, revision: number | null): Html {
  const said = words.held;
  return html`<section class="upload"><h2>${revision === null ? said.upload : said.replace}</h2>
<form method="post" action="${action}" enctype="multipart/form-data">${tokenField(signed.token)}
${revision === null ? textField({ name: 'name', label: said.uploadName, hint: said.uploadNameHint, maxLength: 1024 }) : html`<input type="hidden" name="revision" value="${revision}">`}
<div class="field"><label for="file">${said.file}</label><input id="file" name="file" type="file" required></div>
<button type="submit">${revision === null ? said.send : said.sendReplacement}</button></form></section>`;
}

interface ShownObject {
  readonly row: ObjectRow;
  readonly name: string;
  readonly metadata: Metadata;
  readonly sha256: string;
  readonly preview: string | null;
}

export function objectPage(visit: Visit, it: ShownObject, wrong: string | null): Page {
  const { words, place, account } = visit;
  const said = words.held;
  const { row } = it;
  const path = `/portal/objects/${row.id}`;
  const isOpen = account.state === 'open';
  const fields = Object.entries(it.metadata.fields).map(
    ([key, value]) => [nameText(key), nameText(value)] as const,
  );
  return {
    title: nameText(it.name),
    section: 'held',
    here: path,
    lead: html`<a href="/portal/collections/${row.collection}">${fill(said.collectionTitle, { collection: row.collection })}</a>`,
    notice: wrong ? { kind: 'wrong', text: wrong } : null,
    main: html`${frozenNotice(visit, null)}${facts([
      [said.size, bytesText(row.size, place.language)],
      [said.mediaType, it.metadata.mediaType ?? said.unknown],
      [said.made, timeOf(row.madeAt, place)],
      [said.changed, timeOf(row.changedAt, place)],
      [said.revision, text(row.revision)],
      ['SHA-256', html`<code>${it.sha256}</code>`],
      ...fields,
    ])}
<p class="acts"><a class="button" href="${path}/content" download>${said.download}</a>
${isOpen ? html`<a class="button danger" href="${path}/delete">${words.delete.act}</a>` : null}</p>
${it.preview === null ? null : html`<section><h2>${said.preview}</h2><pre class="preview" tabindex="0">${it.preview}</pre></section>`}
${isOpen ? uploadForm(visit, `${path}/replace`, row.revision) : null}`,
  };
}

interface ShownRecord {
  readonly row: RecordRow;
  readonly key: string;
  /** JSON as it is, or as it was typed. */
  readonly text: string;
  readonly problem: string | null;
}

export function recordPage(visit: Visit, it: ShownRecord, done: string | null = null): Page {
  const { words, place, account, signed } = visit;
  const said = words.held;
  const path = `/portal/records/${it.row.id}`;
  const isOpen = account.state === 'open';
  const edit = html`<form method="post" action="${path}">${tokenField(signed.token)}
<input type="hidden" name="revision" value="${it.row.revision}">
${areaField({ name: 'value', label: said.value, hint: said.valueHint, error: it.problem, value: it.text, rows: 16 })}
<button type="submit">${said.save}</button></form>`;
  return {
    title: nameText(it.key),
    section: 'held',
    here: path,
    lead: html`<a href="/portal/collections/${it.row.collection}">${fill(said.collectionTitle, { collection: it.row.collection })}</a>`,
    notice: done
      ? { kind: 'done', text: done }
      : it.problem
        ? { kind: 'wrong', text: isOpen ? said.notSaved : it.problem }
        : null,
    main: html`${frozenNotice(visit, null)}${facts([
      [said.made, timeOf(it.row.madeAt, place)],
      [said.changed, timeOf(it.row.changedAt, place)],
      [said.revision, text(it.row.revision)],
    ])}
${isOpen ? edit : html`<pre class="preview" tabindex="0">${it.text}</pre>`}
${isOpen ? html`<p class="acts"><a class="button danger" href="${path}/delete">${words.delete.act}</a></p>` : null}`,
  };
}
