import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { testWorld } from '../../platform/testing/world.ts';
import { company, engineer, requestOf, source } from './backlog.fixture.ts';
import { reportRoutes } from './routes.reports.ts';
import { exportRoutes } from './routes.exports.ts';

describe('perf', async () => {
  const world = await testWorld();
  beforeAll(async () => { await company(world); });
  test('20k findings', { timeout: 400_000 }, async () => {
    const web = await source(world, 'web');
    const doc = { SchemaVersion: 2, Results: [{ Target: 'x', Type: 'npm', Vulnerabilities: Array.from({ length: 20000 }, (_, n) => ({ VulnerabilityID: `CVE-2020-${10000 + n % 5000}`, PkgName: `p${n % 7000}`, PkgIdentifier: { PURL: `pkg:npm/p${n % 7000}@1.0.0` }, InstalledVersion: '1.0.0', Severity: 'HIGH' })) }] };
    const text = JSON.stringify(doc);
    for (let i = 0; i < 2; i++) {
      const t = performance.now(); const c = process.cpuUsage();
      const a = await reportRoutes.importFindings.handle(requestOf(world, engineer), { id: web, text });
      const cpu = process.cpuUsage(c);
      console.log('import', i, Math.round(performance.now() - t), 'ms cpu', cpu.user / 1000, JSON.stringify(a).slice(0, 300));
    }
    for (const format of ['csv', 'cyclonedx', 'openvex', 'sarif'] as const) {
      const t = performance.now();
      const a = await exportRoutes.exportBacklog.handle(requestOf(world, engineer), { format, state: 'any', bom: false });
      let n = 0; if ('stream' in a) for await (const p of a.stream) n += p.length;
      console.log(format, n, Math.round(performance.now() - t), 'ms');
    }
    expect(1).toBe(1);
  });
});
