import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { decide, open } from '../../clauses/customer-data/acts.fixture.ts';
import {
  acme,
  as,
  company,
  outcome,
  wanted,
  who,
} from '../../clauses/customer-data/cases.fixture.ts';
import { requestCase } from '../../clauses/customer-data/flows.ts';
import { type Role, roles } from '../../kernel/actor.ts';
import { execute } from '../../platform/execute.ts';
import { issueToken } from '../../platform/identity/identity.ts';
import { TestBrowser } from '../../platform/testing/browser.ts';
import type { TestWorld } from '../../platform/testing/world.ts';
import { readDictionary } from '../../platform/words.ts';
import { composeApp } from '../compose.ts';
import { sources } from '../composition.ts';
import { openSetupGate } from '../setup.ts';
import { asProduct, storeObject, storeRecord } from './testing.ts';

/** Sentences that nobody of the staff may ever be sent: in contents, and in names. */
const canary = 'the canary sings at half past four';
const nameCanary = 'canary-of-names';
/** A name that is known, and sent: whoever knows it gets no further by it. */
const known = 'rota-2026';
const system = { kind: 'system', id: 'test' } as const;

/** The vault tells its paths apart by itself: each of them, as a product would ask. */
const vaultDoors = [
  'GET /vault/v1',
  'GET /vault/v1/customers/acme',
  'PUT /vault/v1/customers/acme',
  'GET /vault/v1/customers/acme/collections',
  ...['objects', 'records', 'metadata', 'verification', 'uploads'].flatMap((kind) => [
    `GET /vault/v1/customers/acme/collections/schedules/${kind}`,
    `GET /vault/v1/customers/acme/collections/schedules/${kind}/${known}`,
  ]),
  'POST /vault/v1/customers/acme/collections/schedules/records-get',
  'POST /vault/v1/customers/acme/keys',
  ...['wrap', 'unwrap', 'rewrap', 'rewrapped'].map(
    (act) => `POST /vault/v1/customers/acme/keys/${act}`,
  ),
].map((line) => ({ method: line.split(' ')[0] ?? '', path: line.split(' ')[1] ?? '' }));

interface Door {
  readonly method: string;
  readonly path: string;
}

let world: TestWorld;
let request: ConstructorParameters<typeof TestBrowser>[0];
let doors: readonly Door[];
let object: string;
let record: string;
/** Open, and Sami's: nobody else's token reads under it. */
let caseId: string;

beforeAll(async () => {
  world = await company({}, Temporal.Now.instant().toString());
  object = await storeObject(world, known, canary);
  record = await storeRecord(world, known, { text: canary });
  await storeObject(world, `${nameCanary}.txt`, canary);
  await storeRecord(world, nameCanary, { text: canary });
  const asked = await execute(
    world,
    requestCase,
    { ...wanted, scope: [...wanted.scope] },
    as('sami'),
  );
  caseId = asked.ok ? (asked.value[0]?.subject.slice('case/'.length) ?? '') : '';
  expect(await decide(world, as('cora'), caseId, 'approve')).toBe('done');
  expect(await open(world, as('sami'), caseId)).toBe('done');
  const { gate } = openSetupGate(world.now(), (bytes) => randomBytes(bytes));
  const app = await composeApp(world, await readDictionary(sources), {
    setup: gate,
    local: { actorOf: () => null },
  });
  request = (path, init, bindings) => app.request(path, init, bindings);
  const all = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => ({ method, path }));
  const named = [...all, ...vaultDoors].map(
    (door) => [`${door.method} ${door.path}`, door] as const,
  );
  doors = [...new Map(named).values()];
});

/** Every path that a door opens for, with what a prying person would put into its places. */
function placesOf({ path }: Door): readonly string[] {
  const named: Readonly<Record<string, readonly string[]>> = {
    collection: ['schedules'],
    name: [known],
    record: [known],
    customer: ['acme', acme],
    customerId: [acme],
    key: ['acme', known],
  };
  const fill = (id: string, n: number) =>
    path.replace(/:(\w+)(\{[^}]*\})?\??|\*/g, (_, name: string | undefined) => {
      const some = named[name ?? ''];
      return some ? (some[n % some.length] ?? id) : id;
    });
  const ids = [acme, object, record, caseId];
  return [...new Set(ids.flatMap((id) => [fill(id, 0), fill(id, 1)]))];
}

/** What a prying person would say: all that any operation could want. */
const prying = (id: string) => ({
  id,
  caseId: id,
  customerId: acme,
  itemId: id,
  itemIds: [object, record],
  ids: [id],
  collection: 'schedules',
  what: 'object',
  copy: true,
  purpose: 'curiosity',
  name: known,
  names: [known],
});

let callers = 0;
const browser = () => {
  const n = callers++;
  return new TestBrowser(request, world.url, `192.0.2.${n % 256}:${n}`);
};

async function tokenOf(role: Role): Promise<string> {
  const id = world.newId();
  await sql`
    insert into person (id, name, email, roles)
    values (${id}, ${`Prying ${role}`}, ${`${role}@example.com`}, ${[role, 'employee']}::text[])`.execute(
    world.database.db,
  );
  const given = { name: role, roles: [role], days: 1, personId: id };
  const issued = await issueToken(world, system, given);
  if (!issued.ok) throw new Error(issued.refusal.code);
  return issued.value.token;
}

/** Sends it, and looks at all that comes back, headers and bytes. */
async function sung(
  method: string,
  path: string,
  body: object | undefined,
  token: string,
): Promise<boolean> {
  const { headers, body: answered } = await browser().send(method, path, body, {
    authorization: `Bearer ${token}`,
  });
  const all = JSON.stringify([...headers]) + JSON.stringify(answered);
  return all.includes(canary) || all.includes(nameCanary) || all.includes(btoa(canary));
}

async function decryptedByPeople(): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select (select count(*) from vault_unwrap where person_id is not null or by_kind = 'case')::int
      + (select count(*) from case_read)::int as n`.execute(world.database.db);
  return rows[0]?.n ?? 0;
}

describe('CUS-2: noRouteShowsCustomersContents', () => {
  test('there is something to find, and a product finds it', async () => {
    expect(doors.length).toBeGreaterThan(150);
    const read = await (await asProduct(world)).readRecord(record);
    expect(read).toMatchObject({ ok: true, value: { value: { text: canary } } });
  });

  test.each(roles)(
    '%s gets nothing of it by any operation, whatever they send',
    { timeout: 240_000 },
    async (role) => {
      const token = await tokenOf(role);
      const singing: string[] = [];
      for (const door of doors) {
        const writes = door.method !== 'GET';
        for (const path of placesOf(door)) {
          const id = path.includes(object) ? object : path.includes(record) ? record : caseId;
          const body = writes ? prying(id) : undefined;
          if (await sung(door.method, path, body, token)) singing.push(`${door.method} ${path}`);
        }
      }
      expect(singing).toEqual([]);
      expect(await decryptedByPeople()).toBe(0);
    },
  );

  test('it is still there, and was not opened by anybody of the staff', async () => {
    const read = await (await asProduct(world)).readRecord(record);
    expect(outcome(read)).toBe('done');
    const { rows } = await sql<{ kinds: string[] }>`
      select array_agg(distinct by_kind) as kinds from vault_unwrap`.execute(world.database.db);
    expect(rows[0]?.kinds).not.toContain('case');
  });

  test('the ear hears: what the open case allows its requester is found by the same means', async () => {
    const owner = await issueToken(world, system, {
      name: 'sami',
      roles: ['support'],
      days: 1,
      personId: who.sami,
    });
    const token = owner.ok ? owner.value.token : '';
    const path = `/api/v1/cases/${caseId}/read`;
    expect(await sung('POST', path, { what: 'object', itemId: object }, token)).toBe(true);
    expect(await decryptedByPeople()).toBe(2);
  });
});
