import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { execute } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import { listPage } from '../list.ts';
import { newSystem } from '../systems/facts.ts';
import { systemFlow } from '../systems/store.ts';
import { parseGrants, parseRead, readGrants } from './facts.content.ts';
import { type AccessFilters, accessConditions, accessList } from './list.grants.ts';
import { approveObserved, endGrants, grantFlow } from './store.grants.ts';
import { readFlow } from './store.reads.ts';

const world = await testWorld();
const { db } = world.database;
const officer = actorWith('00000000-0000-7000-8000-000000000001', 'security-officer');
const today = Temporal.PlainDate.from('2026-01-05');

async function register(key: string): Promise<void> {
  const system = newSystem.parse({ key, name: key.toUpperCase() });
  const done = await execute(world, systemFlow, { do: 'registerSystem', system }, officer);
  expect(done.ok).toBe(true);
}

async function read(
  system: string,
  text: string,
  options: { complete?: boolean; csv?: boolean } = {},
) {
  const { content, problems } = parseRead(text, options.csv ? 'csv' : 'pairs');
  expect(problems).toEqual([]);
  const { duplicates: _, ...shown } = content;
  const command = { do: 'recordRead' as const, system, source: 'file', empty: false, ...shown };
  return await execute(
    world,
    readFlow,
    { ...command, complete: options.complete ?? true },
    officer,
  );
}

async function present(system: string): Promise<string[]> {
  const { rows } = await sql<{ pair: string }>`
    select account.name || ' ' || entitlement.name as pair from observation
    join account on account.id = account_id join entitlement on entitlement.id = entitlement_id
    join system on system.id = observation.system_id
    where system.key = ${system} and gone_at is null order by 1`.execute(db);
  return rows.map(({ pair }) => pair);
}

async function access(filters: AccessFilters = {}): Promise<string[]> {
  const page = await listPage(
    db,
    accessList(today, filters.state),
    { limit: 500, offset: 0 },
    accessConditions(filters, today),
  );
  if (!page.ok) throw new Error(page.refusal.code);
  expect(page.value.total).toBe(page.value.items.length);
  return page.value.items.map((item) => `${item.account} ${item.entitlement} ${item.state}`).sort();
}

/** Reconciliation as it is defined, without what the registers keep to find it quickly. */
async function misjudged(): Promise<number> {
  const { rows } = await sql<{ wrong: number }>`
    select count(*)::int as wrong from access_grant where revoked_at is null and observed <> exists (
      select from observation where observation.account_id = access_grant.account_id
        and observation.entitlement_id = access_grant.entitlement_id and gone_at is null)`.execute(
    db,
  );
  return rows[0]?.wrong ?? -1;
}

describe('reading a system', () => {
  test('the same list again changes nothing; a complete one without a pair proves it gone', async () => {
    await register('erp');
    const first = await read('erp', 'a x\na y\nb x\n');
    expect(first.ok && first.value[0]?.body).toMatchObject({
      pairs: 3,
      added: 3,
      gone: 0,
      newAccounts: 2,
      newEntitlements: 2,
    });
    const again = await read('erp', 'b x\na y\na x\n');
    expect(again.ok && again.value[0]?.body).toMatchObject({
      pairs: 3,
      added: 0,
      gone: 0,
      newAccounts: 0,
    });
    const digests = await sql<{ digest: string }>`select distinct digest from read`.execute(db);
    expect(digests.rows).toHaveLength(1);
    const fewer = await read('erp', 'a x\nb x\n');
    expect(fewer.ok && fewer.value[0]?.body).toMatchObject({ added: 0, gone: 1 });
    expect(await present('erp')).toEqual(['a x', 'b x']);
    const back = await read('erp', 'a x\na y\nb x\n');
    expect(back.ok && back.value[0]?.body).toMatchObject({ added: 1, gone: 0 });
  });

  test('an incomplete reading proves nothing gone', async () => {
    const part = await read('erp', 'c z\n', { complete: false });
    expect(part.ok && part.value[0]?.body).toMatchObject({ added: 1, gone: 0 });
    expect(await present('erp')).toEqual(['a x', 'a y', 'b x', 'c z']);
  });

  test('no login name reaches the ledger; the digest of the list is a commitment', async () => {
    await register('mail');
    const done = await read('mail', 'hanako.sato@example.com inbox\n');
    const [event] = done.ok ? done.value : [];
    const open = JSON.stringify([event?.type, event?.subject, event?.body]);
    expect(open).not.toMatch(/hanako|inbox/);
    expect(event?.private).toMatchObject({ digest: event?.read.digest });
    expect(open).not.toContain(event?.read.digest);
  });

  test('a system that is not there, or an empty complete list, is refused', async () => {
    expect(await read('nowhere', 'a x\n')).toMatchObject({
      ok: false,
      refusal: { code: 'systemUnknown' },
    });
    const empty = {
      do: 'recordRead' as const,
      system: 'erp',
      source: 'file',
      complete: true,
      empty: false,
      accounts: [],
      entitlements: [],
      pairs: [],
    };
    expect(await execute(world, readFlow, empty, officer)).toMatchObject({
      ok: false,
      refusal: { code: 'emptyRead' },
    });
    expect(parseRead('# nothing\n', 'pairs').problems).toMatchObject([{ code: 'empty' }]);
  });

  test('a list of a system that a connection reads is refused: it would contradict it', async () => {
    await register('tenant');
    await sql`
      insert into connection (id, system_id, kind, settings, secret, secret_at, every_hours, created_at)
      select ${world.newId()}, id, 'entra', '{}', '', ${world.now()}, 24, ${world.now()} from system where key = 'tenant'`.execute(
      db,
    );
    expect(await read('tenant', 'a x\n')).toMatchObject({
      ok: false,
      refusal: { code: 'systemConnected' },
    });
    await sql`update connection set removed_at = ${world.now()}`.execute(db);
    expect(await read('tenant', 'a x\n')).toMatchObject({ ok: true });
  });

  test('accounts find their person by address, whatever its case; kinds and privileges are taken over', async () => {
    const person = world.newId();
    await sql`insert into person (id, name, email) values (${person}, 'Jiro Tanaka', 'Jiro@Example.com')`.execute(
      db,
    );
    await register('cloud');
    await read(
      'cloud',
      'login,role,e-mail,type,admin\njt,Admins,jiro@example.com,,yes\nbot,Readers,,service,no\nJIRO@example.COM,Readers,,,\n',
      { csv: true },
    );
    const { rows } = await sql<{ name: string; mine: boolean; kind: string }>`
      select account.name, coalesce(person_id = ${person}, false) as mine, account.kind
      from account join system on system.id = system_id where key = 'cloud' order by 1`.execute(db);
    expect(rows).toEqual(
      expect.arrayContaining([
        { name: 'bot', mine: false, kind: 'service' },
        { name: 'jt', mine: true, kind: 'staff' },
        { name: 'JIRO@example.COM', mine: true, kind: 'staff' },
      ]),
    );
    expect(await access({ system: 'cloud', privileged: true })).toEqual(['jt Admins unapproved']);
    expect(await access({ system: 'cloud', person })).toHaveLength(2);
    expect(await access({ system: 'cloud', orphan: true })).toEqual([]);
  });

  test('rows of one account that contradict each other are problems', () => {
    const { problems } = parseRead(
      'account,entitlement,email\na,x,a@example.com\na,y,b@example.com\n',
      'csv',
    );
    expect(problems).toEqual([{ line: 3, column: 'email', code: 'conflict', params: { line: 2 } }]);
    const theirs = 'Login,Role,E-Mail-Adresse\na,x,a@example.com\na,y,b@example.com\n';
    expect(parseRead(theirs, 'csv', { email: 'E-Mail-Adresse' }).problems).toMatchObject([
      { line: 3, column: 'E-Mail-Adresse' },
    ]);
  });

  test('a file says by its first line what it is, and one that cannot is refused', () => {
    const accounts = (text: string, format?: 'pairs') =>
      parseRead(text, format).content.accounts.map(({ name }) => name);
    expect(accounts('ada\tMay write\nbob\tread\n')).toEqual(['ada', 'bob']);
    expect(accounts('login\trole\nada\tMay write\n')).toEqual(['ada']);
    expect(accounts('login;role\nada;May, or may not, write\n')).toEqual(['ada']);
    const either = '# users\nuser permission\nada read\n';
    expect(parseRead(either).problems).toMatchObject([{ line: 2, code: 'headerOrPair' }]);
    expect(parseRead(either).content.pairs).toEqual([]);
    expect(accounts(either, 'pairs')).toEqual(['ada', 'user']);
  });

  test('a grant that stands twice is told by the headers of the file', () => {
    const table = readGrants('ログイン,権限,目的,承認者\na,x,work,nobody@example.com\na,x,work,\n');
    expect(parseGrants(table, new Map()).problems).toMatchObject([
      { line: 2, column: '承認者', code: 'unknownPerson' },
      { line: 3, column: '', code: 'duplicate', params: { field: 'ログイン, 権限', line: 2 } },
    ]);
  });
});

describe('reconciliation', () => {
  test('what is observed, what is granted and what is both are told apart', async () => {
    await register('wiki');
    await read('wiki', 'a edit\nb edit\n');
    const rows = [
      { account: 'a', entitlement: 'edit', purpose: 'writes', approverId: null, endsOn: null },
      {
        account: 'n',
        entitlement: 'edit',
        purpose: 'joins soon',
        approverId: null,
        endsOn: '2026-03-31',
      },
      {
        account: 'b',
        entitlement: 'edit',
        purpose: 'was here',
        approverId: null,
        endsOn: '2026-01-04',
      },
    ];
    const bring = () =>
      execute(world, grantFlow, { do: 'importGrants', system: 'wiki', rows }, officer);
    expect(await bring()).toMatchObject({
      ok: true,
      value: [{ body: { grants: 3, unchanged: 0, newAccounts: 1 } }],
    });
    expect(await bring()).toEqual({ ok: true, value: [] });
    expect(await access({ system: 'wiki' })).toEqual([
      'a edit approved',
      'b edit unapproved',
      'n edit unused',
    ]);
    expect(await access({ system: 'wiki', state: 'approved' })).toEqual(['a edit approved']);
    expect(await access({ system: 'wiki', state: 'unapproved' })).toEqual(['b edit unapproved']);
    expect(await access({ system: 'wiki', state: 'unused' })).toEqual(['n edit unused']);
  });

  test('a decision to keep approves what is observed, also where a grant has run out; to revoke ends it', async () => {
    const selection = sql`(select account_id, entitlement_id from observation
      where gone_at is null and system_id = (select id from system where key = 'wiki'))`;
    const approval = {
      purpose: 'kept in review',
      approverId: null,
      at: world.now(),
      today,
      act: world.newId(),
    };
    const approved = () =>
      db.transaction().execute((tx) => approveObserved(tx, selection, approval));
    expect(await approved()).toBe(1);
    expect(await approved()).toBe(0);
    expect(await access({ system: 'wiki', state: 'unapproved' })).toEqual([]);
    expect(await db.transaction().execute((tx) => endGrants(tx, selection, world.now()))).toBe(2);
    expect(await access({ system: 'wiki', state: 'approved' })).toEqual([]);
    expect(await misjudged()).toBe(0);
  });

  test('nobody approves their own access', async () => {
    const { rows } = await sql<{ account: string; entitlement: string; person: string }>`
      select account.id as account, entitlement.id as entitlement, person_id as person
      from account join entitlement using (system_id) where person_id is not null limit 1`.execute(
      db,
    );
    const [own] = rows;
    const command = {
      do: 'approveGrant' as const,
      accountId: own?.account ?? '',
      entitlementId: own?.entitlement ?? '',
      purpose: 'work',
      endsOn: null,
    };
    const self = actorWith(own?.person ?? '', 'security-officer');
    expect(await execute(world, grantFlow, command, self)).toMatchObject({
      ok: false,
      refusal: { code: 'ownAccess' },
    });
    await sql`insert into person (id, name) values (${officer.id}, 'Officer') on conflict do nothing`.execute(
      db,
    );
    expect(await execute(world, grantFlow, command, officer)).toMatchObject({ ok: true });
    expect(await execute(world, grantFlow, command, officer)).toMatchObject({
      ok: false,
      refusal: { code: 'alreadyGranted' },
    });
  });

  test('whatever is read and granted in whatever order, the registers agree with a model', async () => {
    await register('model');
    const pair = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y', 'z'));
    const step = fc.record({
      kind: fc.constantFrom('complete' as const, 'partial' as const, 'grant' as const),
      pairs: fc.array(pair, { minLength: 1, maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        const seen = new Set(await present('model'));
        for (const { kind, pairs } of steps) {
          const names = [
            ...new Set(pairs.map(([account, entitlement]) => `${account} ${entitlement}`)),
          ];
          world.advance({ minutes: 1 });
          if (kind === 'grant') {
            const rows = names.map((name) => {
              const [account = '', entitlement = ''] = name.split(' ');
              return { account, entitlement, purpose: 'work', approverId: null, endsOn: null };
            });
            await execute(world, grantFlow, { do: 'importGrants', system: 'model', rows }, officer);
          } else {
            await read('model', names.join('\n'), { complete: kind === 'complete' });
            if (kind === 'complete') seen.clear();
            for (const name of names) seen.add(name);
          }
        }
        expect(await present('model')).toEqual([...seen].sort());
        expect(await misjudged()).toBe(0);
      }),
      { numRuns: 15 },
    );
  });
});
