import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a fake bucket publishes of an advisory. */
export interface Published {
  readonly id: string;
  readonly modified: string;
  readonly text: string;
}

export interface FakeBucket {
  /** Where it answers, on this machine. */
  readonly url: string;
  /** Paths it was asked for, in order; with the range where there was one. */
  readonly asked: readonly string[];
  /** Publishes advisories of an ecosystem: single, in the list of changes, and in an archive made anew. */
  publish(ecosystem: string, advisories: readonly Published[], archive: Uint8Array): void;
  /** Publishes a file under a path. */
  put(path: string, bytes: Uint8Array): void;
  /** Answers the next requests for paths that end so by a status, or by hanging up. */
  fail(ending: string, times: number, how?: number | 'hangUp'): void;
  /** Whether it knows ranges; mirrors may not. */
  knowsRanges: boolean;
  close(): Promise<void>;
}

interface Failure {
  readonly ending: string;
  readonly how: number | 'hangUp';
  times: number;
}

/**
 * A fake of the bucket in which OSV publishes, and of any other place with files: it answers over a
 * real socket, with entity tags and ranges (RFC 9110, section 14), and fails as it is told to.
 */
export async function startFakeBucket(): Promise<FakeBucket> {
  const files = new Map<string, Uint8Array>();
  const asked: string[] = [];
  const failures: Failure[] = [];
  const known = new Map<string, Published>();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    const range = request.headers.range;
    asked.push(range ? `${path} ${range}` : path);
    const failure = failures.find(({ ending, times }) => times > 0 && path.endsWith(ending));
    if (failure) return failWith(failure, response);
    answer(files.get(path), request, response, bucket.knowsRanges);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bucket: FakeBucket = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    knowsRanges: true,
    publish(ecosystem, advisories, archive) {
      for (const each of advisories) {
        known.set(`${ecosystem}/${each.id}`, each);
        files.set(`/${ecosystem}/${each.id}.json`, Buffer.from(each.text));
      }
      const all = [...known].filter(([key]) => key.startsWith(`${ecosystem}/`));
      const newestFirst = all.map(([, each]) => each).toSorted((a, b) => byNewest(a, b));
      const list = newestFirst.map(({ id, modified }) => `${modified},${id}\n`).join('');
      files.set(`/${ecosystem}/modified_id.csv`, Buffer.from(list));
      files.set(`/${ecosystem}/all.zip`, archive);
    },
    put: (path, bytes) => void files.set(path, bytes),
    fail: (ending, times, how = 503) => void failures.push({ ending, times, how }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return bucket;
}

function byNewest(a: Published, b: Published): number {
  return Temporal.Instant.compare(b.modified, a.modified);
}

function failWith(failure: Failure, response: ServerResponse): void {
  failure.times -= 1;
  if (failure.how === 'hangUp') response.destroy();
  else response.writeHead(failure.how).end();
}

function answer(
  file: Uint8Array | undefined,
  { headers }: IncomingMessage,
  response: ServerResponse,
  knowsRanges: boolean,
): void {
  if (!file) return void response.writeHead(404).end();
  const etag = `"${createHash('sha256').update(file).digest('hex').slice(0, 16)}"`;
  const isSame = headers['if-range'] === undefined || headers['if-range'] === etag;
  const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '');
  if (!range || !knowsRanges || !isSame) return void response.writeHead(200, { etag }).end(file);
  const from = Number(range[1]);
  if (from >= file.length) return void response.writeHead(416, { etag }).end();
  const piece = file.subarray(from, Number(range[2]) + 1);
  const said = `bytes ${from}-${from + piece.length - 1}/${file.length}`;
  response.writeHead(206, { etag, 'content-range': said }).end(piece);
}
