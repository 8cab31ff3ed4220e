import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outgoing } from '../../platform/http/outgoing.ts';
import { ask } from './asking.ts';
import { advisoryText, archivePieces, changesSince, pieceBytes } from './bucket.ts';
import { ArchiveChanged, type FeedLink, FeedProblem } from './facts.ts';
import { type FakeBucket, type Published, startFakeBucket } from './fake.ts';
import { feedBytes } from './feeds.ts';

let bucket: FakeBucket;
let link: FeedLink;

beforeEach(async () => {
  bucket = await startFakeBucket();
  const { host } = new URL(bucket.url);
  const { signal } = new AbortController();
  link = { fetch: outgoing({ internalHosts: [host], limitBytes: 64 * 1024 * 1024 }), signal };
});
afterEach(() => bucket.close());

const advisory = (id: string, modified: string): Published => ({
  id,
  modified,
  text: JSON.stringify({ id, modified }),
});

const since = (text: string) => Temporal.Instant.from(text);

describe('the bucket of OSV', () => {
  test('says what has changed since a time, the oldest first', async () => {
    bucket.publish(
      'crates.io',
      [
        advisory('OLD', '2026-01-01T00:00:00Z'),
        advisory('NEW', '2026-01-03T00:00:00.123456Z'),
        advisory('MID', '2026-01-02T00:00:00Z'),
      ],
      new Uint8Array(1),
    );
    const changes = await changesSince(
      link,
      bucket.url,
      'crates.io',
      since('2026-01-02T00:00:00Z'),
    );
    expect(changes.map(({ id }) => id)).toEqual(['MID', 'NEW']);
    expect(String(changes[1]?.modifiedAt)).toBe('2026-01-03T00:00:00.123456Z');
    expect(await advisoryText(link, bucket.url, 'crates.io', 'MID')).toContain('"MID"');
    expect(await advisoryText(link, bucket.url, 'crates.io', 'NONE')).toBeNull();
  });

  test('is asked for no more of the list than is new', async () => {
    const lines = Array.from({ length: 200_000 }, (_, n) => {
      const at = since('2026-06-01T00:00:00Z').subtract({ minutes: n });
      return `${at},GHSA-${String(n).padStart(20, '0')}`;
    });
    bucket.put('/npm/modified_id.csv', Buffer.from(lines.join('\n')));
    const changes = await changesSince(link, bucket.url, 'npm', since('2026-05-31T23:50:00Z'));
    expect(changes).toHaveLength(11);
    expect(bucket.asked).toEqual([`/npm/modified_id.csv bytes=0-${pieceBytes - 1}`]);
    const all = await changesSince(link, bucket.url, 'npm', since('2000-01-01T00:00:00Z'));
    expect(all).toHaveLength(200_000);
  });

  test('that answers something else is said to', async () => {
    bucket.put('/npm/modified_id.csv', Buffer.from('<html>Sign in</html>'));
    const asked = changesSince(link, bucket.url, 'npm', since('2000-01-01T00:00:00Z'));
    await expect(asked).rejects.toMatchObject({ code: 'feedUnexpected' });
  });

  test('that has no end is not read for ever', async () => {
    const asked: string[] = [];
    const endless = (bytes: Uint8Array<ArrayBuffer>, total: number): FeedLink => ({
      signal: link.signal,
      fetch: async (_, init) => {
        const range = new Headers(init?.headers).get('range') ?? '';
        const [from = 0] = /\d+/.exec(range)?.map(Number) ?? [];
        if (asked.push(range) > 5) throw new Error('it is asked for ever');
        const said = `bytes ${from}-${from + bytes.length - 1}/${total}`;
        return new Response(bytes, {
          status: 206,
          headers: { etag: '"1"', 'content-range': said },
        });
      },
    });
    const zeros = endless(new Uint8Array(1_000).fill(48), 2 ** 50);
    const all = Array.fromAsync(archivePieces(zeros, bucket.url, 'Go', { offset: 0, mark: '' }));
    await expect(all).rejects.toMatchObject({ code: 'feedUnexpected' });
    const list = changesSince(
      endless(new Uint8Array(1_001).fill(48), 2 ** 50),
      bucket.url,
      'Go',
      since('2000-01-01T00:00:00Z'),
    );
    await expect(list).rejects.toMatchObject({ code: 'feedUnexpected' });
    expect(asked).toHaveLength(2);
  });

  test('gives its archive in pieces, from any byte on, and never of two archives', async () => {
    const archive = Buffer.alloc(pieceBytes * 2 + 5, 'a');
    bucket.put('/Go/all.zip', archive);
    const pieces = await Array.fromAsync(
      archivePieces(link, bucket.url, 'Go', { offset: 0, mark: '' }),
    );
    expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).equals(archive)).toBe(true);
    expect(pieces).toHaveLength(3);
    const mark = pieces[0]?.mark ?? '';
    const offset = pieceBytes;
    const rest = await Array.fromAsync(archivePieces(link, bucket.url, 'Go', { offset, mark }));
    expect(rest.map(({ bytes }) => bytes.length)).toEqual([pieceBytes, 5]);
    const end = { offset: archive.length, mark };
    expect(await Array.fromAsync(archivePieces(link, bucket.url, 'Go', end))).toEqual([]);
    bucket.put('/Go/all.zip', Buffer.alloc(pieceBytes * 2, 'b'));
    const changed = Array.fromAsync(archivePieces(link, bucket.url, 'Go', { offset, mark }));
    await expect(changed).rejects.toBeInstanceOf(ArchiveChanged);
  });

  test('may be a mirror that knows no ranges', async () => {
    bucket.knowsRanges = false;
    bucket.put('/Go/all.zip', Buffer.from('whole'));
    const pieces = await Array.fromAsync(
      archivePieces(link, bucket.url, 'Go', { offset: 0, mark: '' }),
    );
    expect(pieces.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['whole']);
  });
});

describe('a feed', () => {
  test('is followed where it has moved to, and not for ever', async () => {
    const answers = [
      new Response(null, { status: 302, headers: { location: '/epss-2026-01-01.csv.gz' } }),
      new Response('content'),
    ];
    const asked: string[] = [];
    const fetch = async (input: Parameters<typeof globalThis.fetch>[0]) => {
      asked.push(String(input));
      return (
        answers.shift() ?? new Response(null, { status: 302, headers: { location: '/again' } })
      );
    };
    const of = { ...link, fetch };
    const bytes = await feedBytes(of, 'https://epss.example.com/current.csv.gz');
    expect(Buffer.from(bytes).toString()).toBe('content');
    expect(asked[1]).toBe('https://epss.example.com/epss-2026-01-01.csv.gz');
    await expect(ask(of, 'https://epss.example.com/')).rejects.toMatchObject({
      code: 'feedUnexpected',
    });
  });

  test('says in one word why there is no answer', async () => {
    const outside = outgoing({ internalHosts: [] });
    const codeOf = async (asked: Promise<unknown>): Promise<string> => {
      const error = await asked.then(() => null).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(FeedProblem);
      return (error as FeedProblem).code;
    };
    // An address inside, which nobody has allowed, is not asked at all.
    expect(await codeOf(feedBytes({ ...link, fetch: outside }, bucket.url))).toBe('feedRefused');
    expect(bucket.asked).toEqual([]);
    expect(await codeOf(feedBytes(link, `${bucket.url}/none`))).toBe('feedRefused');
    bucket.fail('/kev.json', 2);
    expect(await codeOf(feedBytes(link, `${bucket.url}/kev.json`))).toBe('feedUnreachable');
    bucket.fail('/epss.csv', 1, 'hangUp');
    expect(await codeOf(feedBytes(link, `${bucket.url}/epss.csv`))).toBe('feedUnreachable');
    bucket.fail('/forbidden', 1, 403);
    expect(await codeOf(feedBytes(link, `${bucket.url}/forbidden`))).toBe('feedRefused');
  });
});
