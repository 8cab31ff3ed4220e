import { createServer as createPlain, type RequestListener } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { lookingOutside } from '../../platform/http/looking.ts';
import { type SelfMade, selfMade } from './certificate.fixture.ts';
import type { Look, SiteSeen } from './facts.ts';
import { tagsOf } from './html.ts';
import { judgeSite, librariesOf } from './judge.ts';
import { lookAt, siteLimits } from './look.ts';
import { librariesIn, libraryOfAddress } from './scripts.ts';

const at = (text: string) => Temporal.Instant.from(text);
/** Certificates are good by the clock of the machine, whenever this runs; what is judged is judged by this. */
const [begun, ended] = [at('2020-01-01T00:00:00Z'), at('2099-01-01T00:00:00Z')];
const now = ended.subtract({ hours: 24 * 90 });
const good = selfMade(begun, ended);
const signal = new AbortController().signal;
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    (server as ReturnType<typeof createPlain>).closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

interface Site {
  readonly answer: RequestListener;
  readonly made?: SelfMade;
  readonly options?: ServerOptions;
  /** What plain HTTP answers. */
  readonly plain?: RequestListener;
  readonly trusted?: boolean;
}

/** A site on real sockets; its plain port, which nobody but root may listen on, is led to another. */
async function siteOf({ answer, made = good, options = {}, plain, trusted = true }: Site) {
  const port = await listen(createServer({ cert: made.cert, key: made.key, ...options }, answer));
  const plainPort = plain ? await listen(createPlain(plain)) : 1;
  const looking = lookingOutside({
    internalHosts: ['localhost', '127.0.0.1'],
    trusted: trusted ? [made.cert] : [],
    timeoutMs: 5000,
    limitBytes: 100_000,
  });
  const led = (url: URL) => {
    const to = new URL(url);
    to.port = String(url.protocol === 'http:' ? plainPort : port);
    return to;
  };
  const look: Look = {
    ask: (url, stop) => looking.ask(led(url), stop),
    handshake: (url, offer, stop) => looking.handshake(led(url), offer, stop),
  };
  return { look, see: () => lookAt(look, 'https://localhost/', signal) };
}

const rulesOf = (seen: SiteSeen) => judgeSite(seen, now).map(({ rule }) => rule);
const safe = {
  'content-type': 'text/html',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};
const toHttps: RequestListener = (_, response) =>
  response.writeHead(301, { location: 'https://localhost/' }).end();

describe('a website, seen by a passer-by (VUL-1)', () => {
  test('that follows every rule has no finding', async () => {
    const site = await siteOf({
      plain: toHttps,
      answer: (_, response) =>
        response
          .writeHead(200, { ...safe, 'set-cookie': 'id=1; Secure; HttpOnly; SameSite=Lax' })
          .end('<p>Hello</p>'),
    });
    const seen = await site.see();
    expect(seen).toMatchObject({ plain: 'redirects', outdatedTls: false, whole: true, notes: [] });
    expect(seen.tls).toMatchObject({ protocol: 'TLSv1.3', problem: null });
    expect(seen.tls?.chain[0]).toMatchObject({ subject: 'localhost', rsaBits: null });
    expect(judgeSite(seen, now)).toEqual([]);
  });

  test('that follows none has one for each', async () => {
    const site = await siteOf({
      made: selfMade(begun, now.add({ hours: 24 * 13 }), 1024),
      options: { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
      plain: (_, response) => response.end('hello'),
      answer: (_, response) =>
        response
          .writeHead(200, { 'set-cookie': ['id=1', 'theme=dark; Secure; HttpOnly; SameSite=Lax'] })
          .end('<img src="http://images.example.com/a.png"><a href="http://example.com/">x</a>'),
    });
    // OpenSSL of today takes no key of 1,024 bits: what it says of it is that the certificate is not trusted.
    const seen = await site.see();
    const rest = await siteOf({
      options: { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
      made: selfMade(begun, now.add({ hours: 24 * 13 })),
      plain: (_, response) => response.end('hello'),
      answer: (_, response) =>
        response
          .writeHead(200, { 'set-cookie': ['id=1', 'theme=dark; Secure; HttpOnly; SameSite=Lax'] })
          .end('<img src="http://images.example.com/a.png"><a href="http://example.com/">x</a>'),
    });
    expect(rulesOf(seen)).toEqual(
      expect.arrayContaining(['site/certificate-weak', 'site/tls-outdated']),
    );
    expect(rulesOf(await rest.see())).toEqual([
      'site/certificate-expires-soon',
      'site/tls-outdated',
      'site/no-https-redirect',
      'site/hsts-missing',
      'site/csp-missing',
      'site/content-type-sniffing',
      'site/framing',
      'site/referrer-policy',
      'site/cookie-not-secure',
      'site/cookie-for-scripts',
      'site/cookie-same-site',
      'site/mixed-content',
    ]);
  });

  test('that loads very much, or from long addresses, is told of as far as that stays the same', () => {
    const long = `http://images.example.com/${'a'.repeat(5_000)}`;
    const many = Array.from({ length: 300 }, (_, n) => `<script>/*! jQuery v1.${n}.0 */</script>`);
    const body = `${many.join('')}<img src="${long}"><img src="http://example.com/p.gif?visit=1#x"><img src="http://example.com/q\0.gif">`;
    const page = { status: 200, headers: new Headers(), body, cut: false };
    const seen: SiteSeen = {
      url: new URL('https://example.com/'),
      tls: null,
      outdatedTls: false,
      plain: null,
      page,
      scripts: new Map(),
      whole: true,
      notes: [],
    };
    const places = judgeSite(seen, now)
      .filter(({ rule }) => rule === 'site/mixed-content')
      .map(({ place }) => place);
    expect(librariesOf(seen)).toHaveLength(200);
    expect(places).toEqual([
      long.slice(0, 300),
      'http://example.com/p.gif',
      'http://example.com/q',
    ]);
  });

  test.each([
    ['of nobody known', selfMade(begun, ended), false, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['that has expired', selfMade(at('2019-01-01T00:00:00Z'), begun), true, 'CERT_HAS_EXPIRED'],
  ])('with a certificate %s is not read behind it', async (_, made, trusted, problem) => {
    const site = await siteOf({
      made,
      trusted,
      answer: (_request, response) => response.end('<script src="/jquery-1.12.4.min.js"></script>'),
    });
    const seen = await site.see();
    expect(seen.tls?.problem).toBe(problem);
    expect(seen).toMatchObject({ page: null, whole: false });
    expect(rulesOf(seen)).toEqual(['site/certificate-untrusted']);
    expect(librariesOf(seen)).toEqual([]);
  });

  test('that takes only what RFC 8996 has ended is said to take no TLS of today', async () => {
    const options = {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const;
    const site = await siteOf({ options, answer: (_, response) => response.end() });
    expect(rulesOf(await site.see())).toEqual(
      expect.arrayContaining(['site/tls-none', 'site/tls-outdated']),
    );
  });
});

describe('the libraries of a page', () => {
  const page = `<!-- <script src="/jquery-1.0.0.js"></script> -->
    <script src="/assets/jquery-3.3.1.min.js"></script>
    <SCRIPT SRC='/assets/app.js?a=1&amp;b=2'></SCRIPT>
    <script src="https://cdn.example.com/npm/vue@2.6.10/dist/vue.min.js"></script>
    <script>/*! moment.js\n//! version : 2.19.0 */ "<script src='/react-1.0.0.js'>"</script>`;

  test('are known by address, by what a script says of itself, and in the page', async () => {
    const asked: string[] = [];
    const site = await siteOf({
      answer: (request, response) => {
        asked.push(request.url ?? '');
        if (request.url === '/') response.writeHead(200, safe).end(page);
        else if (request.url?.startsWith('/assets/app.js'))
          response.end(`/*! Bootstrap v4.1.3 */ /** @license React v16.8.6 */`);
        else response.end('/*! jQuery v3.3.1 | (c) JS Foundation */');
      },
    });
    const seen = await site.see();
    expect(librariesOf(seen).map(({ name, version }) => `${name}@${version}`)).toEqual([
      'jquery@3.3.1',
      'bootstrap@4.1.3',
      'react@16.8.6',
      'vue@2.6.10',
      'moment@2.19.0',
    ]);
    // Of other hosts nothing is asked: only the site is in the register.
    expect(asked).toEqual(['/', '/assets/jquery-3.3.1.min.js', '/assets/app.js?a=1&b=2']);
  });

  test.each([
    ['https://cdn.example.com/ajax/libs/jquery/3.3.1/jquery.min.js', 'jquery@3.3.1'],
    ['https://cdn.example.com/bootstrap/4.1.3/js/bootstrap.bundle.min.js', 'bootstrap@4.1.3'],
    ['https://cdn.example.com/npm/lodash@4.17.20/lodash.min.js', 'lodash@4.17.20'],
    ['/wp-includes/js/jquery/jquery.min.js?ver=3.7.1', 'jquery@3.7.1'],
    ['/js/jquery-3.3.1.slim.min.js', 'jquery@3.3.1'],
    ['/js/angular-1.7.9.min.js', 'angular@1.7.9'],
    ['/js/moment-2.19.0.min.js', 'moment@2.19.0'],
    ['/js/react.production.min.js', null],
    ['/js/app-1.2.3.js', null],
    ['/js/jquery.min.js?ver=latest', null],
    ['https://cdn.example.com/npm/unknown-thing@1.0.0/index.js', null],
  ])('%s', (address, library) => {
    const found = libraryOfAddress(address);
    expect(found && `${found.name}@${found.version}`).toBe(library);
  });

  test('whatever a page holds, it is read in time that grows with it', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '=',
      '/',
      '<!--',
      '-->',
      '<script',
      '</script>',
      'a',
      ' ',
      '<a b=c d',
      '&amp;',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        const html = pieces.join('');
        const tags = tagsOf(html);
        expect(tags.every(({ name }) => name !== '' && name === name.toLowerCase())).toBe(true);
        librariesIn(html, 'x');
      }),
      { numRuns: 2000 },
    );
    for (const hostile of [
      '<',
      '<a ',
      '<a b="',
      '<script>',
      '<!--',
      '<a b=',
      '</',
      'jQuery v1.',
      '1.1.a@',
    ]) {
      // What takes for ever here does not end before the test does.
      expect(tagsOf(hostile.repeat(300_000)).length).toBeLessThanOrEqual(50_000);
      expect(librariesIn(hostile.repeat(300_000), 'x').length).toBeLessThan(2);
      expect(libraryOfAddress(`/${hostile.repeat(600)}.js`)).toBeNull();
    }
  });
});

describe('what is looked at', () => {
  test.each([
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://localhost/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.1.2.3/',
    'https://user:secret@example.com/',
  ])('is never %s', async (location) => {
    const looking = lookingOutside({ internalHosts: [] });
    await expect(lookAt(looking, location, signal)).rejects.toThrow(
      /outside|inside|plain addresses/,
    );
  });

  test.each(['http://www.example.com/', 'ftp://example.com', 'javascript:alert(1)'])(
    'is an address that begins with https://, not %s',
    async (location) => {
      const looking = lookingOutside({ internalHosts: [] });
      await expect(lookAt(looking, location, signal)).rejects.toMatchObject({
        code: 'settingsWrong',
      });
    },
  );

  test('stays with the site: a redirect elsewhere is not followed, one inside is checked again', async () => {
    let hidden = 0;
    const inside = await listen(createPlain((_, response) => response.end(String(hidden++))));
    const site = await siteOf({
      answer: (request, response) => {
        const to = request.url === '/' ? '/next' : `http://127.0.0.1:${inside}/`;
        response.writeHead(302, { location: to }).end();
      },
    });
    const seen = await site.see();
    expect(seen.url.pathname).toBe('/next');
    expect(seen.notes.join()).toContain('which is not this site');
    expect(hidden).toBe(0);
  });

  test('ends: redirects without end, pages without end, and answers that never come', async () => {
    let asked = 0;
    const round = await siteOf({
      answer: (_, response) => {
        asked += 1;
        response.writeHead(302, { location: `/${asked}` }).end();
      },
    });
    expect((await round.see()).notes.join()).toContain('redirects again and again');
    expect(asked).toBe(siteLimits.redirects + 1);
    const long = await siteOf({ answer: (_, response) => response.end('x'.repeat(300_000)) });
    const seen = await long.see();
    expect(seen).toMatchObject({ whole: false, page: { cut: true } });
    expect(seen.page?.body).toHaveLength(100_000);
    const looking = lookingOutside({
      internalHosts: ['localhost'],
      trusted: [good.cert],
      timeoutMs: 200,
    });
    const port = await listen(createServer({ cert: good.cert, key: good.key }, () => undefined));
    await expect(looking.ask(new URL(`https://localhost:${port}/`), signal)).rejects.toMatchObject({
      code: 'timedOut',
    });
  });

  test('that nobody answers for is a problem, not a finding', async () => {
    const looking = lookingOutside({ internalHosts: ['localhost'] });
    await expect(lookAt(looking, 'https://localhost:1/', signal)).rejects.toMatchObject({
      code: 'sourceFails',
    });
  });
});

describe('the judgement of headers', () => {
  const seenWith = (headers: Record<string, string>): SiteSeen => ({
    url: new URL('https://www.example.com/'),
    tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', problem: null, chain: [] },
    outdatedTls: false,
    plain: 'redirects',
    page: { status: 200, headers: new Headers({ ...safe, ...headers }), body: '', cut: false },
    scripts: new Map(),
    whole: true,
    notes: [],
  });
  test.each([
    ['strict-transport-security', 'max-age=300', ['site/hsts-short']],
    [
      'content-security-policy',
      "script-src 'self' 'unsafe-inline'; frame-ancestors 'self'",
      ['site/csp-weak'],
    ],
    [
      'content-security-policy',
      "script-src 'nonce-abc' 'unsafe-inline'; frame-ancestors 'self'",
      [],
    ],
    ['content-security-policy', "default-src https:; frame-ancestors 'self'", ['site/csp-weak']],
    [
      'content-security-policy',
      "script-src https: 'strict-dynamic' 'nonce-a'; frame-ancestors 'self'",
      [],
    ],
    ['content-security-policy', "frame-ancestors 'none'", ['site/csp-weak']],
    ['content-security-policy', "default-src 'self'", ['site/framing']],
    ['content-security-policy', "default-src 'self'; frame-ancestors *", ['site/framing']],
    ['referrer-policy', 'unsafe-url', ['site/referrer-policy']],
    ['referrer-policy', 'unsafe-url, strict-origin', []],
    ['x-content-type-options', 'sniff', ['site/content-type-sniffing']],
  ])('%s: %s', (name, value, rules) => {
    expect(rulesOf(seenWith({ [name]: value }))).toEqual(rules);
  });

  test('a certificate without forward secrecy agreed upon is weak', () => {
    const seen = seenWith({});
    const tls = { protocol: 'TLSv1.2', cipher: 'AES128-SHA', problem: null, chain: [] };
    expect(rulesOf({ ...seen, tls })).toEqual(['site/tls-weak-cipher']);
    expect(rulesOf({ ...seen, tls: { ...tls, cipher: 'ECDHE-RSA-AES128-GCM-SHA256' } })).toEqual(
      [],
    );
  });
});
