import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { testWorld } from '../../platform/testing/world.ts';
import { company, engineer, requestOf, source } from './backlog.fixture.ts';
import { reportRoutes } from './routes.reports.ts';

describe('perf', async () => {
  const world = await testWorld();
  beforeAll(async () => { await company(world); }, 300_000);
  test.each([1000, 3000])('%d findings', { timeout: 100_000 }, async (count) => {
    const web = await source(world, 'web' + count);
    const doc = { SchemaVersion: 2, Results: [{ Target: 'x', Type: 'npm', Vulnerabilities: Array.from({ length: count }, (_, n) => ({ VulnerabilityID: `CVE-2020-${10000 + n % 5000}`, PkgName: `p${n % 7000}`, PkgIdentifier: { PURL: `pkg:npm/p${n % 7000}@1.0.0` }, InstalledVersion: '1.0.0', Severity: 'HIGH' })) }] };
    const text = JSON.stringify(doc);
    const t = performance.now(); const c = process.cpuUsage();
    const seen = new Map<string, number>();
    const timer = setInterval(async () => {
      const { rows } = await sql<{ query: string }>`select left(regexp_replace(query, '\\s+', ' ', 'g'), 160) as query from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query not like '%pg_stat%'`.execute(world.database.db);
      for (const r of rows) seen.set(r.query, (seen.get(r.query) ?? 0) + 1);
    }, 100);
    const a = await reportRoutes.importFindings.handle(requestOf(world, engineer), { id: web, text });
    clearInterval(timer);
    const cpu = process.cpuUsage(c);
    console.log('import', count, Math.round(performance.now() - t), 'ms cpu', cpu.user / 1000, JSON.stringify(a).slice(0, 300));
    console.log([...seen].toSorted((a, b) => b[1] - a[1]).slice(0, 8).map(([q, n]) => `${n} ${q}`).join('\n'));
    expect(1).toBe(1);
  });
});
