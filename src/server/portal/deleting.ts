import type { Hono } from 'hono';
import { fill } from '../../kernel/language.ts';
import type { PortalCommand, PortalEvent } from '../../registers/portal/facts.ts';
import { portalFlow } from '../../registers/portal/store.ts';
import { collectionName } from '../../registers/vault/facts.ts';
import { collectionsOf, objectById } from '../../registers/vault/store.objects.ts';
import { recordById } from '../../registers/vault/store.records.ts';
import { html } from '../public/html.ts';
import { goTo } from './answer.ts';
import { textField, tokenField } from './forms.ts';
import type { Page } from './frame.ts';
import { idOf } from './held.ts';
import type { Room } from './room.ts';
import { nameText, numberText } from './texts.ts';
import { forForms, forVisitors, type Posted, type Visit, wrongPage } from './visit.ts';

/** What would be deleted, and what has to be typed for it. */
interface Doomed {
  readonly what: 'items' | 'collection' | 'all';
  readonly collection: string | null;
  readonly objects: readonly string[];
  readonly records: readonly string[];
  /** In a sentence. */
  readonly said: string;
  /** To be typed again, exactly. */
  readonly name: string;
  readonly action: string;
  /** Where to go when it is done, or given up. */
  readonly back: string;
}

/**
 * Deleting: always a page of its own that says what goes, and a name that has to be typed. What is
 * deleted is gone at once and for good; backups of the storage hold it sealed until they expire.
 */
export function deletingDoors(app: Hono, room: Room): void {
  const paths = [
    '/objects/:id/delete',
    '/records/:id/delete',
    '/collections/:collection/delete',
    '/delete',
  ] as const;
  for (const path of paths) {
    app.get(
      path,
      forVisitors(room, (visit) => ask(visit, null)),
    );
    app.post(
      path,
      forForms(room, (visit) => act(visit)),
    );
  }
  app.post('/collections/:collection/selected', forForms(room, selected));
}

async function ask(visit: Visit, wrong: string | null): Promise<Response> {
  const doomed = await doomedOf(visit);
  if (!doomed) return visit.show(wrongPage(visit.words, visit.words.notFound), 404);
  return visit.show(deletePage(visit, doomed, wrong), wrong ? 422 : 200);
}

async function act(visit: Posted): Promise<Response> {
  const doomed = await doomedOf(visit);
  if (!doomed) return visit.show(wrongPage(visit.words, visit.words.notFound), 404);
  return confirmed(visit, doomed);
}

/** Several at once: the same page, with what was ticked in it. */
async function selected(visit: Posted): Promise<Response> {
  const { c, words, all, place } = visit;
  const collection = collectionName.safeParse(c.req.param('collection'));
  if (!collection.success) return visit.show(wrongPage(words, words.notFound), 404);
  const only = (name: string) =>
    all(name)
      .flatMap((each) => idOf(each) ?? [])
      .slice(0, 1_000);
  const [objects, records] = [only('object'), only('record')];
  const back = `/portal/collections/${collection.data}`;
  if (objects.length + records.length === 0) return goTo(c, back);
  const doomed: Doomed = {
    what: 'items',
    collection: null,
    objects,
    records,
    said: fill(words.delete.many, {
      objects: numberText(objects.length, place.language),
      records: numberText(records.length, place.language),
      collection: collection.data,
    }),
    name: collection.data,
    action: `${back}/selected`,
    back,
  };
  if (visit.fields['confirm'] === undefined) return visit.show(deletePage(visit, doomed, null));
  return confirmed(visit, doomed);
}

async function confirmed(visit: Posted, doomed: Doomed): Promise<Response> {
  const { words, account, fields } = visit;
  const typed = (fields['confirm'] ?? '').normalize('NFC').trim();
  if (typed !== nameText(doomed.name).normalize('NFC').trim()) {
    return visit.show(deletePage(visit, doomed, words.delete.differs), 422);
  }
  const { what, collection, objects, records } = doomed;
  const { customerId } = account;
  const command: PortalCommand = {
    do: 'deleteHeld',
    customerId,
    what,
    collection,
    objects: [...objects],
    records: [...records],
  };
  const done = await visit.execute(portalFlow, command);
  if (!done.ok) return visit.show(deletePage(visit, doomed, visit.say(done.refusal)), 422);
  return visit.show(deletedPage(visit, doomed, done.value));
}

/** What the address of a request names. */
async function doomedOf(visit: Visit): Promise<Doomed | null> {
  const { c, room, account, words } = visit;
  const { db } = room.world.database;
  const { customerId } = account;
  const named = { action: c.req.path, objects: [], records: [], collection: null } as const;
  const id = idOf(c.req.param('id'));
  if (id && c.req.path.includes('/objects/')) {
    const row = await objectById(db, customerId, id);
    const opened = await visit.open('delete');
    const name = row && opened.ok ? await opened.value.nameOf(row) : null;
    if (!row || !name?.ok) return null;
    const said = fill(words.delete.object, {
      name: nameText(name.value),
      collection: row.collection,
    });
    return {
      ...named,
      what: 'items',
      objects: [id],
      said,
      name: name.value,
      back: `/portal/collections/${row.collection}`,
    };
  }
  if (id) {
    const row = await recordById(db, customerId, id);
    const opened = await visit.open('delete');
    const keys = row && opened.ok ? await opened.value.keysOf([row]) : null;
    const key = keys?.ok ? keys.value.get(id) : undefined;
    if (!row || key === undefined) return null;
    const said = fill(words.delete.record, { name: nameText(key), collection: row.collection });
    return {
      ...named,
      what: 'items',
      records: [id],
      said,
      name: key,
      back: `/portal/collections/${row.collection}`,
    };
  }
  const collections = await collectionsOf(db, customerId);
  const wanted = c.req.param('collection');
  const within =
    wanted === undefined ? collections : collections.filter((it) => it.collection === wanted);
  if (within.length === 0) return null;
  const count = (of: (it: (typeof within)[number]) => number) =>
    numberText(
      within.reduce((sum, it) => sum + Number(of(it)), 0),
      visit.place.language,
    );
  const counts = { objects: count((it) => it.objects), records: count((it) => it.records) };
  if (wanted === undefined) {
    const said = fill(words.delete.all, { ...counts, customer: account.customerName });
    return { ...named, what: 'all', said, name: account.customerKey, back: '/portal' };
  }
  const said = fill(words.delete.collection, { ...counts, collection: wanted });
  return {
    ...named,
    what: 'collection',
    collection: wanted,
    said,
    name: wanted,
    back: `/portal/collections/${wanted}`,
  };
}

function deletePage({ words, signed }: Visit, doomed: Doomed, wrong: string | null): Page {
  const said = words.delete;
  const ticked = [
    ...doomed.objects.map((id) => html`<input type="hidden" name="object" value="${id}">`),
    ...doomed.records.map((id) => html`<input type="hidden" name="record" value="${id}">`),
  ];
  return {
    title: said.title,
    section: 'held',
    here: doomed.back,
    lead: doomed.said,
    main: html`<p>${said.forGood}</p>
<form method="post" action="${doomed.action}">${tokenField(signed.token)}${ticked}
${textField({
  name: 'confirm',
  label: fill(said.type, { name: nameText(doomed.name) }),
  error: wrong,
  required: true,
  maxLength: 2_000,
})}
<p class="acts"><button type="submit" class="danger">${said.act}</button> <a class="button second" href="${doomed.back}">${said.keep}</a></p></form>`,
  };
}

function deletedPage(
  { words, place }: Visit,
  doomed: Doomed,
  events: readonly PortalEvent[],
): Page {
  const said = words.delete;
  const [event] = events;
  const counts = {
    objects: numberText(event?.type === 'CustomerDeleted' ? event.body.objects : 0, place.language),
    records: numberText(event?.type === 'CustomerDeleted' ? event.body.records : 0, place.language),
  };
  return {
    title: said.done,
    section: 'held',
    here: doomed.back,
    notice: { kind: 'done', text: fill(said.gone, counts) },
    main: html`<p><a class="button" href="${doomed.back}">${said.on}</a></p>`,
  };
}
