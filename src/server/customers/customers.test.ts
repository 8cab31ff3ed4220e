import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { providerCommand } from '../../clauses/retention/facts.provider.ts';
import { type RequestCommand, requestCommand } from '../../clauses/retention/facts.requests.ts';
import { providerFlow } from '../../clauses/retention/flows.provider.ts';
import { requestFlow } from '../../clauses/retention/flows.requests.ts';
import { contextFor, execute, executeAs } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import type { Request } from '../../policy/route.ts';
import { eraseCustomer } from '../../registers/customers/store.erase.ts';
import { productFlow } from '../../registers/customers/store.products.ts';
import { customerFlow, setCustomerState } from '../../registers/customers/store.ts';
import { erasure } from '../erasure.ts';
import { tick } from '../tick.ts';
import { customerRoutes } from './routes.ts';

const world = await testWorld();
const { db } = world.database;
const officer = actorWith(world.newId(), 'commercial-officer', 'security-officer', 'employee');
const system = { kind: 'system', id: 'test' } as const;
const routes = customerRoutes(world);
const of = { customer: '', other: '' };

function request(): Request {
  return {
    db,
    execute: executeAs(world, officer),
    actor: officer,
    now: world.now(),
    zone: 'Asia/Tokyo',
    language: 'en',
    may: () => true,
    url: world.url,
  };
}

async function answerOf(name: string, input: object) {
  const answer = await routes[name]?.handle(request(), input as never);
  if (!answer || 'stream' in answer) throw new Error(`${name} answers with a value`);
  return answer;
}

async function register(key: string, productId: string): Promise<string> {
  const command = customerFlow.command.parse({
    do: 'registerCustomer',
    customer: {
      key,
      name: `Sample ${key}`,
      productId,
      basis: 'terms',
      basisReference: '2026-1',
      contacts: [{ name: 'Aya', email: 'aya@example.com', language: 'ja', part: 'owner' }],
    },
  });
  const done = await execute(world, customerFlow, command, officer);
  return done.ok ? (done.value[0]?.subject.split('/')[1] ?? '') : '';
}

beforeAll(async () => {
  await sql`insert into person (id, name) values (${'id' in officer ? officer.id : ''}, 'Chika')`.execute(
    db,
  );
  const added = await execute(
    world,
    productFlow,
    productFlow.command.parse({
      do: 'addProduct',
      product: { key: 'scheduler', name: 'Scheduler', kind: 'cloud', custody: 'vault' },
    }),
    officer,
  );
  const productId = added.ok ? (added.value[0]?.subject.split('/')[1] ?? '') : '';
  of.customer = await register('alpha', productId);
  of.other = await register('beta', productId);
  const asked = requestCommand.parse({
    do: 'openRequest',
    customerId: of.customer,
    kind: 'export',
    channel: 'letter',
    what: 'Everything.',
  }) as RequestCommand;
  await execute(world, requestFlow, asked, officer);
  await tick(world, { registers: [], clauses: [] });
});

test('a story tells of the account and its requests, and of nobody else’s', async () => {
  const story = await answerOf('readCustomerStory', { id: of.customer, limit: 100 });
  expect(story).toMatchObject({
    value: {
      items: [
        { type: 'RequestOpened', actor: 'Chika' },
        { type: 'ContactAdded', actor: 'Chika' },
        { type: 'CustomerRegistered', actor: 'Chika' },
      ],
    },
  });
  const standing = await answerOf('readCustomerStanding', { id: of.customer });
  expect(standing).toMatchObject({
    value: {
      vault: { objects: 0, records: 0, openedAt: null },
      closure: null,
      cases: { open: 0, total: 0 },
      requests: { open: 1, late: 0, total: 1 },
    },
  });
  expect(await answerOf('readCustomerStory', { id: 'nobody', limit: 1 })).toMatchObject({
    refusal: { code: 'notFound' },
  });
});

test('a provider’s report (RET-7) is kept sealed and comes back as it was', async () => {
  const content = Buffer.from('%PDF-1.7 sample report');
  const command = providerCommand.parse({
    do: 'recordProviderReport',
    provider: 'Sample Cloud',
    title: 'Sample report',
    periodFrom: '2025-01-01',
    periodTo: '2025-12-31',
    expiresOn: '2026-12-31',
    ours: { en: 'ours', ja: '当社' },
    fileName: '"; evil\r\n.pdf',
    mediaType: 'application/pdf',
    base64: content.toString('base64'),
  });
  const done = await execute(world, providerFlow, command, officer);
  const id = done.ok ? (done.value[0]?.subject.split('/')[1] ?? '') : '';
  const { rows } = await sql<{ sealed: Buffer }>`select sealed from blob`.execute(db);
  expect(rows.some(({ sealed }) => sealed.includes('sample report'))).toBe(false);
  const answer = await routes['downloadProviderReport']?.handle(request(), { id } as never);
  if (!answer || !('stream' in answer)) throw new Error('no file');
  const pieces: Uint8Array[] = [];
  for await (const piece of answer.stream) pieces.push(Buffer.from(piece));
  expect(Buffer.concat(pieces)).toEqual(content);
  expect(answer.filename).toBe(`provider-report-${id}.pdf`);
});

test('RET-6: with what remained of an account goes what the ledger said in plaintext, of its contacts too', async () => {
  const left = async () => {
    const { rows } = await sql<{ text: string }>`
      select coalesce(string_agg(value::text, ' '), '') as text from ledger_private`.execute(db);
    return rows[0]?.text ?? '';
  };
  expect(await left()).toContain('Sample alpha');
  await db.transaction().execute(async (tx) => {
    await setCustomerState(tx, of.customer, 'gone', world.now());
    await eraseCustomer(tx, of.customer, { now: world.now() });
  });
  const room = { db, execute: executeAs(world, system), context: await contextFor(world, system) };
  const entry = { entryIndex: 0, type: 'RecordsDisposed', subject: 'disposal/2026-01-05' };
  await erasure.reactions?.['RecordsDisposed']?.(room, {
    ...entry,
    body: { kind: 'closedAccounts' },
  });
  expect(await left()).not.toContain('Sample alpha');
  expect((await left()).match(/aya@example\.com/g)).toHaveLength(1);
  expect(await left()).toContain('Sample beta');
});
