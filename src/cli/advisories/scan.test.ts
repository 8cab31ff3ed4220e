import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBill } from '../../inventory/bills.ts';
import { json, kept, serving } from '../fixture.ts';
import type { Report } from './report.ts';

const advisory = (id: string, more: object = {}) => ({
  id,
  modified: '2026-01-01T00:00:00Z',
  summary: `${id} of alpha`,
  aliases: [`CVE-${id}`],
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
  affected: [
    {
      package: { ecosystem: 'npm', name: 'alpha' },
      ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.2.0' }] }],
    },
  ],
  ...more,
});

const lock = (version: string) =>
  JSON.stringify({
    lockfileVersion: 3,
    packages: {
      '': { dependencies: { beta: '1' } },
      'node_modules/beta': { version: '1.0.0', dependencies: { alpha: '1' } },
      'node_modules/alpha': { version },
    },
  });

let folder: string;
let store: string;
const put = (name: string, value: unknown) =>
  writeFile(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
const scanning = (...args: readonly string[]) =>
  kept(['scan', '--store', store, ...args], { folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-scan-'));
  store = join(folder, 'advisories.sqlite');
  await put('first.json', advisory('EX-1'));
  await put('same.json', advisory('EX-2', { aliases: ['EX-1'] }));
  await put('gone.json', advisory('EX-3', { withdrawn: '2026-01-02T00:00:00Z' }));
  await put('bad.json', '{"id": 7}');
  const { code, out } = await kept(['advisories', 'import', '.', '--store', store], { folder });
  expect([code, out]).toEqual([0, expect.stringContaining('4 read: 2 written')]);
  expect(out).toContain('bad.json: id:');
  await put('package-lock.json', lock('1.1.0'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('kept scan', () => {
  it('finds one vulnerability of two names, with the way to it and its fix', async () => {
    const { code, out } = await scanning('package-lock.json');
    expect(code).toBe(1);
    expect(out).toContain('critical  9.8 alpha 1.1.0 EX-1, CVE-EX-1, EX-2  fixed in 1.2.0');
    expect(out).toContain('by beta > alpha');
    expect(out).toContain('1 known vulnerabilities: 1 critical');
  });

  it('finds nothing in what is fixed, and ends with 0', async () => {
    await put('fixed-package-lock.json', lock('1.2.0'));
    const bill = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components: [] };
    await put('empty.cdx.json', bill);
    expect((await scanning('empty.cdx.json')).code).toBe(0);
  });

  it('answers in SARIF and in CycloneDX that can be read again', async () => {
    const sarif = JSON.parse((await scanning('--format', 'sarif', 'package-lock.json')).out);
    expect(sarif.runs[0].results).toHaveLength(1);
    expect(sarif.runs[0].results[0]).toMatchObject({ ruleId: 'EX-1', level: 'error' });
    const bill = (await scanning('--format', 'cyclonedx', 'package-lock.json')).out;
    expect((await readBill(bill)).components).toHaveLength(2);
  });

  it('ignores with a reason until a day, and no longer', async () => {
    const entry = { id: 'CVE-EX-1', reason: 'not reached' };
    await put('.kept-ignore.yaml', { ignore: [{ ...entry, until: '2999-01-01' }] });
    const ignored = await scanning('package-lock.json');
    expect([ignored.code, ignored.out]).toEqual([0, expect.stringContaining('not reached')]);
    await put('.kept-ignore.yaml', { ignore: [{ ...entry, until: '2001-01-01' }] });
    const expired = await scanning('package-lock.json');
    expect([expired.code, expired.out]).toEqual([1, expect.stringContaining('no longer ignored')]);
    await put('.kept-ignore.yaml', { ignore: [{ id: 'CVE-EX-1' }] });
    const wrong = await scanning('package-lock.json');
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('ignore.0.reason')]);
    await rm(join(folder, '.kept-ignore.yaml'));
  });

  it('passes over what it was not named and cannot read, and says so', async () => {
    await put('pnpm-lock.yaml', '{');
    const { out } = await scanning('--format', 'json', '.');
    const report = JSON.parse(out) as Report;
    expect(report.unread).toEqual([
      { path: 'pnpm-lock.yaml', reason: expect.stringContaining('cannot be read') },
    ]);
    const named = await scanning('pnpm-lock.yaml');
    expect([named.code, named.err]).toEqual([2, expect.stringContaining('pnpm-lock.yaml')]);
    await rm(join(folder, 'pnpm-lock.yaml'));
  });

  it('says what to do where there are no advisories', async () => {
    const { code, err } = await kept(['scan', '--store', 'nowhere.sqlite', '.'], { folder });
    expect([code, err]).toEqual([2, expect.stringContaining('kept advisories import')]);
  });

  it('takes in only what is newer, and takes out what was withdrawn', async () => {
    const again = await kept(['advisories', 'import', 'first.json', '--store', store], { folder });
    expect(again.out).toContain('1 unchanged');
    const other = join(folder, 'other.sqlite');
    await kept(['advisories', 'import', 'first.json', '--store', other], { folder });
    const withdrawn = advisory('EX-1', {
      modified: '2026-02-01T00:00:00Z',
      withdrawn: '2026-02-01T00:00:00Z',
    });
    await put('first.json', withdrawn);
    const { out } = await kept(['advisories', 'import', 'first.json', '--store', other], {
      folder,
    });
    expect(out).toContain('0 advisories at');
    const stats = await kept(['advisories', 'stats', '--store', store], { folder });
    expect(stats.out).toMatch(/npm\s+2 advisories\s+1 packages/);
  });
});

describe('kept scan, where not all is known', () => {
  it('says of which ecosystems there are no advisories, and does not end with 0', async () => {
    await put('requirements.txt', 'gamma==1.0\n');
    const { code, out } = await scanning('requirements.txt');
    expect([code, out]).toEqual([6, expect.stringContaining('not judged: 1 components of PyPI')]);
    await rm(join(folder, 'requirements.txt'));
  });

  it('joins advisories through a third that names both, and asks for the fix of all', async () => {
    const fixedIn = (fixed: string) => [
      {
        package: { ecosystem: 'npm', name: 'delta' },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }],
      },
    ];
    await put('d1.json', advisory('D-1', { aliases: ['CVE-1'], affected: fixedIn('1.9.0') }));
    await put('d2.json', advisory('D-2', { aliases: ['CVE-2'], affected: fixedIn('1.10.0') }));
    await put(
      'd3.json',
      advisory('D-3', { aliases: ['CVE-1', 'CVE-2'], affected: fixedIn('1.2.0') }),
    );
    for (const file of ['d1.json', 'd2.json', 'd3.json']) {
      await kept(['advisories', 'import', file, '--store', store], { folder });
      await rm(join(folder, file));
    }
    const twice = { version: '1.0.0' };
    const places = { 'node_modules/delta': twice, 'node_modules/a/node_modules/delta': twice };
    await put('package-lock.json', { lockfileVersion: 3, packages: places });
    const { out } = await scanning('package-lock.json', '--format', 'json');
    const [file] = (JSON.parse(out) as Report).files;
    expect(file?.counted).toHaveLength(1);
    expect(file?.counted[0]?.fixedIn).toBe('1.10.0');
    await put('package-lock.json', lock('1.1.0'));
  });
});

describe('kept scan and a server', () => {
  it('records what was read as an audit of a source', async () => {
    const { url, asked, close } = await serving((_, response) =>
      json(response, 200, { components: 2, added: 1, gone: 0, complete: true }),
    );
    const env = { KEPT_URL: url, KEPT_TOKEN: 'kept_sample' };
    const ran = await kept(
      ['scan', 'package-lock.json', '--store', store, '--record', 'web', '--fail-on', 'critical'],
      { folder, env },
    );
    await close();
    expect(ran.err).toContain('Recorded as an audit of web: 2 components, 1 added, 0 gone');
    expect(asked).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/sources/web/audits',
        body: { complete: true, way: 'command', files: [{ name: 'package-lock.json' }] },
      },
    ]);
  });

  it('shows that the server refuses an audit after which most is gone, and gives it a word why', async () => {
    const refusal = {
      title: '9 of the 10 packages that were known of web would be gone by this audit.',
      action: 'If so much is gone indeed, say why: --gone-because.',
      code: 'mostIsGone',
    };
    const { url, asked, close } = await serving(({ body }, response) =>
      Object(body).goneBecause
        ? json(response, 200, { components: 1, added: 0, gone: 0, doubted: 9, complete: true })
        : json(response, 422, refusal),
    );
    const env = { KEPT_URL: url, KEPT_TOKEN: 'kept_sample' };
    const ran = (...more: string[]) =>
      kept(
        [
          ...['scan', 'package-lock.json', '--store', store],
          ...['--record', 'web', '--fail-on', 'critical', ...more],
        ],
        { folder, env },
      );
    const refused = await ran();
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(refusal.title);
    expect(refused.err).toContain('--gone-because');
    const taken = await ran('--gone-because', 'taken apart');
    await close();
    expect(taken.err).toContain('9 more count as gone once somebody else has confirmed it');
    expect(asked.map(({ body }) => Object(body).goneBecause)).toEqual([undefined, 'taken apart']);
  });
});
