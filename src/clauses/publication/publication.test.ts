import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { contextFor, execute, executeAs } from '../../platform/execute.ts';
import { newestCheckpoint, readEntry } from '../../platform/ledger/reading.ts';
import { sequence } from '../../platform/ledger/sequencer.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Check } from '../../policy/check.ts';
import { contactIsPublished } from './checks.ts';
import { publication } from './clause.ts';
import { publicationSettings } from './facts.office.ts';
import type { ApprovalCommand, Ask } from './facts.ts';
import { publishFirstPolicy } from './first.ts';
import { acknowledgementFlow, approvalFlow, draftFlow, officeFlow } from './flows.ts';
import { publicationSettingsOf } from './store.office.ts';
import { promisesInForce, textsOf, versionInForce } from './store.version.ts';

const person = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const officer = actorWith(person(1), 'security-officer', 'employee');
const second = actorWith(person(2), 'commercial-officer', 'employee');
const engineer = actorWith(person(3), 'engineer', 'employee');
const support = actorWith(person(4), 'support', 'employee');
const system: Actor = { kind: 'system', id: 'tick' };

let world: TestWorld;
const texts = [
  [
    'access',
    'en',
    '# Access\n\n:promise[Passwords are strong]{#ACC-2}. :promise[Access is reviewed every quarter]{#ACC-5}.\n',
  ],
  [
    'access',
    'ja',
    '# アクセス\n\n:promise[パスワードは強固です]{#ACC-2}。:promise[四半期ごとに見直します]{#ACC-5}。\n',
  ],
  ['people', 'en', '# People\n\n:promise[People read this]{#PEO-1}.\n'],
  ['people', 'ja', '# 従業員\n\n:promise[これを読みます]{#PEO-1}。\n'],
].map(([clause = '', language, markdown = '']) => ({
  clause,
  language: language as 'en' | 'ja',
  markdown,
}));

/** Runs what has fallen due, as the tick does. */
async function tick(): Promise<void> {
  const { rows } = await sql<{
    id: string;
    kind: string;
    subject: string;
    due_at: Temporal.Instant;
  }>`
    select id, kind, subject, due_at from obligation
    where done_at is null and due_at <= ${world.now()} order by due_at, id`.execute(
    world.database.db,
  );
  for (const row of rows) {
    const context = await contextFor(world, system);
    const room = { db: world.database.db, execute: executeAs(world, system), context };
    const handler = publication.obligations?.[row.kind];
    await handler?.(room, { id: row.id, kind: row.kind, subject: row.subject, dueAt: row.due_at });
    await sql`update obligation set done_at = ${world.now()} where id = ${row.id}`.execute(
      world.database.db,
    );
  }
}

async function violations(check: Check): Promise<string[]> {
  const { rows } = await check.violations(world.now(), 'Asia/Tokyo').execute(world.database.db);
  return rows.map((row) => row.subject_id);
}

async function count(
  table: 'task' | 'acknowledgement_request',
  where: ReturnType<typeof sql>,
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from ${sql.ref(table)} where ${where}`.execute(world.database.db);
  return rows[0]?.n ?? -1;
}

const openTasks = () =>
  count(
    'task',
    sql`kind = 'publication.acknowledge' and done_at is null and missed_at is null and cancelled_at is null`,
  );

/** Entries of a type about a subject, as the ledger holds them. */
async function entriesOf(
  type: string,
): Promise<readonly { subject: string; body: JsonObject; text: string }[]> {
  await sequence(world);
  const size = (await newestCheckpoint(world.database.db))?.size ?? 0;
  const read = await Promise.all(
    Array.from({ length: size }, (_, index) => readEntry(world.database.db, index)),
  );
  return read.flatMap((each) =>
    each?.entry.type === type ? [{ ...each.entry, text: JSON.stringify(each.entry) }] : [],
  );
}

/** Draft, one edit, proposal: ready to be approved by someone else. */
async function propose(
  edit: (markdown: string) => string,
  clause = 'access',
): Promise<{ id: string; digest: string }> {
  const created = await execute(
    world,
    draftFlow,
    { do: 'createDraft', from: 'published' },
    officer,
  );
  if (!created.ok) throw new Error(created.refusal.code);
  const id = created.value[0]?.subject.split('/')[1] ?? '';
  for (const text of (await textsOf(world.database.db, id)).filter(
    (each) => each.clause === clause,
  )) {
    const command = {
      do: 'saveText',
      versionId: id,
      ...text,
      markdown: edit(text.markdown),
    } as const;
    const saved = await execute(world, draftFlow, command, officer);
    if (!saved.ok) throw new Error(saved.refusal.code);
  }
  const proposed = await execute(
    world,
    approvalFlow,
    { do: 'propose', versionId: id, effectiveOn: null, summary: {} },
    officer,
  );
  if (!proposed.ok) throw new Error(proposed.refusal.code);
  return { id, digest: String(proposed.value[0]?.body['digest' as never]) };
}

beforeAll(async () => {
  world = await testWorld({ start: '2026-01-05T00:00:00Z' });
  await sql`
    insert into person (id, name, roles, department) values
      (${person(1)}, 'Ono Officer', '{security-officer,employee}', 'Security'),
      (${person(2)}, 'Carla Commerce', '{commercial-officer,employee}', 'Sales'),
      (${person(3)}, 'Ed Engineer', '{engineer,employee}', 'Engineering'),
      (${person(4)}, 'Sam Support', '{support,employee}', 'Support')`.execute(world.database.db);
  await execute(world, officeFlow, { do: 'declare', texts, upholders: [] }, system);
  await publishFirstPolicy(
    { asSystem: executeAs(world, system), asApprover: executeAs(world, officer) },
    { languages: ['en', 'ja'], name: { en: 'Example Engineering', ja: '株式会社サンプル' } },
  );
});

describe('a new version (PUB-1)', () => {
  it("cannot be begun while another is open, nor saved over another's edit", async () => {
    const created = await execute(
      world,
      draftFlow,
      { do: 'createDraft', from: 'published' },
      officer,
    );
    const id = created.ok ? (created.value[0]?.subject.split('/')[1] ?? '') : '';
    expect(
      await execute(world, draftFlow, { do: 'createDraft', from: 'shipped' }, second),
    ).toMatchObject({
      ok: false,
      refusal: { code: 'draftExists' },
    });
    const save = (markdown: string, revision: number) =>
      execute(
        world,
        draftFlow,
        { do: 'saveText', versionId: id, clause: 'access', language: 'en', markdown, revision },
        officer,
      );
    expect(await save('# A\n', 1)).toMatchObject({ ok: true, value: [{ body: { revision: 2 } }] });
    expect(await save('# A\n', 1)).toEqual({ ok: true, value: [] });
    expect(await save('# B\n', 1)).toMatchObject({
      ok: false,
      refusal: { code: 'versionConflict' },
    });
    expect(
      await execute(world, draftFlow, { do: 'discardDraft', versionId: id }, officer),
    ).toMatchObject({
      ok: true,
    });
  });

  it('keeps the clauses in their order, whatever is added, removed and moved', async () => {
    const created = await execute(
      world,
      draftFlow,
      { do: 'createDraft', from: 'published' },
      officer,
    );
    const id = created.ok ? (created.value[0]?.subject.split('/')[1] ?? '') : '';
    const run = async (command: Parameters<typeof draftFlow.decide>[1]) =>
      expect(await execute(world, draftFlow, command, officer)).toMatchObject({ ok: true });
    await run({
      do: 'addClause',
      versionId: id,
      clause: 'robots',
      position: 1,
      text: { en: '# Robots\n', ja: '# ロボット\n' },
    });
    await run({ do: 'removeClause', versionId: id, clause: 'access' });
    await run({ do: 'orderClauses', versionId: id, clauses: ['people', 'robots'] });
    const texts = await textsOf(world.database.db, id);
    expect([...new Set(texts.map((text) => text.clause))]).toEqual(['people', 'robots']);
    await run({ do: 'discardDraft', versionId: id });
  });

  it('meanwhile is acknowledged by some', async () => {
    const digest = (await versionInForce(world.database.db))?.digest ?? '';
    for (const actor of [officer, engineer, support]) {
      const read = { do: 'acknowledge', digest, language: 'en' } as const;
      expect(await execute(world, acknowledgementFlow, read, actor)).toMatchObject({ ok: true });
    }
    world.advance({ hours: 5 * 24 });
  });

  it('authorDoesNotApprove: is refused to its author and recorded, then published by another', async () => {
    const { id, digest } = await propose((markdown) =>
      markdown.replace('every quarter', 'every month'),
    );
    const approve = (ask: Ask): ApprovalCommand => ({
      do: 'approve',
      versionId: id,
      digest,
      removedPromises: [],
      ask,
    });
    expect(
      await execute(world, approvalFlow, approve({ kind: 'everyone' }), officer),
    ).toMatchObject({
      ok: false,
      refusal: { code: 'authorApproves' },
    });
    expect(await entriesOf('GuardRefused')).toMatchObject([
      { subject: 'promise/PUB-1', body: { code: 'authorApproves' } },
    ]);
    const published = await execute(
      world,
      approvalFlow,
      approve({
        kind: 'changed',
        concerned: [{ clause: 'access', roles: ['engineer'], departments: [] }],
      }),
      second,
    );
    expect(published).toMatchObject({
      ok: true,
      value: [{ type: 'PolicyApproved' }, { body: { promisesReworded: ['ACC-5'] } }, {}],
    });
  });

  it('asks only those it concerns and those who still owe, who keep their earlier day', async () => {
    const { rows } = await sql<{ person_id: string; due_at: Temporal.Instant; number: number }>`
      select r.person_id, r.due_at, v.number from acknowledgement_request r
      join policy_version v on v.id = r.version_id
      where r.closed_at is null order by 1`.execute(world.database.db);
    expect(rows.map((row) => [row.person_id, row.due_at.toString(), row.number])).toEqual([
      [person(2), '2026-01-19T15:00:00Z', 2],
      [person(3), '2026-01-24T15:00:00Z', 2],
    ]);
    expect(await openTasks()).toBe(2);
  });

  it('takes a promise out only when it is named, and remembers it', async () => {
    const { id, digest } = await propose((markdown) =>
      markdown.replace(/:promise\[([^\]]*)\]\{#ACC-2\}/, '$1'),
    );
    const approve = (removedPromises: string[]) =>
      execute(
        world,
        approvalFlow,
        { do: 'approve', versionId: id, digest, ask: { kind: 'everyone' }, removedPromises },
        second,
      );
    expect(await approve([])).toMatchObject({
      ok: false,
      refusal: { code: 'removedNotNamed', params: { promises: 'ACC-2' } },
    });
    expect(await approve(['ACC-2'])).toMatchObject({ ok: true });
    expect((await promisesInForce(world.database.db))?.has('ACC-2')).toBe(false);
  });

  it('waits for its day, and is published by the clock in the zone of the organisation', async () => {
    const created = await propose((markdown) => `${markdown}\nMore words.\n`, 'people');
    await execute(world, approvalFlow, { do: 'withdraw', versionId: created.id }, officer);
    const later = {
      do: 'propose',
      versionId: created.id,
      effectiveOn: '2026-02-01',
      summary: { en: 'Words' },
    } as const;
    await execute(world, approvalFlow, later, officer);
    const approved = await execute(
      world,
      approvalFlow,
      {
        do: 'approve',
        versionId: created.id,
        digest: created.digest,
        ask: { kind: 'nobody', reason: 'A typing error.' },
        removedPromises: [],
      },
      second,
    );
    expect(approved).toMatchObject({ ok: true, value: [{ type: 'PolicyApproved' }] });
    world.advance(Temporal.Instant.from('2026-01-31T14:59:59Z'));
    await tick();
    expect((await versionInForce(world.database.db))?.number).toBe(3);
    world.advance(Temporal.Instant.from('2026-01-31T15:00:00Z'));
    await tick();
    const version = await versionInForce(world.database.db);
    expect(version).toMatchObject({
      number: 4,
      effectiveOn: Temporal.PlainDate.from('2026-02-01'),
    });
  });
});

describe('settings and reports (PUB-2)', () => {
  it('is broken until there is a contact, and again when security.txt expires', async () => {
    expect(await violations(contactIsPublished)).toEqual(['contact', 'security.txt']);
    const settings = await publicationSettingsOf(world.database.db);
    const wanted = publicationSettings.parse({
      ...settings,
      contactEmail: 'security@example.com',
      securityTxt: { expiresOn: '2026-12-31' },
    });
    const change = { do: 'changeSettings', settings: wanted } as const;
    expect(await execute(world, officeFlow, change, engineer)).toMatchObject({
      ok: false,
      refusal: { code: 'notAllowed' },
    });
    expect(await execute(world, officeFlow, change, officer)).toMatchObject({ ok: true });
    expect(await execute(world, officeFlow, change, officer)).toMatchObject({
      ok: false,
      refusal: { code: 'versionConflict' },
    });
    expect(await violations(contactIsPublished)).toEqual([]);
    expect(
      await contactIsPublished.nextChange?.(world.database.db, world.now(), 'Asia/Tokyo'),
    ).toEqual(Temporal.Instant.from('2026-12-31T15:00:00Z'));
    const { rows } = await contactIsPublished
      .violations(Temporal.Instant.from('2026-12-31T15:00:00Z'), 'Asia/Tokyo')
      .execute(world.database.db);
    expect(rows.map((row) => row.subject_id)).toEqual(['security.txt']);
  });

  it('keeps what a stranger reports out of the body of the entry, and gives the officer a task', async () => {
    const report = {
      do: 'reportVulnerability',
      about: 'Login page',
      details: 'A very long secret detail',
      reporter: 'finder@example.org',
      language: 'en',
    } as const;
    const reported = await execute(world, officeFlow, report, { kind: 'system', id: 'public' });
    expect(reported).toMatchObject({ ok: true, value: [{ body: { characters: 25 } }] });
    const [entry] = await entriesOf('VulnerabilityReported');
    expect(entry?.text).not.toMatch(/secret|finder|Login/);
    const subject = reported.ok ? (reported.value[0]?.subject ?? '') : '';
    const open = sql`kind = 'publication.answerReport' and subject = ${subject} and done_at is null`;
    expect(await count('task', open)).toBe(1);
    const answer = {
      do: 'answerReport',
      reportId: subject.split('/')[1] ?? '',
      outcome: 'confirmed',
      answer: 'Thank you',
    } as const;
    expect(await execute(world, officeFlow, answer, officer)).toMatchObject({ ok: true });
    expect(await count('task', open)).toBe(0);
  });
});
