import type { Severity } from '../../advisories/severity.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { SiteSeen, Tls } from './facts.ts';
import { tagsOf } from './html.ts';
import { type Library, librariesIn, libraryOfAddress } from './scripts.ts';

/** A rule that a site does not follow. */
export interface SiteFinding {
  /** `site/hsts-missing`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly place: string;
}

const warnDays = 14;
const hstsSeconds = 180 * 24 * 60 * 60;

/** Rules by name: how bad it is not to follow them, and what is wrong then. */
const rules = {
  'certificate-untrusted': ['high', 'The certificate of the site is not trusted'],
  'certificate-expires-soon': ['medium', 'The certificate of the site expires within two weeks'],
  'certificate-weak': ['medium', 'A key of the certificate chain has fewer than 2,048 bits'],
  'tls-outdated': ['medium', 'TLS 1.0 or 1.1 is still accepted'],
  'tls-none': ['high', 'Neither TLS 1.2 nor TLS 1.3 is accepted'],
  'tls-weak-cipher': [
    'low',
    'The cipher agreed upon has no forward secrecy or no authenticated encryption',
  ],
  'no-https-redirect': ['medium', 'Plain HTTP serves a page instead of leading to HTTPS'],
  'hsts-missing': ['medium', 'Strict-Transport-Security is missing'],
  'hsts-short': ['low', 'Strict-Transport-Security lasts less than 180 days'],
  'csp-missing': ['medium', 'Content-Security-Policy is missing'],
  'csp-weak': ['low', 'Content-Security-Policy lets any script in'],
  'content-type-sniffing': ['low', 'X-Content-Type-Options: nosniff is missing'],
  framing: ['medium', 'Any site may show this one in a frame: frame-ancestors is missing'],
  'referrer-policy': ['low', 'Referrer-Policy is missing or tells whole addresses to everybody'],
  'cookie-not-secure': ['medium', 'A cookie is also sent without TLS'],
  'cookie-for-scripts': ['low', 'A cookie can be read by scripts'],
  'cookie-same-site': ['low', 'A cookie does not say to which sites it is sent'],
  'mixed-content': ['medium', 'The page loads something without TLS'],
} as const satisfies Readonly<Record<string, readonly [Severity, string]>>;

/**
 * What of a site does not follow the rules (OWASP Secure Headers; RFC 6797, 8996, 6265bis; CSP 3). Of what
 * was not seen nothing is said.
 */
export function judgeSite(seen: SiteSeen, now: Instant): readonly SiteFinding[] {
  const origin = seen.url.origin;
  const found: SiteFinding[] = [];
  const say = (rule: keyof typeof rules, place: string = origin) => {
    const [severity, summary] = rules[rule];
    found.push({ rule: `site/${rule}`, severity, summary, place });
  };
  if (seen.tls) judgeTls(seen.tls, now, say);
  else say('tls-none');
  if (seen.outdatedTls) say('tls-outdated');
  if (seen.plain === 'serves') say('no-https-redirect');
  if (seen.page) {
    judgeHeaders(seen.page.headers, say);
    judgeCookies(seen.page.headers.getSetCookie(), (rule, name) => say(rule, `${origin} ${name}`));
    for (const address of mixedContent(seen.page.body)) say('mixed-content', address);
  }
  return found;
}

type Say = (rule: keyof typeof rules, place?: string) => void;

function judgeTls({ problem, chain, cipher, protocol }: Tls, now: Instant, say: Say): void {
  if (problem !== null) say('certificate-untrusted');
  const [own] = chain;
  const soon = now.add({ hours: 24 * warnDays });
  if (problem === null && own && Temporal.Instant.compare(own.validTo, soon) < 0)
    say('certificate-expires-soon');
  if (chain.some(({ rsaBits }) => rsaBits !== null && rsaBits < 2048)) say('certificate-weak');
  const isStrong = protocol === 'TLSv1.3' || /^(?:ECDHE|DHE)-.*(?:GCM|CHACHA20|CCM)/.test(cipher);
  if (!isStrong) say('tls-weak-cipher');
}

function judgeHeaders(headers: Headers, say: Say): void {
  const hsts = /max-age\s*=\s*"?(\d+)/i.exec(headers.get('strict-transport-security') ?? '');
  if (!hsts) say('hsts-missing');
  else if (Number(hsts[1]) < hstsSeconds) say('hsts-short');
  const policy = policyOf(headers.get('content-security-policy'));
  if (policy.size === 0) say('csp-missing');
  else if (letsScriptsIn(policy)) say('csp-weak');
  if (!/^\s*nosniff\s*$/i.test(headers.get('x-content-type-options') ?? ''))
    say('content-type-sniffing');
  const framed = /^\s*(?:deny|sameorigin)\s*$/i.test(headers.get('x-frame-options') ?? '');
  const ancestors = policy.get('frame-ancestors');
  if (ancestors ? ancestors.includes('*') : !framed) say('framing');
  const referrer =
    (headers.get('referrer-policy') ?? '').split(',').at(-1)?.trim().toLowerCase() ?? '';
  if (referrer === '' || referrer === 'unsafe-url') say('referrer-policy');
}

/** Directives by name; of several policies the first, since each can only take away. */
function policyOf(header: string | null): ReadonlyMap<string, readonly string[]> {
  const directives = new Map<string, readonly string[]>();
  for (const directive of (header ?? '').split(/[;,]/)) {
    const [name = '', ...sources] = directive.trim().toLowerCase().split(/\s+/);
    if (name !== '' && !directives.has(name)) directives.set(name, sources);
  }
  return directives;
}

/** What lets scripts of anybody run; `'unsafe-inline'` counts for nothing beside a nonce or a hash (CSP 3, 6.7.3). */
function letsScriptsIn(policy: ReadonlyMap<string, readonly string[]>): boolean {
  const sources = policy.get('script-src') ?? policy.get('default-src');
  if (!sources) return true;
  const trusted = sources.some((one) =>
    /^'(?:nonce-|sha(?:256|384|512)-|strict-dynamic)/.test(one),
  );
  const inline = sources.includes("'unsafe-inline'") && !trusted;
  const anywhere = sources.some((one) => ['*', 'http:', 'https:', 'data:'].includes(one));
  return inline || (anywhere && !sources.includes("'strict-dynamic'"));
}

function judgeCookies(
  cookies: readonly string[],
  say: (
    rule: 'cookie-not-secure' | 'cookie-for-scripts' | 'cookie-same-site',
    name: string,
  ) => void,
): void {
  for (const cookie of cookies.slice(0, 50)) {
    const [pair = '', ...rest] = cookie.split(';');
    const name = (pair.split('=')[0] ?? '').trim().slice(0, 100);
    const attributes = rest.map((one) => one.trim().toLowerCase());
    if (!attributes.includes('secure')) say('cookie-not-secure', name);
    if (!attributes.includes('httponly')) say('cookie-for-scripts', name);
    if (!attributes.some((one) => one.startsWith('samesite='))) say('cookie-same-site', name);
  }
}

const loading: Readonly<Record<string, readonly string[]>> = {
  script: ['src'],
  iframe: ['src'],
  img: ['src'],
  audio: ['src'],
  video: ['src'],
  source: ['src'],
  embed: ['src'],
  object: ['data'],
  form: ['action'],
};

const placeChars = 300;

/**
 * Addresses without TLS from which a page loads, or to which it sends. What stands behind `?` is another
 * at each visit, and may be a secret: it is left out.
 */
function mixedContent(html: string): readonly string[] {
  const addresses = tagsOf(html).flatMap(({ name, attributes }) => {
    const isSheet = name === 'link' && /stylesheet|preload|icon/i.test(attributes.get('rel') ?? '');
    const keys = isSheet ? ['href'] : Object.hasOwn(loading, name) ? (loading[name] ?? []) : [];
    return keys
      .map((key) => (attributes.get(key) ?? '').trim())
      .filter((one) => /^http:\/\//i.test(one))
      .map((one) => (one.split(/[?#\0]/, 1)[0] ?? '').slice(0, placeChars).toWellFormed());
  });
  return [...new Set(addresses)].slice(0, 50);
}

/** More than this no page loads; one that says so is not believed further. */
const librariesAtMost = 200;

/** Libraries that the page loads, each version once: by address, by what a script says of itself. */
export function librariesOf({ url, page, scripts }: SiteSeen): readonly Library[] {
  if (!page) return [];
  const found = tagsOf(page.body)
    .filter(({ name }) => name === 'script')
    .flatMap(({ attributes, text }) => {
      const src = attributes.get('src');
      if (src === undefined) return librariesIn(text, url.href);
      const address = URL.parse(src, url)?.href ?? src;
      const said = librariesIn(scripts.get(address) ?? '', address);
      // What a file says of itself counts before what it is called.
      return said.length > 0 ? said : (libraryOfAddress(address) ?? []);
    });
  const known = new Map(found.map((one) => [`${one.name}@${one.version}`, one]));
  return [...known.values()].slice(0, librariesAtMost);
}
