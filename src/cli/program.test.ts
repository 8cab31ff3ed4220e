import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answerer, archiveOf, json, kept, serving } from './fixture.ts';

let folder: string;
const open: { close: () => Promise<void> }[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

/** A server, and the environment that leads to it. */
async function serve(answer: Answerer) {
  const server = await serving(answer);
  open.push(server);
  return { ...server, env: { KEPT_URL: server.url, KEPT_TOKEN: 'secret' } };
}

const commands = [
  '',
  'up',
  'demo',
  'status',
  'import',
  'import people',
  'import systems',
  'import policy',
  'import grants',
  'export',
  'verify',
  'token',
  'token create',
  'token list',
  'token revoke',
  'scan',
  'advisories',
  'advisories import',
  'advisories update',
  'advisories stats',
];

describe('help', () => {
  it('is the golden file, command by command', async () => {
    const pages: string[] = [];
    for (const command of commands) {
      const { out, code } = await kept([...command.split(' ').filter(Boolean), '--help']);
      expect(code).toBe(0);
      pages.push(`$ kept ${command} --help\n\n`.replace('  ', ' ') + out);
    }
    await expect(pages.join('\n')).toMatchFileSnapshot('help.golden.txt');
  });

  it.each([
    [['frob']],
    [['export']],
    [['verify', 'a', 'b']],
    [['token', 'create', 'x']],
    [['token', 'create', 'x', '--role', 'king']],
    [['token', 'create', 'x', '--role', 'auditor', '--days', '0']],
    [['import', 'grants', 'x']],
    [['--frob']],
  ])('is offered for %j, which is wrong usage', async (args) => {
    const { code, err } = await kept(args);
    expect([code, err]).toEqual([2, expect.stringMatching(/^error: /)]);
    const inJson = await kept(['--json', ...args]);
    expect([inJson.code, JSON.parse(inJson.err)]).toEqual([2, { title: expect.any(String) }]);
  });
});

describe('the server is found', () => {
  const counted: Answerer = (_, response) => json(response, 200, []);

  it('by KEPT_URL and KEPT_TOKEN', async () => {
    const { env, asked } = await serve(counted);
    expect((await kept(['status'], { env: { ...env, KEPT_URL: `${env.KEPT_URL}/` } })).code).toBe(
      0,
    );
    expect(asked).toMatchObject([
      { method: 'GET', path: '/api/v1/promises', authorization: 'Bearer secret' },
    ]);
  });

  it('by the file of a server of this machine, where no token is given', async () => {
    const { url, asked } = await serve(counted);
    const data = join(folder, 'data');
    await mkdir(data, { recursive: true });
    await writeFile(
      join(data, 'cli.json'),
      JSON.stringify({ url, origin: 'https://kept.example.com', token: 'local' }),
      {
        mode: 0o600,
      },
    );
    expect((await kept(['status'], { folder })).code).toBe(0);
    expect(
      (await kept(['status'], { env: { KEPT_DATA: data, KEPT_URL: 'https://kept.example.com' } }))
        .code,
    ).toBe(0);
    expect(asked.map(({ authorization }) => authorization)).toEqual([
      'Bearer local',
      'Bearer local',
    ]);
    const other = { KEPT_DATA: data, KEPT_URL: 'http://127.0.0.1:9' };
    expect(await kept(['status'], { env: other })).toMatchObject({
      code: 3,
      err: expect.stringContaining('No Kept answers at http://127.0.0.1:9 (from KEPT_URL)'),
    });

    await chmod(join(data, 'cli.json'), 0o644);
    expect(await kept(['status'], { folder })).toMatchObject({
      code: 2,
      err: expect.stringContaining('mode 0600'),
    });
  });

  it('and where it is not, says so in one block', async () => {
    const { env, close } = await serve(counted);
    await close();
    open.length = 0;
    const { code, err } = await kept(['status'], { env });
    expect(code).toBe(3);
    expect(err).toContain(`kept: No Kept answers at ${env.KEPT_URL}`);
    expect(err).toContain('What to do:');
  });
});

describe('what the server refuses', () => {
  it.each([
    [401, 4],
    [403, 4],
    [404, 1],
    [409, 1],
    [422, 1],
    [500, 5],
    [503, 5],
  ])('with %i ends with code %i', async (status, code) => {
    const { env } = await serve((_, response) =>
      json(response, status, {
        title: 'No.',
        detail: 'Because.',
        action: 'Do this.',
        reference: 'r-1',
      }),
    );
    const ran = await kept(['status'], { env });
    expect([ran.code, ran.err]).toEqual([
      code,
      'kept: No.\n  Because.\n  What to do: Do this.\n  Reference: r-1\n',
    ]);
    const asJson = await kept(['--json', 'status'], { env });
    expect([asJson.code, JSON.parse(asJson.err)]).toEqual([
      code,
      expect.objectContaining({ title: 'No.', status }),
    ]);
  });

  it('before it is ready counts as not reached', async () => {
    const { env } = await serve((_, response) =>
      json(response, 503, { title: 'Kept is starting', code: 'starting' }),
    );
    expect((await kept(['status'], { env })).code).toBe(3);
  });

  it('without problem details is told all the same', async () => {
    const { env } = await serve((_, response) => response.writeHead(502).end('<html>'));
    expect(await kept(['status'], { env })).toMatchObject({
      code: 5,
      err: 'kept: The server answered 502 Bad Gateway\n',
    });
  });
});

describe('status', () => {
  const promises = [
    { id: 'ACC-5', clause: 'access', status: 'broken', reason: '4 of 212', provenAt: null },
    {
      id: 'PUB-1',
      clause: 'publication',
      status: 'kept',
      reason: null,
      provenAt: '2026-01-05T00:00:00.000Z',
    },
    { id: 'PEO-1', clause: 'people', status: 'due', reason: 'due in 6 days', provenAt: null },
  ];
  const answered: Answerer = (_, response) => json(response, 200, promises);

  it('names what is not kept, the worst first', async () => {
    const { env } = await serve(answered);
    expect((await kept(['status'], { env })).out).toBe(
      `${env.KEPT_URL}: 2 of 3 promises kept, 1 broken, 0 unknown, 1 due soon\n  broken   ACC-5    4 of 212\n  due      PEO-1    due in 6 days\n`,
    );
  });

  it.each([[['--json', 'status']], [['status', '--json']]])('answers %j in JSON', async (args) => {
    const { env } = await serve(answered);
    expect(JSON.parse((await kept(args, { env })).out)).toEqual({
      url: env.KEPT_URL,
      counts: { broken: 1, unknown: 0, due: 1, kept: 1 },
      promises,
    });
  });
});

describe('import', () => {
  it('sends the bytes of the file and shows what came of them', async () => {
    const { env, asked } = await serve((_, response) =>
      json(response, 200, { added: 2, changed: 0, leftOut: 1, id: 'x' }),
    );
    await writeFile(join(folder, 'people.csv'), 'name\n山田\n');
    const ran = await kept(['import', 'people', 'people.csv'], { env, folder });
    expect(ran).toMatchObject({
      code: 0,
      out: `Imported people from people.csv into ${env.KEPT_URL}: added 2, changed 0, left out 1\n`,
    });
    const asJson = await kept(['--json', 'import', 'people', 'people.csv'], { env, folder });
    const counts = { added: 2, changed: 0, leftOut: 1, id: 'x' };
    expect(JSON.parse(asJson.out)).toEqual({ server: env.KEPT_URL, ...counts });
    const { path, body } = asked[0] ?? {};
    expect(path).toBe('/api/v1/people/import');
    expect(Buffer.from((body as { base64: string }).base64, 'base64').toString()).toBe(
      'name\n山田\n',
    );
  });

  it('lists every unfit row of a file that is refused', async () => {
    const { env } = await serve(({ path }, response) =>
      path.endsWith('/preview')
        ? json(response, 200, {
            problems: [
              { line: 3, column: 'email', why: 'is no address' },
              { line: 9, column: '', why: 'is empty' },
            ],
            problemCount: 12,
          })
        : json(response, 422, { code: 'rowsUnfit', title: 'The file cannot be imported.' }),
    );
    await writeFile(join(folder, 'systems.csv'), 'key\n');
    const ran = await kept(['import', 'systems', 'systems.csv'], { env, folder });
    expect([ran.code, ran.err]).toEqual([
      1,
      'kept: The file cannot be imported.\n  line 3, email: is no address\n  line 9: is empty\n  and 10 more\n',
    ]);
  });

  it('says which file is not there', async () => {
    const ran = await kept(['import', 'people', 'nowhere.csv'], {
      env: { KEPT_URL: 'http://127.0.0.1:1', KEPT_TOKEN: 'x' },
      folder,
    });
    expect(ran).toMatchObject({
      code: 2,
      err: expect.stringContaining('nowhere.csv cannot be read: there is no such file'),
    });
  });

  it('of grants says what the file is only where it was told', async () => {
    const { env, asked } = await serve((_, response) => json(response, 200, { pairs: 1 }));
    await writeFile(join(folder, 'grants.txt'), 'user role\n');
    const args = ['import', 'grants', 'grants.txt', '--system', 'erp'];
    await kept(args, { env, folder });
    await kept([...args, '--format', 'pairs'], { env, folder });
    const formats = asked.map(({ body }) => (body as { format?: string }).format);
    expect(formats).toEqual([undefined, 'pairs']);
    expect((await kept([...args, '--format', 'xml'], { env, folder })).code).toBe(2);
  });

  /** Knows a system only once it was added. */
  function register(): Answerer {
    let known = false;
    return ({ method, path }, response) => {
      if (method === 'POST' && path === '/api/v1/systems') known = true;
      if (known) json(response, 200, { grants: 3 });
      else json(response, 404, { title: 'There is no such system.' });
    };
  }

  it.each([
    ['adds a system that the register does not know', [], undefined, 0, 3],
    ['asks first where somebody is there', [], true, 0, 3],
    ['and adds none when told no', [], false, 1, 1],
    ['nor with --no-create', ['--no-create'], undefined, 1, 1],
  ])('of grants %s', async (_, flags, confirm, code, calls) => {
    const { env, asked } = await serve(register());
    await writeFile(join(folder, 'grants.txt'), 'ada root\n');
    const ran = await kept(['import', 'grants', 'grants.txt', '--system', 'erp', ...flags], {
      env,
      folder,
      ...(confirm === undefined ? {} : { confirm }),
    });
    expect([ran.code, asked.length]).toEqual([code, calls]);
    expect(ran.out).toBe(
      code === 0 ? `Read erp from grants.txt into ${env.KEPT_URL}: grants 3\n` : '',
    );
    expect(asked[0]?.path).toBe('/api/v1/systems/erp/reads');
  });
});

describe('export', () => {
  it('unpacks the archive, and an archive cut short leaves nothing', async () => {
    const whole = archiveOf([{ path: 'checkpoint', content: Buffer.from('note') }]);
    let sent = whole;
    const { env } = await serve((_, response) =>
      response.writeHead(200, { 'content-type': 'application/x-tar' }).end(sent),
    );
    const done = await kept(['export', 'out'], { env, folder });
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining('Exported 1 files') });
    expect(await readFile(join(folder, 'out', 'checkpoint'), 'utf8')).toBe('note');
    expect(await kept(['export', 'out'], { env, folder })).toMatchObject({
      code: 2,
      err: expect.stringContaining('not empty'),
    });

    sent = whole.subarray(0, 600);
    expect(await kept(['export', 'other'], { env, folder })).toMatchObject({
      code: 5,
      err: expect.stringContaining('ends too early'),
    });
  });

  it('tells a connection that broke from an archive that is wrong', async () => {
    const { env } = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/x-tar', 'content-length': '5000' });
      response.write(Buffer.alloc(10));
      setImmediate(() => response.destroy());
    });
    expect(await kept(['export', 'broken'], { env, folder })).toMatchObject({
      code: 3,
      err: expect.stringContaining('connection broke'),
    });
  });
});

describe('verify', () => {
  it('fails what is no export', async () => {
    await mkdir(join(folder, 'no-export'), { recursive: true });
    const ran = await kept(['verify', 'no-export'], { folder });
    expect(ran).toMatchObject({ code: 1, out: expect.stringContaining('does NOT verify') });
    expect(
      JSON.parse((await kept(['verify', 'no-export', '--json'], { folder })).out),
    ).toMatchObject({ ok: false });
    expect((await kept(['verify', 'nowhere'], { folder })).code).toBe(2);
  });
});

describe('token', () => {
  it('create shows the token alone, so that a script can keep it', async () => {
    const { env, asked } = await serve((_, response) =>
      json(response, 200, { token: 'kept_abc', id: '1' }),
    );
    const ran = await kept(
      [
        'token',
        'create',
        'backup',
        '--role',
        'auditor',
        'service',
        '--scope',
        'exportLedger',
        '--days',
        '30',
      ],
      { env },
    );
    expect(ran).toMatchObject({ code: 0, out: 'kept_abc\n' });
    expect(asked[0]).toMatchObject({
      path: '/api/v1/tokens',
      body: { name: 'backup', roles: ['auditor', 'service'], scope: ['exportLedger'], days: 30 },
    });
  });

  it('list and revoke', async () => {
    const items = [
      {
        id: 'i1',
        name: 'backup',
        roles: ['auditor'],
        expiresAt: '2026-02-01T00:00:00.000Z',
        revokedAt: null,
        lastUsedAt: null,
      },
    ];
    const { env, asked } = await serve((_, response) => json(response, 200, { items }));
    expect((await kept(['token', 'list'], { env })).out).toMatch(
      /^i1 {2}until 2026-02-01.*auditor {2}backup\n$/,
    );
    expect(await kept(['token', 'revoke', 'i1'], { env })).toMatchObject({
      code: 0,
      out: 'Revoked i1\n',
    });
    expect(asked[1]).toMatchObject({ method: 'DELETE', path: '/api/v1/tokens/i1' });
  });
});
