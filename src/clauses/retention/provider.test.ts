import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { contextFor, execute, executeAs } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import type { Violation } from '../../policy/check.ts';
import { providerReportIsCurrent } from './checks.provider.ts';
import { providerCommand, renewalKind } from './facts.provider.ts';
import { providerFlow, providerObligations } from './flows.provider.ts';

const world = await testWorld({ start: '2026-01-05T00:00:00Z' });
const { db } = world.database;
const officer = actorWith(world.newId(), 'security-officer', 'employee');
const zone = 'Asia/Tokyo';
const pdf = Buffer.from('%PDF-1.7 sample report');

beforeAll(async () => {
  await sql`insert into person (id, name) values (${'id' in officer ? officer.id : ''}, 'Sora')`.execute(
    db,
  );
});

const report = {
  do: 'recordProviderReport',
  provider: 'Sample Cloud',
  title: 'SOC 2 Type II',
  periodFrom: '2025-01-01',
  periodTo: '2025-12-31',
  expiresOn: '2026-12-31',
  ours: { en: 'Encrypting what we store.', ja: '保存するデータの暗号化。' },
  fileName: 'report "2025".pdf',
  mediaType: 'application/pdf',
  base64: pdf.toString('base64'),
};
const record = (given: object = {}) =>
  execute(world, providerFlow, providerCommand.parse({ ...report, ...given }), officer);
const subjectOf = (done: Awaited<ReturnType<typeof record>>) =>
  done.ok ? (done.value[0]?.subject ?? '') : '';

async function expired(): Promise<readonly string[]> {
  const { rows } =
    await sql<Violation>`${providerReportIsCurrent.violations(world.now(), zone)}`.execute(db);
  return rows.map(({ label }) => label);
}

async function renewals() {
  const { rows } = await sql<{ done: boolean }>`
    select done_at is not null as done from task where kind = 'retention.renewReport'`.execute(db);
  return rows.map(({ done }) => done);
}

async function ask(subject: string): Promise<void> {
  const system = { kind: 'system', id: 'test' } as const;
  const room = { db, execute: executeAs(world, system), context: await contextFor(world, system) };
  const due = { id: world.newId(), kind: renewalKind, subject, dueAt: world.now() };
  await providerObligations[renewalKind]?.(room, due);
}

describe('the report of a provider (RET-7)', () => {
  test('is refused where it cannot be what it says', async () => {
    const refused = async (given: object) => {
      const done = await record(given);
      return done.ok ? 'recorded' : done.refusal.code;
    };
    expect(await refused({ periodTo: '2024-12-31' })).toBe('periodBackwards');
    expect(await refused({ expiresOn: '2025-06-30' })).toBe('expiresBeforePeriod');
    expect(await refused({ expiresOn: '2025-12-31' })).toBe('reportExpired');
    expect(await refused({ base64: Buffer.from('GIF89a').toString('base64') })).toBe(
      'reportNotPdf',
    );
    expect(await refused({ base64: '' })).toBe('reportEmpty');
    // Its period ends on 30 September 2025 or later: nobody relies on it in the year 2100.
    expect(await refused({ expiresOn: '2100-01-01' })).toBe('expiresTooFar');
  });

  test('without any the promise is unknown; with one it is kept until the end of its last day', async () => {
    const sources = () => providerReportIsCurrent.sources?.(db, world.now());
    expect(await sources()).toMatchObject([{ readAt: null }]);
    const subject = subjectOf(await record());
    expect((await sources())?.[0]?.readAt?.toString()).toBe('2026-01-05T00:00:00Z');
    expect(await expired()).toEqual([]);
    const next = await providerReportIsCurrent.nextChange?.(db, world.now(), zone);
    expect(next?.toString()).toBe('2026-12-31T15:00:00Z');
    const { rows } = await sql<{ at: string }>`
      select (due_at at time zone ${zone})::text as at from obligation
      where kind = ${renewalKind} and subject = ${subject}`.execute(db);
    expect(rows).toEqual([{ at: '2026-11-01 00:00:00' }]);
  });

  test('its renewal is asked for once, and done by a report that lasts longer', async () => {
    world.advance(Temporal.Instant.from('2026-10-31T15:00:00Z'));
    const { rows } = await sql<{ id: string }>`select id from provider_report`.execute(db);
    const subject = `report/${rows[0]?.id}`;
    await ask(subject);
    await ask(subject);
    expect(await renewals()).toEqual([false]);
    world.advance(Temporal.Instant.from('2026-12-31T15:00:00Z'));
    expect(await expired()).toEqual(['Sample Cloud']);
    const newer = subjectOf(
      await record({ periodFrom: '2026-01-01', periodTo: '2026-12-31', expiresOn: '2027-12-31' }),
    );
    expect(await expired()).toEqual([]);
    expect(await renewals()).toEqual([true]);
    await ask(subject);
    expect(await renewals()).toEqual([true]);
    const reportId = newer.slice('report/'.length);
    const reason = 'The auditor took it back.';
    const withdraw = providerCommand.parse({ do: 'withdrawProviderReport', reportId, reason });
    expect(await execute(world, providerFlow, withdraw, officer)).toMatchObject({ ok: true });
    expect(await expired()).toEqual(['Sample Cloud']);
  });

  test('taking every report back does not end what they were for, but a slip of the same day does', async () => {
    const withdraw = async (subject: string) =>
      await execute(
        world,
        providerFlow,
        providerCommand.parse({
          do: 'withdrawProviderReport',
          reportId: subject.slice('report/'.length),
          reason: 'A slip.',
        }),
        officer,
      );
    const period = { periodFrom: '2026-01-01', periodTo: '2026-12-31', expiresOn: '2027-12-31' };
    await withdraw(subjectOf(await record({ ...period, provider: 'Sample Clowd' })));
    expect(await expired()).toEqual(['Sample Cloud']);
    const stood = subjectOf(await record({ ...period, provider: 'Sample Hosting' }));
    world.advance({ hours: 25 });
    expect(await expired()).toEqual(['Sample Cloud']);
    await withdraw(stood);
    expect(await expired()).toEqual(['Sample Cloud', 'Sample Hosting']);
  });

  test('is recorded by the security officer alone', async () => {
    for (const role of ['commercial-officer', 'support', 'auditor', 'engineer'] as const) {
      const done = await execute(
        world,
        providerFlow,
        providerCommand.parse({ ...report, expiresOn: '2028-12-31' }),
        actorWith(world.newId(), role),
      );
      expect(done).toMatchObject({ refusal: { code: 'notAllowed' } });
    }
  });
});
