import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { execute } from '../../platform/execute.ts';
import { newestCheckpoint, readEntry } from '../../platform/ledger/reading.ts';
import { sequence } from '../../platform/ledger/sequencer.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { readFlow } from '../../registers/accounts/store.reads.ts';
import type { Decide, OpenCampaign } from './facts.ts';
import * as flows from './flows.ts';
import { campaignEvidence } from './routes.evidence.ts';

/** A company of six: who reviews what, and whose access is whose. */
const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [officer, owner, boss, alice, bob, carol] = [1, 2, 3, 4, 5, 6].map(id) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const [erp, crm] = [id(11), id(12)] as [string, string];
const officerActor = actorWith(officer, 'security-officer', 'employee');
const as = (person: string): Actor =>
  person === officer ? officerActor : actorWith(person, 'employee');

async function company(world: TestWorld): Promise<void> {
  const { db } = world.database;
  await sql`
    insert into person (id, name, email, manager_id, department, roles) values
      (${officer}, 'Olga Officer', 'olga@example.com', null, 'Security', '{employee,security-officer}'),
      (${boss}, 'Ben Boss', 'ben@example.com', null, 'Sales', '{employee}'),
      (${owner}, 'Owen Owner', 'owen@example.com', ${boss}, 'IT', '{employee}'),
      (${alice}, 'Alice Adams', 'alice@example.com', ${boss}, 'Sales', '{employee}'),
      (${bob}, 'Bob Brown', 'bob@example.com', ${boss}, 'Sales', '{employee}'),
      (${carol}, 'Carol Clark', 'carol@example.com', ${alice}, 'IT', '{employee}')`.execute(db);
  await sql`
    insert into system (id, key, name, owner_id) values
      (${erp}, 'erp', 'ERP', ${owner}), (${crm}, 'crm', 'CRM', null)`.execute(db);
  await read(world, 'erp', [
    'alice@example.com ledger',
    'alice@example.com admin',
    'bob@example.com ledger',
    'owen@example.com admin',
    'batch ledger',
  ]);
  await read(world, 'crm', ['alice@example.com sales', 'olga@example.com sales']);
}

/** A complete read of a system: lines of account and entitlement. */
async function read(world: TestWorld, system: string, lines: readonly string[]): Promise<void> {
  const pairs = lines.map((line) => line.split(' ') as [string, string]);
  const accounts = [...new Set(pairs.map(([account]) => account))];
  const entitlements = [...new Set(pairs.map(([, entitlement]) => entitlement))];
  const done = await execute(
    world,
    readFlow,
    {
      do: 'recordRead',
      system,
      source: 'test',
      complete: true,
      empty: false,
      accounts: accounts.map((name) => ({ name })),
      entitlements: entitlements.map((name) => ({ name })),
      pairs: pairs.flatMap(([account, entitlement]) => [
        accounts.indexOf(account),
        entitlements.indexOf(entitlement),
      ]),
    },
    officerActor,
  );
  expect(done.ok).toBe(true);
}

async function open(world: TestWorld, command: Partial<OpenCampaign> = {}): Promise<string> {
  const dueAt = world
    .now()
    .add({ hours: 24 * 21 })
    .toString();
  const whole = {
    name: 'Review',
    systems: 'all',
    dueAt,
    revokeWithinHours: 24,
    reviewerRule: 'systemOwner',
    fallback: null,
  } as const;
  const done = await execute(world, flows.openCampaign, { ...whole, ...command }, officerActor);
  if (!done.ok) throw new Error(done.refusal.code);
  return done.value[0]?.subject.split('/')[1] ?? '';
}

function decide(
  world: TestWorld,
  person: string,
  command: Partial<Decide> & Pick<Decide, 'campaignId'>,
) {
  const keep = {
    decision: 'keep',
    reason: '',
    wantedEntitlementId: null,
    selection: { filter: {} },
  } as const;
  return execute(world, flows.decideItems, { ...keep, ...command }, as(person));
}

interface Item {
  readonly no: number;
  readonly system: string;
  readonly account: string;
  readonly entitlement: string;
  readonly reviewer_id: string | null;
  readonly decision: string | null;
}

async function itemsOf(world: TestWorld, campaignId: string): Promise<readonly Item[]> {
  const { rows } = await sql<Item>`
    select no, system.key as system, account.name as account, entitlement.name as entitlement, reviewer_id, decision
    from review_item item join system on system.id = item.system_id join account on account.id = item.account_id
      join entitlement on entitlement.id = item.entitlement_id
    where campaign_id = ${campaignId} order by no`.execute(world.database.db);
  return rows;
}

async function tasksOf(world: TestWorld, campaignId: string) {
  const { rows } = await sql<{ kind: string; assignee: string | null; state: string }>`
    select kind, assignee_id as assignee,
      case when done_at is not null then 'done' when missed_at is not null then 'missed' else 'open' end as state
    from task where subject = ${`campaign/${campaignId}`} order by kind, assignee_id nulls last`.execute(
    world.database.db,
  );
  return rows.map(({ kind, assignee, state }) => `${kind} ${assignee ?? 'role'} ${state}`);
}

describe('a campaign over every system', () => {
  let world: TestWorld;
  let campaign: string;
  beforeAll(async () => {
    world = await testWorld({ start: '2026-02-02T00:00:00Z' });
    await company(world);
    world.advance({ hours: 1 });
    campaign = await open(world, { fallback: boss });
  });

  test('snapshots every item in order, and nobody is their own reviewer', async () => {
    expect(
      (await itemsOf(world, campaign)).map((item) => [
        item.no,
        item.system,
        item.account,
        item.entitlement,
        item.reviewer_id,
      ]),
    ).toEqual([
      // crm has no owner: the fallback reviews, and for Olga too
      [1, 'crm', 'alice@example.com', 'sales', boss],
      [2, 'crm', 'olga@example.com', 'sales', boss],
      [3, 'erp', 'alice@example.com', 'admin', owner],
      [4, 'erp', 'alice@example.com', 'ledger', owner],
      [5, 'erp', 'batch', 'ledger', owner],
      [6, 'erp', 'bob@example.com', 'ledger', owner],
      // Owen owns the system: somebody else decides on his access
      [7, 'erp', 'owen@example.com', 'admin', boss],
    ]);
  });

  test('gives each reviewer a task and a mail, and the quarter its duty', async () => {
    expect(await tasksOf(world, campaign)).toEqual([
      'access.quarterlyReview role open',
      `access.review ${owner} open`,
      `access.review ${boss} open`,
    ]);
    expect(world.sent.map((mail) => [mail.to, mail.template, mail.params['items']])).toEqual([
      [owner, 'access.reviewOpened', 4],
      [boss, 'access.reviewOpened', 3],
    ]);
  });

  test('its digest can be recomputed from the evidence and the salt', async () => {
    const csv = await text(world, campaign);
    const lines = csv
      .split('\r\n')
      .slice(1, -1)
      .map((line) => line.split(',').slice(0, 7).join('\t'));
    const { rows } = await sql<{ salt: string; snapshot_digest: string }>`
      select salt, snapshot_digest from review_campaign where id = ${campaign}`.execute(
      world.database.db,
    );
    const whole = [rows[0]?.salt, ...lines].map((line) => `${line}\n`).join('');
    expect(lines).toHaveLength(7);
    expect(createHash('sha256').update(whole).digest('hex')).toBe(rows[0]?.snapshot_digest);
  });

  test('an import after the opening changes nothing of the snapshot', async () => {
    await read(world, 'crm', [
      'alice@example.com sales',
      'olga@example.com sales',
      'bob@example.com sales',
    ]);
    expect(await itemsOf(world, campaign)).toHaveLength(7);
  });

  test('reviewers decide what is theirs; what is not is left alone and reported', async () => {
    const done = await decide(world, owner, {
      campaignId: campaign,
      selection: { filter: { entitlement: await entitlement(world, 'ledger') } },
    });
    expect(done.ok && done.value[0]?.body).toMatchObject({
      decision: 'keep',
      count: 3,
      ownExcluded: 0,
      othersExcluded: 0,
    });
    const all = await decide(world, owner, {
      campaignId: campaign,
      selection: { filter: { undecided: true } },
    });
    expect(all.ok && all.value[0]?.body).toMatchObject({
      count: 1,
      ownExcluded: 1,
      othersExcluded: 2,
    });
    expect(await tasksOf(world, campaign)).toContain(`access.review ${owner} done`);
  });

  test('keeping is an approval by the reviewer', async () => {
    const { rows } = await sql<{ account: string; approver_id: string }>`
      select account.name as account, approver_id from access_grant join account on account.id = account_id
      where revoked_at is null order by 1`.execute(world.database.db);
    expect(rows.map((row) => row.account)).toEqual([
      'alice@example.com',
      'alice@example.com',
      'batch',
      'bob@example.com',
    ]);
    expect(new Set(rows.map((row) => row.approver_id))).toEqual(new Set([owner]));
  });

  test('the last item decided fulfils the duty of the quarter; only then it can be closed by hand', async () => {
    const early = await execute(world, flows.closeCampaign, { campaignId: campaign }, officerActor);
    expect(early).toMatchObject({
      ok: false,
      refusal: { code: 'undecidedItems', params: { count: 3 } },
    });
    await decide(world, boss, { campaignId: campaign });
    expect(await tasksOf(world, campaign)).toEqual([
      'access.quarterlyReview role done',
      `access.review ${owner} done`,
      `access.review ${boss} done`,
    ]);
    const closed = await execute(
      world,
      flows.closeCampaign,
      { campaignId: campaign },
      officerActor,
    );
    expect(closed.ok && closed.value[0]?.body).toMatchObject({ state: 'complete', undecided: 0 });
    expect(await decide(world, boss, { campaignId: campaign })).toMatchObject({
      ok: false,
      refusal: { code: 'campaignClosed' },
    });
  });
});

describe('ACC-5: nobodyReviewsTheirOwnAccess', () => {
  let world: TestWorld;
  let campaign: string;
  beforeAll(async () => {
    world = await testWorld({ start: '2026-02-02T00:00:00Z' });
    await company(world);
    world.advance({ hours: 1 });
    // No fallback and no owner: what has no manager either is for the role, which Olga holds.
    await read(world, 'crm', [
      'alice@example.com sales',
      'kiosk sales',
      'olga@example.com sales',
      'printer sales',
    ]);
    world.advance({ hours: 1 });
    campaign = await open(world, { systems: [crm] });
  });

  test('in bulk, own items are left out and reported', async () => {
    const done = await decide(world, officer, { campaignId: campaign, selection: { nos: [2, 3] } });
    expect(done.ok && done.value[0]?.body).toMatchObject({ count: 1, ownExcluded: 1 });
    const own = (await itemsOf(world, campaign)).find(
      (item) => item.account === 'olga@example.com',
    );
    expect(own?.decision).toBeNull();
  });

  test('a selection of nothing else is refused, and the refusal is recorded', async () => {
    const refused = await decide(world, officer, { campaignId: campaign, selection: { nos: [3] } });
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'ownReview', guard: 'ACC-5' } });
    await sequence(world);
    const { size } = (await newestCheckpoint(world.database.db)) ?? { size: 0 };
    const recorded = await readEntry(world.database.db, size - 1);
    expect(recorded?.entry).toMatchObject({
      type: 'GuardRefused',
      subject: 'promise/ACC-5',
      body: { code: 'ownReview', flow: 'access.decideItems' },
    });
  });

  test('an account that was given its person after the opening is theirs all the same', async () => {
    await sql`update account set person_id = ${officer} where name = 'printer' and system_id = ${crm}`.execute(
      world.database.db,
    );
    expect(
      await decide(world, officer, { campaignId: campaign, selection: { nos: [4] } }),
    ).toMatchObject({
      ok: false,
      refusal: { code: 'ownReview' },
    });
  });

  test('nor by delegation to the person concerned', async () => {
    const refused = await execute(
      world,
      flows.delegateItems,
      { campaignId: campaign, from: null, to: officer, selection: { filter: {} } },
      officerActor,
    );
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'ownReview', guard: 'ACC-5' } });
  });

  test('delegated to somebody else, it can be decided', async () => {
    const moved = await execute(
      world,
      flows.delegateItems,
      { campaignId: campaign, from: null, to: boss, selection: { filter: {} } },
      officerActor,
    );
    expect(moved.ok && moved.value[0]?.body).toMatchObject({ count: 2, ownExcluded: 0 });
    expect(await tasksOf(world, campaign)).toEqual([
      `access.review ${boss} open`,
      'access.review role done',
    ]);
    const decided = await decide(world, boss, { campaignId: campaign, selection: { nos: [3] } });
    expect(decided.ok).toBe(true);
  });
});

async function entitlement(world: TestWorld, name: string): Promise<string> {
  const { rows } = await sql<{
    id: string;
  }>`select id from entitlement where name = ${name}`.execute(world.database.db);
  return rows[0]?.id ?? '';
}

async function text(world: TestWorld, campaign: string): Promise<string> {
  const evidence = await campaignEvidence(world.database.db, campaign);
  let whole = '';
  for await (const piece of evidence?.stream ?? []) whole += String(piece);
  return whole;
}
