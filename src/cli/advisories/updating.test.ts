import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zipOf } from '../../advisories/archives/archives.fixture.ts';
import { archiveOf, kept, serving } from '../fixture.ts';

const advisory = (id: string, modified: string, aliases: readonly string[] = []) => ({
  id,
  modified,
  summary: id,
  aliases,
  affected: [
    {
      package: { ecosystem: 'PyPI', name: 'alpha' },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.0' }] }],
    },
  ],
});

const fileOf = (one: ReturnType<typeof advisory>) => ({
  name: `${one.id}.json`,
  text: JSON.stringify(one),
});

let folder: string;
const importing = (path: string, store = 'a.sqlite') =>
  kept(['advisories', 'import', path, '--store', store], { folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-updating-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('kept advisories import', () => {
  it('takes a ZIP, and none of one that is damaged or larger than it says', async () => {
    const first = fileOf(advisory('EX-1', '2026-01-01T00:00:00Z'));
    await writeFile(join(folder, 'all.zip'), zipOf([first]));
    expect((await importing('all.zip')).out).toContain('1 read: 1 written');
    const bomb = { name: 'b.json', text: ' '.repeat(1_000_000) };
    const lie = (size: number) => Math.min(size, 10_000);
    await writeFile(join(folder, 'bomb.zip'), zipOf([first, bomb], lie));
    const refused = await importing('bomb.zip', 'b.sqlite');
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining('no whole archive: b.json'),
    ]);
    const damaged = zipOf([first]);
    damaged.writeUInt8(damaged.readUInt8(60) ^ 255, 60);
    await writeFile(join(folder, 'damaged.zip'), damaged);
    expect((await importing('damaged.zip', 'b.sqlite')).err).toContain('no whole archive');
    await writeFile(join(folder, 'cut.zip'), zipOf([first]).subarray(0, 100));
    expect((await importing('cut.zip', 'b.sqlite')).err).toContain('no whole archive');
    expect((await kept(['advisories', 'stats', '--store', 'b.sqlite'], { folder })).out).toContain(
      '0 advisories at',
    );
  });

  it('takes a .tar.gz of any tar, with names behind ./ and extended headers', async () => {
    const content = Buffer.from(JSON.stringify(advisory('EX-2', '2026-01-01T00:00:00Z')));
    const archive = archiveOf([
      { path: 'pax_global_header', content: Buffer.from('52 comment=0\n'), type: 'g' },
      { path: './', content: Buffer.alloc(0), type: '5' },
      { path: 'x', content: Buffer.from('24 path=./deep/EX-2.json\n'), type: 'x' },
      { path: './cut', content },
    ]);
    await writeFile(join(folder, 'a.tar.gz'), gzipSync(archive));
    expect((await importing('a.tar.gz', 'c.sqlite')).out).toContain('1 read: 1 written');
    await writeFile(join(folder, 'cut.tar.gz'), gzipSync(archive).subarray(0, 200));
    const cut = await importing('cut.tar.gz', 'c.sqlite');
    expect([cut.code, cut.err]).toEqual([1, expect.stringContaining('no whole archive')]);
  });
});

describe('kept advisories update', () => {
  it('fetches the archive first, then what has changed, and KEV and EPSS', async () => {
    const bucket = new Map<string, Buffer | string>();
    const { url, asked, close } = await serving(({ path }, response) => {
      const found = bucket.get(path);
      response.writeHead(found === undefined ? 404 : 200).end(found);
    });
    const first = advisory('EX-1', '2026-01-01T00:00:00Z', ['CVE-2026-0001']);
    bucket.set('/PyPI/all.zip', zipOf([fileOf(first)]));
    bucket.set(
      '/kev.json',
      JSON.stringify({
        vulnerabilities: [
          { cveID: 'CVE-2026-0001', dateAdded: '2026-01-05', vulnerabilityName: 'a' },
        ],
      }),
    );
    bucket.set(
      '/epss.csv.gz',
      gzipSync(
        '#model_version:v2026,score_date:2026-01-06\ncve,epss,percentile\nCVE-2026-0001,0.915,0.99\n',
      ),
    );
    const update = (...more: readonly string[]) =>
      kept(['advisories', 'update', ...more, '--store', 'u.sqlite', '--from', url], {
        folder,
        env: { KEPT_THREATS_FROM: `${url}/kev.json ${url}/epss.csv.gz` },
      });
    const whole = await update('PyPI');
    expect([whole.code, whole.err]).toEqual([0, '']);
    expect(whole.out).toContain('PyPI: 1 read: 1 written');

    await writeFile(join(folder, 'requirements.txt'), 'alpha==1.0\n');
    const scanned = await kept(['scan', 'requirements.txt', '--store', 'u.sqlite'], { folder });
    expect(scanned.out).toContain('EXPLOITED since 2026-01-05  EPSS 91.5 %');

    const second = advisory('EX-2', '2026-02-01T00:00:00Z');
    bucket.set('/PyPI/modified_id.csv', '2026-02-01T00:00:00Z,EX-2\n2025-01-01T00:00:00Z,EX-0\n');
    bucket.set('/PyPI/EX-2.json', JSON.stringify(second));
    bucket.delete('/kev.json');
    const changed = await update();
    expect([changed.code, changed.out]).toEqual([
      3,
      expect.stringContaining('PyPI: 1 read: 1 written'),
    ]);
    expect(changed.err).toContain('kev.json answers 404');
    expect(asked.filter(({ path }) => path === '/PyPI/all.zip')).toHaveLength(1);
    const stats = await kept(['advisories', 'stats', '--store', 'u.sqlite'], { folder });
    expect(stats.out).toMatch(/1 known to be exploited, 1 predictions.*osv\/PyPI +brought/s);
    await close();
    const alone = await update('PyPI');
    expect([alone.code, alone.err]).toEqual([3, expect.stringContaining('cannot be reached')]);
  });
});
