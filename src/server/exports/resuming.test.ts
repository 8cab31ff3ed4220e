import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { beforeEach, describe, expect, it } from 'vitest';
import { exportsArriveWhole } from '../../clauses/retention/checks.exports.ts';
import { Fault } from '../../kernel/fault.ts';
import { contextFor, execute } from '../../platform/execute.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { exportBy, exportsOf, partsOf } from '../../registers/portal/store.exports.ts';
import { keptOfExports } from '../../registers/portal/store.kinds.ts';
import { portalFlow } from '../../registers/portal/store.ts';
import { archiveBytes, archiveSize } from './sealed.ts';
import { bytesOf, collected, must, opened, type SampleAccount, sampleAccount } from './testing.ts';
import { unzip } from './unzip.fixture.ts';
import { makeNext } from './worker.ts';

const never = new AbortController().signal;
const few = 4;
/** More than one part holds. */
const many = 36;
const contentOf = (n: number): Buffer =>
  Buffer.alloc(n < few ? 10_000 : 2_000_000, `content ${n} `);

let world: TestWorld;
let account: SampleAccount;

beforeEach(async () => {
  world = await testWorld();
  account = await sampleAccount(world, 'resumed');
  await fill(0, few);
});

async function fill(from: number, to: number): Promise<void> {
  const open = await opened(world, account.customerId);
  for (let n = from; n < to; n++) {
    const bytes = bytesOf(contentOf(n));
    must(await open.writeObject({ collection: 'video', name: `${n}.bin`, bytes }));
  }
}

async function asked(): Promise<string> {
  const { customerId, owner } = account;
  const [event] = must(
    await execute(world, portalFlow, { do: 'askExport', customerId, form: 'plain' }, owner),
  );
  return String(event?.body['export']);
}

/** The world, in which storing dies after so many files: nothing after it happens, as in a crash. */
function dyingAfter(puts: number): TestWorld {
  let left = puts;
  const { objects } = world;
  const dead = (): never => {
    throw new Fault('the process is gone', { retryable: true });
  };
  const put: typeof objects.put = (name, source) =>
    left-- > 0 ? objects.put(name, source) : dead();
  const dying = Object.create(objects, { put: { value: put } });
  return { ...world, objects: dying };
}

const storedOf = async (): Promise<number> =>
  (await Array.fromAsync(world.objects.list(account.customerId))).length;

describe('an export that is cut off', () => {
  it('goes on where it was, with what was complete, and comes out the same (RET-4)', async () => {
    await fill(few, many);
    const exportId = await asked();
    // One part and its trail, then the end of the process in the middle of the next.
    await makeNext(dyingAfter(3), world.newId(), never).catch(() => undefined);
    const before = await partsOf(world.database.db, exportId);
    expect(before.length).toBe(1);
    // Whatever the dead worker had taken is free again once its word is over.
    world.advance({ hours: 1 });
    expect(await makeNext(world, world.newId(), never)).toBe(true);
    const row = await exportBy(world.database.db, account.customerId, exportId);
    expect(row).toMatchObject({ state: 'done', objects: many });
    const parts = await partsOf(world.database.db, exportId);
    expect(parts[0]).toEqual(before[0]);
    const { door } = await opened(world, account.customerId);
    const bytes = await collected(archiveBytes(door, parts, { from: 0, to: archiveSize(parts) }));
    const found = unzip(bytes).filter(({ path }) => path.startsWith('objects/'));
    const digests = new Set(
      found.map((file) => createHash('sha256').update(file.bytes).digest('hex')),
    );
    for (let n = 0; n < many; n++) {
      expect(digests.has(createHash('sha256').update(contentOf(n)).digest('hex'))).toBe(true);
    }
    expect(found.length).toBe(many);
  });

  it('is taken over only when its worker gives no sign', async () => {
    await asked();
    await sql`
      update portal_export set state = 'running', worker = ${world.newId()},
        worker_until = ${world.now().add({ minutes: 2 })}`.execute(world.database.db);
    expect(await makeNext(world, world.newId(), never)).toBe(false);
    world.advance({ minutes: 2 });
    expect(await makeNext(world, world.newId(), never)).toBe(true);
  });

  it('is cancelled, and nothing of it stays', async () => {
    const stored = await storedOf();
    const exportId = await asked();
    const { customerId, owner } = account;
    await makeNext(dyingAfter(3), world.newId(), never).catch(() => undefined);
    must(await execute(world, portalFlow, { do: 'cancelExport', customerId, exportId }, owner));
    expect(await partsOf(world.database.db, exportId)).toEqual([]);
    const { rows } = await sql<{
      name: string;
    }>`select stored_as as name from vault_discard`.execute(world.database.db);
    for (const { name } of rows) await world.objects.remove(name);
    expect(await storedOf()).toBe(stored);
    // What is left is a row, which goes by its schedule (RET-1).
    const [kind] = keptOfExports;
    const kept = () => kind?.rows('closed').execute(world.database.db);
    expect((await kept())?.rows).toMatchObject([{ id: exportId, customer_id: customerId }]);
    const context = await contextFor(world, { kind: 'system', id: 'test' });
    await world.database.db
      .transaction()
      .execute(async (tx) => kind?.remove(tx, [exportId], context));
    expect((await kept())?.rows).toEqual([]);
  });

  it('is not done where what was stored is not what was read back', async () => {
    const exportId = await asked();
    const { objects } = world;
    let puts = 0;
    const flipping = Object.create(objects, {
      put: {
        value: async (name: string, source: AsyncIterable<Uint8Array>) => {
          const bytes = await collected(source);
          // Sealed by the customer's own key, but another's content: a trail that does not fit.
          if (puts++ === 1) return objects.put(name, bytesOf(bytes.subarray(0, bytes.length - 40)));
          return objects.put(name, bytesOf(bytes));
        },
      },
    });
    for (let time = 0; time < 4; time++)
      await makeNext({ ...world, objects: flipping }, world.newId(), never);
    const row = await exportBy(world.database.db, account.customerId, exportId);
    expect(row?.state).toBe('failed');
    expect(row?.failure).toBeTruthy();
    expect((await exportsOf(world.database.db, account.customerId)).length).toBe(1);
    // The check sees it until another one has come.
    const violations = () =>
      exportsArriveWhole.violations(world.now(), 'UTC').execute(world.database.db);
    expect((await violations()).rows.length).toBe(1);
    world.advance({ minutes: 1 });
    await asked();
    await makeNext(world, world.newId(), never);
    expect((await violations()).rows).toEqual([]);
    world.advance({ minutes: 1 });
    await asked();
    world.advance({ hours: 25 });
    expect((await violations()).rows).toMatchObject([{ detail: { state: 'asked' } }]);
  });
});
