import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { contextFor, execute, executeAs } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import type { Violation } from '../../policy/check.ts';
import type { Request } from '../../policy/route.ts';
import { productFlow } from '../../registers/customers/store.products.ts';
import { customerFlow } from '../../registers/customers/store.ts';
import { requestsAnsweredInTime } from './checks.requests.ts';
import { type RequestCommand, requestCommand } from './facts.requests.ts';
import { requestFlow } from './flows.requests.ts';
import { requestRoutes } from './routes.requests.ts';
import { forgetRequests, isVerifiedRequest } from './store.requests.ts';

const world = await testWorld({ start: '2026-01-30T16:00:00Z' });
const { db } = world.database;
const [helper, officer] = [world.newId(), world.newId()];
const support = actorWith(helper, 'support', 'employee');
const commerce = actorWith(officer, 'commercial-officer', 'employee');
const ids = { customer: '', contact: '', other: '' };

beforeAll(async () => {
  await sql`
    insert into person (id, name) values (${helper}, 'Hana'), (${officer}, 'Chika')`.execute(db);
  const product = await execute(
    world,
    productFlow,
    productFlow.command.parse({
      do: 'addProduct',
      product: { key: 'scheduler', name: 'Scheduler', kind: 'cloud', custody: 'vault' },
    }),
    commerce,
  );
  const productId = product.ok ? product.value[0]?.subject.split('/')[1] : '';
  const register = async (key: string, email: string) => {
    const done = await execute(
      world,
      customerFlow,
      customerFlow.command.parse({
        do: 'registerCustomer',
        customer: {
          key,
          name: `Sample ${key}`,
          productId,
          basis: 'terms',
          basisReference: '2026-1',
          contacts: [{ name: 'Aya', email, language: 'ja', part: 'owner' }],
        },
      }),
      commerce,
    );
    const [account, contact] = done.ok ? done.value : [];
    return [account?.subject.split('/')[1] ?? '', String(contact?.body['contact'])] as const;
  };
  [ids.customer, ids.contact] = await register('alpha', 'aya@example.com');
  [ids.other] = await register('beta', 'ben@example.com');
});

const run = (given: object, actor: Actor = support) =>
  execute(world, requestFlow, requestCommand.parse(given) as RequestCommand, actor);

async function opened(given: object, actor: Actor = support): Promise<string> {
  const done = await run(
    { do: 'openRequest', kind: 'export', what: 'All of it.', ...given },
    actor,
  );
  if (!done.ok) throw new Error(done.refusal.code);
  return done.value[0]?.subject.split('/')[1] ?? '';
}

const lateOn = async (now: Temporal.Instant) =>
  (
    await sql<Violation>`${requestsAnsweredInTime.violations(now, 'Asia/Tokyo')}`.execute(db)
  ).rows.map(({ label }) => label);
const late = () => lateOn(world.now());

describe('a request about data (RET-4)', () => {
  test('identityBeforeAnswer: nothing is answered before it was made sure of who asks', async () => {
    const requestId = await opened({ channel: 'letter', customerId: ids.customer });
    const answer = { do: 'answerRequest', requestId, outcome: 'done', answer: 'Here it is.' };
    expect(await run(answer)).toMatchObject({
      ok: false,
      refusal: { code: 'identityNotVerified', guard: 'RET-4' },
    });
    const asked = { requestId, customerId: ids.customer, kind: 'export' };
    expect(await isVerifiedRequest(db, asked)).toBe(false);
    const verify = { do: 'verifyIdentity', requestId, method: 'calledBack', note: 'Rang her.' };
    expect(await run(verify)).toMatchObject({ ok: true });
    expect(await isVerifiedRequest(db, asked)).toBe(true);
    expect(await isVerifiedRequest(db, { ...asked, customerId: ids.other })).toBe(false);
    expect(await isVerifiedRequest(db, { ...asked, kind: 'close' })).toBe(false);
    expect(await run(answer)).toMatchObject({
      ok: true,
      value: [{ body: { outcome: 'done', by: helper, days: 0, late: false } }],
    });
    expect(await run(answer)).toMatchObject({ refusal: { code: 'requestAnswered' } });
  });

  test('somebody who is not in the register is taken in, found later, or sent away unverified', async () => {
    const requestId = await opened({
      channel: 'mail',
      fromName: 'Somebody',
      fromAddress: 'somebody@example.com',
    });
    const verify = { do: 'verifyIdentity', requestId, method: 'document', note: 'Passport.' };
    expect(await run(verify)).toMatchObject({ refusal: { code: 'requestUnmatched' } });
    const match = { do: 'matchRequest', requestId, customerId: ids.other };
    expect(await run({ ...match, contactId: ids.contact })).toMatchObject({
      refusal: { code: 'contactUnknown' },
    });
    expect(await run(match)).toMatchObject({ ok: true });
    expect(await run(match)).toMatchObject({ refusal: { code: 'requestMatched' } });
    const before = world.sent.length;
    const away = { do: 'answerRequest', requestId, outcome: 'unverified', answer: 'Not him.' };
    expect(await run(away)).toMatchObject({ ok: true });
    expect(world.sent.length).toBe(before);
  });

  test('at the portal who asks is who signed in, whatever the command says', async () => {
    const contact: Actor = {
      kind: 'contact',
      id: ids.contact,
      customerId: ids.customer,
      part: 'owner',
      roles: ['customer'],
      language: 'ja',
    };
    const id = await opened({ channel: 'letter', customerId: ids.other }, contact);
    const found = await requestRoutes.getCustomerRequest.handle(request(support), {
      requestId: id,
    });
    expect(found).toMatchObject({
      value: {
        channel: 'portal',
        customer: { key: 'alpha' },
        method: 'signedIn',
        standing: 'open',
      },
    });
    expect(world.sent.at(-1)).toMatchObject({
      kind: 'customerMail',
      to: ids.contact,
      template: 'retention.requestReceived',
      path: `/portal/requests/${id}`,
    });
    const answer = { do: 'answerRequest', requestId: id, outcome: 'done', answer: 'Done.' };
    expect(await run(answer, contact)).toMatchObject({ refusal: { code: 'notAllowed' } });
  });

  test('is due at the end of the thirtieth day, extended once, late after that', async () => {
    const requestId = await opened({
      channel: 'letter',
      customerId: ids.customer,
      receivedOn: '2026-01-31',
    });
    const due = async () => {
      const { rows } = await sql<{ at: string; task: string }>`
        select (request.due_at at time zone 'Asia/Tokyo')::text as at,
          (task.due_at at time zone 'Asia/Tokyo')::text as task
        from customer_request request join task on task.subject = 'request/' || request.id
        where request.id = ${requestId} and task.cancelled_at is null`.execute(db);
      return rows[0];
    };
    // January has 31 days, February 28: the thirtieth day after 31 January is 2 March.
    expect(await due()).toEqual({ at: '2026-03-03 00:00:00', task: '2026-03-03 00:00:00' });
    const tomorrow = { channel: 'letter', kind: 'access', what: 'x', receivedOn: '2026-02-01' };
    expect(await run({ do: 'openRequest', ...tomorrow })).toMatchObject({
      refusal: { code: 'receivedInFuture' },
    });
    world.advance(Temporal.Instant.from('2026-03-02T14:59:59Z'));
    expect(await late()).toEqual([]);
    const extend = { do: 'extendRequest', requestId, reason: 'It is much.' };
    expect(await run(extend)).toMatchObject({ refusal: { code: 'notAllowed' } });
    expect(await run(extend, commerce)).toMatchObject({ ok: true });
    expect(await due()).toEqual({ at: '2026-04-02 00:00:00', task: '2026-04-02 00:00:00' });
    expect(await run(extend, commerce)).toMatchObject({ refusal: { code: 'alreadyExtended' } });
    world.advance(Temporal.Instant.from('2026-03-02T15:00:00Z'));
    expect(await late()).toEqual(['3']);
    const next = await requestsAnsweredInTime.nextChange?.(db, world.now(), 'Asia/Tokyo');
    expect(next?.toString()).toBe('2026-04-01T15:00:00Z');
  });

  test('given to somebody it stands on their Today, and no longer on support’s', async () => {
    const requestId = await opened({ channel: 'telephone', customerId: ids.customer });
    await run({ do: 'assignRequest', requestId, ownerId: officer });
    const { rows } = await sql<{ assignee: string | null; role: string | null }>`
      select assignee_id as assignee, role from task
      where subject = ${`request/${requestId}`} and cancelled_at is null`.execute(db);
    expect(rows).toEqual([{ assignee: officer, role: null }]);
  });

  test('the days are the organisation’s to set, and what is open keeps its day', async () => {
    const settings = { answerDays: 14, extensionDays: 10 };
    const change = { do: 'changeRequestSettings', settings };
    expect(await run(change)).toMatchObject({ refusal: { code: 'notAllowed' } });
    expect(await run(change, commerce)).toMatchObject({ ok: true });
    const requestId = await opened({ channel: 'letter', customerId: ids.customer });
    const { rows } = await sql<{ days: number }>`
      select ((due_at at time zone 'Asia/Tokyo')::date - received_on)::int as days
      from customer_request where id = ${requestId}`.execute(db);
    // The first instant that no longer belongs to the fourteenth day.
    expect(rows).toEqual([{ days: 15 }]);
  });

  test('its figures, filters and CSV agree; when its time is over nothing personal is left', async () => {
    const figures = await requestRoutes.readRequestFigures.handle(request(support), {});
    expect(figures).toMatchObject({ value: { open: 4, late: 1, answered: 2, inTime: 2 } });
    const list = (query: object) =>
      requestRoutes.listCustomerRequests.handle(
        request(support),
        requestRoutes.listCustomerRequests.input.parse(query),
      );
    expect(await list({ standing: 'late' })).toMatchObject({
      value: { total: 1, items: [{ number: 3, standing: 'late' }] },
    });
    expect(await list({ standing: 'answered' })).toMatchObject({ value: { total: 2 } });
    const { rows } = await sql<{ id: string }>`
      select id from customer_request where outcome = 'unverified'`.execute(db);
    const over = rows.map(({ id }) => id);
    const context = await contextFor(world, support);
    await db.transaction().execute((tx) => forgetRequests(tx, over, context));
    const left = await sql<{ row: string }>`
      select row_to_json(request)::text as row from customer_request request
      where id = any(${over}::uuid[])`.execute(db);
    for (const trace of ['Somebody', 'example.com', 'All of it', 'Not him'])
      expect(left.rows[0]?.row).not.toContain(trace);
  });

  test('what is late is not extended, and counts for twelve months after it was answered at last', async () => {
    const { rows } = await sql<{ id: string }>`
      select id from customer_request where number = 3`.execute(db);
    const requestId = rows[0]?.id ?? '';
    expect(await run({ do: 'extendRequest', requestId, reason: 'Much.' }, commerce)).toMatchObject({
      refusal: { code: 'extensionTooLate', params: { number: 3 } },
    });
    const answer = { do: 'answerRequest', requestId, outcome: 'done', answer: 'Here it is.' };
    expect(await run(answer)).toMatchObject({ ok: true });
    const answeredAt = world.now();
    const over = answeredAt.add({ hours: 365 * 24 });
    expect(await late()).toEqual(['3']);
    expect(await lateOn(over.subtract({ milliseconds: 1 }))).toContain('3');
    expect(await lateOn(over)).not.toContain('3');
  });
});

function request(actor: Actor): Request {
  return {
    db,
    execute: executeAs(world, actor),
    actor,
    now: world.now(),
    zone: 'Asia/Tokyo',
    language: 'en',
    may: () => true,
    url: world.url,
  };
}
