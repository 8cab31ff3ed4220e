import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { decide, end, entries, open } from '../../clauses/customer-data/acts.fixture.ts';
import { acme, as, company, who } from '../../clauses/customer-data/cases.fixture.ts';
import type { Actor } from '../../kernel/actor.ts';
import { executeAs } from '../../platform/execute.ts';
import type { TestWorld } from '../../platform/testing/world.ts';
import type { Request } from '../../policy/route.ts';
import { openCustomer } from '../vault/opening.ts';
import { caseRoutes } from './routes.ts';
import { storeObject, storeRecord } from './testing.ts';

let world: TestWorld;
let routes: ReturnType<typeof caseRoutes>;

function request(actor: Actor): Request {
  return {
    db: world.database.db,
    execute: executeAs(world, actor),
    actor,
    now: world.now(),
    zone: 'Asia/Tokyo',
    language: 'en',
    may: (action) => world.authorizer.allows(actor, { action }),
    url: world.url,
  };
}

async function said(answer: Awaited<ReturnType<typeof routes.readUnderCase.handle>>) {
  if (!('stream' in answer)) return answer.ok ? 'done' : answer.refusal.code;
  const parts: Buffer[] = [];
  for await (const part of answer.stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}

/** Sami's case about the collection, or about names of it, open. */
async function openedFor(names: readonly string[] = [], copy = false): Promise<string> {
  const asked = await routes.requestCase.handle(request(as('sami')), {
    customerId: acme,
    purpose: 'a schedule does not load',
    basis: 'contract',
    basisReference: '§ 7',
    consent: null,
    scope: [{ collection: 'schedules', itemIds: [], names: [...names] }],
    fromOn: null,
    toOn: null,
    hours: 4,
    copy,
    emergency: false,
  });
  if (!('ok' in asked) || !asked.ok) throw new Error(JSON.stringify(asked));
  const { id } = asked.value;
  await decide(world, as('cora'), id, 'approve');
  await open(world, as('sami'), id);
  return id;
}

let object: string;
let record: string;

beforeAll(async () => {
  world = await company();
  routes = caseRoutes(world);
  object = await storeObject(world, 'January 2026.txt', 'the plan of January');
  record = await storeRecord(world, 'shift-1', { nurse: 'Hana' });
  await storeObject(world, 'another.txt', 'the plan of February');
});

describe('CUS-3: nobodyReadsOutsideTheirCase, through the viewer', () => {
  test('contents, names and one object at a time, each read in the ledger', async () => {
    const id = await openedFor();
    const before = (await entries(world, 'StaffDecrypted')).length;
    const contents = await routes.listCaseContents.handle(request(as('sami')), {
      id,
      collection: 'schedules',
      what: 'object',
    });
    expect(contents).toMatchObject({ ok: true, value: { more: false } });
    expect(await entries(world, 'StaffDecrypted')).toHaveLength(before);
    const wanted = { id, collection: 'schedules', what: 'object', itemIds: [object] } as const;
    const names = await routes.listNamesUnderCase.handle(request(as('sami')), {
      ...wanted,
      itemIds: [object],
    });
    expect(names).toEqual({
      ok: true,
      value: { names: [{ id: object, name: 'January 2026.txt' }] },
    });
    const read = { id, what: 'object', itemId: object, copy: false } as const;
    expect(await said(await routes.readUnderCase.handle(request(as('sami')), read))).toBe(
      'the plan of January',
    );
    const one = { id, what: 'record', itemId: record, copy: false } as const;
    expect(await said(await routes.readUnderCase.handle(request(as('sami')), one))).toBe(
      '{"key":"shift-1","value":{"nurse":"Hana"}}',
    );
    const told = (await entries(world, 'StaffDecrypted')).slice(before);
    expect(told).toMatchObject([
      { what: 'names' },
      { what: 'object', item: object },
      { what: 'record', item: record },
    ]);
    expect(JSON.stringify(told)).not.toMatch(/January|Hana|shift-1/);
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from vault_unwrap where by_kind = 'case' and person_id = ${who.sami}`.execute(
      world.database.db,
    );
    expect(rows[0]?.n).toBe(3);
  });

  test('the use of the key is counted at the moment at which the read was allowed', async () => {
    const id = await openedFor();
    const clock = world.now;
    const ticking = vi.spyOn(world, 'now').mockImplementation(() => {
      world.advance(clock().add({ milliseconds: 1 }));
      return clock();
    });
    const read = { id, what: 'object', itemId: object, copy: false } as const;
    await said(await routes.readUnderCase.handle(request(as('sami')), read));
    ticking.mockRestore();
    const { rows } = await sql<{ together: boolean }>`
      select used.to_at = read.at as together
      from vault_unwrap used join case_read read on read.case_id::text = used.by_id
      where read.case_id = ${id}`.execute(world.database.db);
    expect(rows).toEqual([{ together: true }]);
  });

  test('names asked for are found without being shown; only they are in the scope', async () => {
    const id = await openedFor(['January 2026.txt']);
    const other = await openedFor();
    const listed = await routes.listCaseContents.handle(request(as('sami')), {
      id: other,
      collection: 'schedules',
      what: 'object',
    });
    const ids = 'ok' in listed && listed.ok ? listed.value.items.map((item) => item.id) : [];
    expect(ids).toHaveLength(2);
    const answers = await Promise.all(
      ids.map(async (itemId) =>
        said(
          await routes.readUnderCase.handle(request(as('sami')), {
            id,
            what: 'object',
            itemId,
            copy: false,
          }),
        ),
      ),
    );
    expect(answers.sort()).toEqual(['outsideScope', 'the plan of January']);
    await expect(openedFor(['nobody has this'])).rejects.toThrow(/namesUnknown/);
  });

  test('no copy unless the case grants it, and a copy is on record as one', async () => {
    const plain = await openedFor();
    const copy = { what: 'object', itemId: object, copy: true } as const;
    expect(
      await said(await routes.readUnderCase.handle(request(as('sami')), { id: plain, ...copy })),
    ).toBe('copyNotGranted');
    const granted = await openedFor([], true);
    expect(
      await said(await routes.readUnderCase.handle(request(as('sami')), { id: granted, ...copy })),
    ).toBe('the plan of January');
    expect((await entries(world, 'StaffDecrypted')).at(-1)).toMatchObject({ copy: true });
  });

  test('nobody else reads under it, and nobody once it is closed', async () => {
    const id = await openedFor();
    const read = { id, what: 'object', itemId: object, copy: false } as const;
    for (const name of ['sora', 'cora', 'olga', 'audi'] as const) {
      expect(await said(await routes.readUnderCase.handle(request(as(name)), read))).toBe(
        'caseNotYours',
      );
    }
    await end(world, as('sami'), id);
    expect(await said(await routes.readUnderCase.handle(request(as('sami')), read))).toBe(
      'caseNotOpen',
    );
  });

  test('a case that runs out is refused in the middle of a read', async () => {
    const large = await storeObject(world, 'large.bin', randomBytes(24 * 1024 * 1024));
    const id = await openedFor([], true);
    const opened = await openCustomer(world, acme, {
      by: 'case',
      caseId: id,
      actor: as('sami'),
      purpose: 'x',
      copy: true,
    });
    if (!opened.ok) throw new Error(opened.refusal.code);
    const read = await opened.value.readObject(large);
    if (!read.ok) throw new Error(read.refusal.code);
    let seen = 0;
    const whole = (async () => {
      for await (const part of read.value.bytes) {
        seen += part.length;
        if (seen > 1024 * 1024 && seen - part.length <= 1024 * 1024) world.advance({ hours: 5 });
      }
    })();
    await expect(whole).rejects.toMatchObject({ refusal: { code: 'caseExpired' } });
    expect(seen).toBeLessThan(12 * 1024 * 1024);
  });
});
