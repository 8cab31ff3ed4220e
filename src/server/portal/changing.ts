import type { Hono } from 'hono';
import type { JsonObject } from '../../kernel/json.ts';
import type { Precondition } from '../../registers/vault/facts.ts';
import { collectionName } from '../../registers/vault/facts.ts';
import { objectById } from '../../registers/vault/store.objects.ts';
import { recordById } from '../../registers/vault/store.records.ts';
import { goTo } from './answer.ts';
import { sessionSecret } from './cookie.ts';
import { idOf, object } from './held.ts';
import { boundaryOf, fieldText, formParts, MalformedForm } from './multipart.ts';
import { recordPage } from './page.held.ts';
import type { Room } from './room.ts';
import { isFormToken } from './secrets.ts';
import { forForms, forVisitors, type Posted, strangeForm, type Visit, wrongPage } from './visit.ts';

/** What the customer changes by themselves: files sent and replaced, records edited (RET-4). */
export function changingDoors(app: Hono, room: Room): void {
  app.post('/collections/:collection/upload', forVisitors(room, upload));
  app.post('/objects/:id/replace', forVisitors(room, replace));
  app.post('/records/:id', forForms(room, saveRecord));
}

async function upload(visit: Visit): Promise<Response> {
  const { c, words } = visit;
  const collection = collectionName.safeParse(c.req.param('collection'));
  if (!collection.success) return visit.show(wrongPage(words, words.notFound), 404);
  return receive(visit, async (file) => {
    const name = (file.fields.get('name') ?? '').trim() || file.filename;
    if (!name) return visit.show(wrongPage(words, words.held.noFile), 400);
    // A name that is taken is replaced on its own page, where what is there can be seen first.
    return write(visit, {
      collection: collection.data,
      name,
      precondition: { kind: 'absent' },
      file,
    });
  });
}

async function replace(visit: Visit): Promise<Response> {
  const { c, words, room, account } = visit;
  const id = idOf(c.req.param('id'));
  const row = id && (await objectById(room.world.database.db, account.customerId, id));
  if (!row) return visit.show(wrongPage(words, words.notFound), 404);
  const opened = await visit.open('change');
  const name = opened.ok ? await opened.value.nameOf(row) : opened;
  if (!name.ok) return visit.show(wrongPage(words, visit.say(name.refusal)), 422);
  return receive(visit, async (file) => {
    const revision = Number(file.fields.get('revision'));
    const precondition = { kind: 'revision', id: row.id, revision } as const;
    return write(visit, { collection: row.collection, name: name.value, precondition, file });
  });
}

interface ReceivedFile {
  readonly filename: string;
  readonly mediaType: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly fields: ReadonlyMap<string, string>;
}

/** Reads a form up to its file, checks its token, and hands the file on while it is still coming. */
async function receive(
  visit: Visit,
  take: (file: ReceivedFile) => Promise<Response>,
): Promise<Response> {
  const { c, room, words } = visit;
  const boundary = boundaryOf(c.req.header('content-type'));
  const body = c.req.raw.body;
  if (!boundary || !body) return strangeForm(visit);
  const fields = new Map<string, string>();
  try {
    for await (const part of formParts(body, boundary)) {
      if (part.filename === null) {
        fields.set(part.name, await fieldText(part));
        continue;
      }
      const secret = sessionSecret(c, room.world.url) ?? '';
      if (!isFormToken(fields.get('token'), secret)) return strangeForm(visit);
      const { filename, mediaType, bytes } = part;
      return await take({ filename, mediaType, bytes, fields });
    }
    return visit.show(wrongPage(words, words.held.noFile), 400);
  } catch (thrown) {
    if (!(thrown instanceof MalformedForm)) throw thrown;
    return visit.show(wrongPage(words, words.held.cutOff), 400);
  }
}

interface Writing {
  readonly collection: string;
  readonly name: string;
  readonly precondition: Precondition;
  readonly file: ReceivedFile;
}

async function write(
  visit: Visit,
  { collection, name, precondition, file }: Writing,
): Promise<Response> {
  const { words } = visit;
  const opened = await visit.open('change');
  if (!opened.ok) return visit.show(wrongPage(words, visit.say(opened.refusal)), 422);
  const mediaType = /^[\w.+-]+\/[\w.+-]+/.exec(file.mediaType)?.[0] ?? null;
  const { bytes } = file;
  const done = await opened.value.writeObject({ collection, name, bytes, mediaType, precondition });
  if (done.ok) return goTo(visit.c, `/portal/objects/${done.value.id}`);
  const taken = done.refusal.code === 'preconditionFailed';
  if (taken && precondition.kind === 'revision')
    return object(visit, { wrong: words.held.changedMeanwhile });
  const said = taken ? words.held.nameTaken : visit.say(done.refusal);
  return visit.show(wrongPage(words, said), 422);
}

/** Saves a record as it was edited, if nobody changed it meanwhile. */
async function saveRecord(visit: Posted): Promise<Response> {
  const { c, words, room, account, fields } = visit;
  const id = idOf(c.req.param('id'));
  const find = (wanted: string) => recordById(room.world.database.db, account.customerId, wanted);
  const row = id && (await find(id));
  if (!row) return visit.show(wrongPage(words, words.notFound), 404);
  const opened = await visit.open('change');
  const read = opened.ok ? await opened.value.readRecord(row.id) : opened;
  if (!opened.ok || !read.ok) {
    const refusal = opened.ok && !read.ok ? read.refusal : { code: 'accountErased', params: {} };
    return visit.show(wrongPage(words, visit.say(refusal)), 422);
  }
  const { key } = read.value;
  const typed = fields['value'] ?? '';
  const parsed = parsedObject(typed);
  if (typeof parsed === 'string') {
    const problem = parsed === '' ? words.held.notObject : `${words.held.notJson} ${parsed}`;
    return visit.show(recordPage(visit, { row, key, text: typed, problem }), 422);
  }
  const precondition = {
    kind: 'revision',
    id: row.id,
    revision: Number(fields['revision']),
  } as const;
  const done = await opened.value.writeRecords(row.collection, [
    { key, value: parsed, precondition },
  ]);
  const now = (await find(row.id)) ?? row;
  if (done.ok) {
    const text = JSON.stringify(parsed, null, 2);
    return visit.show(recordPage(visit, { row: now, key, text, problem: null }, words.held.saved));
  }
  const changed = done.refusal.code === 'preconditionFailed';
  const problem = changed
    ? `${words.held.changedMeanwhile} ${JSON.stringify(read.value.value)}`
    : visit.say(done.refusal);
  return visit.show(
    recordPage(visit, { row: now, key, text: typed, problem }),
    changed ? 409 : 422,
  );
}

/** The object that a text is; where it is none, what is wrong with it, '' where it is another value. */
function parsedObject(typed: string): JsonObject | string {
  try {
    const value: unknown = JSON.parse(typed);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as JsonObject) : '';
  } catch (error) {
    return error instanceof SyntaxError ? error.message : '?';
  }
}
