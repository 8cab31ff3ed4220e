import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  expectOk,
  type Installation,
  install,
  register,
  type SignedIn,
  setUp,
  until,
} from './installation.ts';
import { generatedPairs, pairText, readPairs } from './pairs.ts';

// The largest real file where it is at hand (KEPT_REAL=1), a population of its shape elsewhere.
const realFile = join(
  import.meta.dirname,
  '..',
  '..',
  'shared',
  'data',
  'access',
  'americas_large.txt',
);
const isWhole = process.env['KEPT_REAL'] === '1';
const size = isWhole
  ? { pairs: 185_294, users: 3_485, permissions: 10_127, kept: 100_000, revoked: 5_000 }
  : { pairs: 6_000, users: 220, permissions: 640, kept: 4_000, revoked: 500 };
const leftIn = 10;

let kept: Installation;
let owner: SignedIn;
const took: string[] = [];

beforeAll(async () => {
  kept = await install();
  await setUp(kept);
  owner = await register(kept, 'Sato Yui', ['engineer', 'employee']);
});

afterAll(async () => {
  await kept?.end();
  if (isWhole) console.info(took.join('\n'));
});

test(`of ${size.pairs} grants ${size.kept} are kept in one act and ${size.revoked} revoked, and only a later read proves it`, {
  timeout: isWhole ? 600_000 : 120_000,
}, async () => {
  const pairs =
    isWhole && existsSync(realFile)
      ? readPairs(await readFile(realFile, 'utf8'))
      : generatedPairs(size);
  expect(pairs.length).toBe(size.pairs);

  const first = await imported('first.txt', pairs);
  expect(first).toMatchObject({
    pairs: size.pairs,
    added: size.pairs,
    accounts: size.users,
    gone: 0,
  });
  await ownedByReviewer();

  const campaign = await opened();
  const items = await itemsOf(campaign);
  expect(items.size).toBe(size.pairs);
  await decided(campaign);

  const orders = [...items].filter(([no]) => no > size.kept && no <= size.kept + size.revoked);
  const revoked = new Set(orders.map(([, pair]) => pairText(pair)));
  expect(revoked.size).toBe(size.revoked);
  // A decision proves nothing: at once due, and nobody has looked.
  await acc6(({ status }) => status === 'broken');

  const remaining = pairs.filter((pair) => !revoked.has(pairText(pair)));
  const second = await imported('without.txt', remaining);
  expect(second).toMatchObject({ pairs: size.pairs - size.revoked, added: 0, gone: size.revoked });
  await until(
    'the proof of all orders',
    () => ordersIn(campaign, 'proven'),
    (proven) => proven === size.revoked,
  );
  const kept6 = await acc6(({ status }) => status !== 'broken');
  expect(kept6.status).toBe('kept');
  expect(await findingsOfAcc6()).toBe(0);

  const back = [...revoked].slice(0, leftIn);
  const third = await imported(
    'with-ten.txt',
    pairs.filter((pair) => !revoked.has(pairText(pair)) || back.includes(pairText(pair))),
  );
  expect(third).toMatchObject({ added: leftIn, gone: 0 });
  const broken6 = await acc6(({ status }) => status === 'broken');
  expect(broken6.reason).toContain(String(leftIn));
  expect(await findingsOfAcc6()).toBe(leftIn);
  expect(await ordersIn(campaign, 'returned')).toBe(leftIn);

  // The page at the front says it to whoever reads it.
  await until(
    'ACC-6 on the public page',
    publicNote,
    (note) => /^ACC-6 Broken/.test(note) && note.includes(String(leftIn)),
  );

  await verified();
});

/** Imports by the command line, as an administrator does, and answers what it counted. */
async function imported(
  name: string,
  pairs: readonly (readonly [string, string])[],
): Promise<object> {
  const file = join(kept.folder, name);
  await writeFile(
    file,
    pairs.map(([user, permission]) => `${user.padStart(9)}${permission.padStart(11)}\n`).join(''),
  );
  const said = await timed(`import ${pairs.length} pairs`, () =>
    kept.cli('import', 'grants', file, '--system', 'erp', '--json'),
  );
  // Beside the answer it may say that it added the system.
  return JSON.parse(said.slice(said.indexOf('{'), said.lastIndexOf('}') + 1)) as object;
}

async function ownedByReviewer(): Promise<void> {
  const { body } = expectOk(await kept.local('GET', '/api/v1/systems/erp'));
  expectOk(
    await kept.local('PATCH', '/api/v1/systems/erp', {
      version: body['version'],
      changes: { ownerId: owner.id },
    }),
  );
}

async function opened(): Promise<string> {
  const dueAt = Temporal.Now.instant().add({ hours: 240 }).toString();
  const { body } = await timed(`open a campaign of ${size.pairs} items`, async () =>
    expectOk(
      await kept.local('POST', '/api/v1/campaigns', {
        name: 'The first review',
        systems: 'all',
        dueAt,
        revokeWithinHours: 0,
      }),
    ),
  );
  expect(body['items']).toBe(size.pairs);
  return String(body['id']);
}

/** Number and pair of every item, as the owner of the system downloads them. */
async function itemsOf(campaign: string): Promise<Map<number, readonly [string, string]>> {
  const { body } = await timed(`download ${size.pairs} items`, () =>
    owner.browser.get(`/api/v1/campaigns/${campaign}/items?format=csv&sort=no`),
  );
  const [head = '', ...lines] = String(body['text']).replace('\uFEFF', '').trim().split(/\r?\n/);
  const columns = head.split(',');
  const [no, account, entitlement] = ['no', 'account', 'entitlement'].map((name) =>
    columns.indexOf(name),
  );
  return new Map(
    lines.map((line) => {
      const cells = line.split(',');
      return [Number(cells[no ?? 0]), [cells[account ?? 0] ?? '', cells[entitlement ?? 0] ?? '']];
    }),
  );
}

async function decided(campaign: string): Promise<void> {
  const numbers = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, n) => from + n + 1);
  const decide = (body: object) =>
    owner.browser.post(`/api/v1/campaigns/${campaign}/decisions`, body);
  const keep = await timed(`keep ${size.kept} in one act`, () =>
    decide({ decision: 'keep', selection: { filter: {}, except: numbers(size.kept, size.pairs) } }),
  );
  expect(expectOk(keep).body).toMatchObject({
    count: size.kept,
    undecided: size.pairs - size.kept,
  });
  const revoke = await timed(`revoke ${size.revoked} in one act`, () =>
    decide({
      decision: 'revoke',
      reason: 'Not needed for their work any more',
      selection: { nos: numbers(size.kept, size.kept + size.revoked) },
    }),
  );
  expect(expectOk(revoke).body).toMatchObject({ count: size.revoked, ownExcluded: 0 });
}

interface PublicPromise {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
}

/** ACC-6 as anybody may read it, once it is as it should be. */
async function acc6(fits: (promise: PublicPromise) => boolean): Promise<PublicPromise> {
  const ask = async (): Promise<PublicPromise> => {
    const answer = await fetch(`${kept.url}/api/v1/promises`);
    const promises = (await answer.json()) as PublicPromise[];
    const found = promises.find(({ id }) => id === 'ACC-6');
    if (!found) throw new Error('the policy in force has no ACC-6');
    return found;
  };
  return timed('ACC-6 says so', () => until('ACC-6', ask, fits));
}

/** What stands in the margin beside ACC-6 on the public page. */
async function publicNote(): Promise<string> {
  const html = await (await fetch(`${kept.url}/?lang=en`)).text();
  const [, note = ''] =
    /<span class="note[^"]*"><a class="mark" href="\/promises\/ACC-6[^"]*">(.*?)<\/span><\/span>/s.exec(
      html,
    ) ?? [];
  return note.replace(/<[^>]*>/g, '').trim();
}

async function ordersIn(campaign: string, state: string): Promise<number> {
  const path = `/api/v1/revoke-orders?campaign=${campaign}&state=${state}&limit=1`;
  return expectOk(await kept.local('GET', path)).body['total'] as number;
}

async function findingsOfAcc6(): Promise<number> {
  const { body } = expectOk(
    await kept.local('GET', '/api/v1/findings?promise=ACC-6&state=standing&limit=1'),
  );
  return body['total'] as number;
}

/** What happened here verifies outside, down to which items were decided. */
async function verified(): Promise<void> {
  const folder = join(kept.folder, 'export');
  await timed('export', () => kept.cli('export', folder));
  const report = JSON.parse(await timed('verify', () => kept.cli('verify', folder, '--json'))) as {
    ok: boolean;
  };
  expect(report.ok).toBe(true);
  const acts = await decidedIn(folder);
  expect(acts.map(({ count }) => count).toSorted((a, b) => b - a)).toEqual([
    size.kept,
    size.revoked,
  ]);
  for (const { count, file } of acts) {
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines.length).toBe(count);
  }
  const [{ file } = { file: '' }] = acts;
  const bytes = await readFile(file);
  await writeFile(file, Buffer.from(bytes).fill((bytes[0] ?? 0) ^ 1, 0, 1));
  await expect(kept.cli('verify', folder)).rejects.toThrow(/blob\//);
  await rm(file);
  await expect(kept.cli('verify', folder)).rejects.toThrow(/blob\//);
}

/** What the entries of an export say was decided, and where the lines of each act lie. */
async function decidedIn(
  folder: string,
): Promise<readonly { readonly count: number; readonly file: string }[]> {
  const parts = await readdir(join(folder, 'register'));
  const texts = await Promise.all(
    parts.map((part) => readFile(join(folder, 'register', part), 'utf8')),
  );
  return texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.includes('"ItemsDecided"'))
    .map((line) => {
      const { entry } = JSON.parse(line) as {
        entry: { body: { count: number; decisionsBlob: string } };
      };
      const { count, decisionsBlob } = entry.body;
      return { count, file: join(folder, 'blob', decisionsBlob.slice(0, 2), decisionsBlob) };
    });
}

async function timed<T>(what: string, run: () => Promise<T>): Promise<T> {
  const begunMs = performance.now();
  const answer = await run();
  const rss = isWhole
    ? /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${kept.kept.child.pid}/status`, 'utf8'))?.[1]
    : '';
  took.push(
    `${what}: ${((performance.now() - begunMs) / 1000).toFixed(2)} s${rss ? `, ${Math.round(Number(rss) / 1024)} MiB` : ''}`,
  );
  return answer;
}
