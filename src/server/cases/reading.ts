import { shownBytes } from '../../clauses/customer-data/facts.viewing.ts';
import { personOf } from '../../kernel/actor.ts';
import type { Db } from '../../kernel/db.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { World } from '../../platform/world.ts';
import type { Request, Streamed } from '../../policy/route.ts';
import { objectById } from '../../registers/vault/store.objects.ts';
import { recordById } from '../../registers/vault/store.records.ts';
import type { OpenCustomer } from '../vault/door.ts';
import { openCustomer } from '../vault/opening.ts';
import { caseOf, coversWhole } from './contents.ts';

/** Reading under a case: every plaintext here comes through the door, and each read is an entry. */

/** Opens the customer of a case to whoever asked for it; whether it may be read, the door asks. */
export async function openUnderCase(
  world: World,
  { db, actor }: Request,
  caseId: string,
  copy = false,
): Promise<Result<OpenCustomer, Refusal>> {
  if (!actor) return refuse('needsPerson');
  const mine = await caseOf(db, caseId, personOf(actor));
  if (!mine) return refuseByGuard('CUS-3', 'caseNotYours');
  const { customerId, purpose } = mine;
  return openCustomer(world, customerId, { by: 'case', caseId, actor, purpose, copy });
}

interface Wanted {
  readonly what: 'object' | 'record';
  readonly itemId: string;
  readonly copy: boolean;
}

/**
 * One object or record. The type says nothing of what it is, so that no browser runs it; it is kept
 * nowhere; and its file name is an id. Only a copy is whole: what is shown ends at `shownBytes`.
 */
export async function readContent(
  customer: OpenCustomer,
  db: Db,
  { what, itemId, copy }: Wanted,
): Promise<Streamed | Result<never, Refusal>> {
  if (what === 'record') {
    const read = await customer.readRecord(itemId);
    if (!read.ok) return read;
    const text = JSON.stringify({ key: read.value.key, value: read.value.value });
    return {
      stream: once(text),
      mediaType: 'application/octet-stream',
      filename: `${itemId}.json`,
    };
  }
  const row = await objectById(db, customer.customerId, itemId);
  const partly = !copy && row !== null && row.size > shownBytes;
  const read = await customer.readObject(itemId, partly ? { from: 0, to: shownBytes } : undefined);
  if (!read.ok) return read;
  return {
    stream: read.value.bytes,
    mediaType: 'application/octet-stream',
    filename: `${itemId}.bin`,
  };
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

/** Names within the scope: one read for a whole collection, else one read each. */
export async function namesUnderCase(
  customer: OpenCustomer,
  db: Db,
  caseId: string,
  {
    collection,
    what,
    itemIds,
  }: {
    readonly collection: string;
    readonly what: 'object' | 'record';
    readonly itemIds: readonly string[];
  },
): Promise<Result<readonly { readonly id: string; readonly name: string }[], Refusal>> {
  const whole = await coversWhole(db, caseId, collection);
  if (what === 'record') {
    const found = await Promise.all(itemIds.map((id) => recordById(db, customer.customerId, id)));
    const rows = found.filter((row) => row !== null && row.collection === collection);
    return listed(await customer.keysOf(rows.filter((row) => row !== null)));
  }
  const found = await Promise.all(itemIds.map((id) => objectById(db, customer.customerId, id)));
  const rows = found.filter((row) => row !== null).filter((row) => row.collection === collection);
  if (whole) return listed(await customer.namesOf(rows));
  const names: { readonly id: string; readonly name: string }[] = [];
  for (const row of rows) {
    const name = await customer.nameOf(row);
    if (!name.ok) return name;
    names.push({ id: row.id, name: name.value });
  }
  return ok(names);
}

function listed(names: Result<ReadonlyMap<string, string>, Refusal>) {
  return names.ok ? ok([...names.value].map(([id, name]) => ({ id, name }))) : names;
}
