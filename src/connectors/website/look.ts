import { SourceProblem } from '../../registers/connections/facts.connector.ts';
import type { Answer, Look, SiteSeen, Tls } from './facts.ts';
import { tagsOf } from './html.ts';

/** Bounds of one look: it is one visit, and a short one. */
export const siteLimits = {
  redirects: 5,
  scripts: 20,
  scriptChars: 20_000,
  milliseconds: 60_000,
} as const;

/** Problems of one step of a look are no problem of the whole: what was not seen is a note. */
async function attempt<T>(notes: string[], what: string, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    notes.push(`${what}: ${error instanceof Error ? error.message : String(error)}`.slice(0, 300));
    return null;
  }
}

/**
 * Looks at a website once, as a visitor would: its handshake, what plain HTTP leads to, the page at its
 * address behind redirects within the site, and the beginnings of the site's own scripts.
 *
 * @param location as registered: `https://www.example.com/shop`
 * @throws SourceProblem where the site cannot be looked at at all
 */
export async function lookAt(look: Look, location: string, given: AbortSignal): Promise<SiteSeen> {
  const start = addressOf(location);
  const signal = AbortSignal.any([given, AbortSignal.timeout(siteLimits.milliseconds)]);
  const notes: string[] = [];
  const tls = await handshakeOf(look, start, signal);
  const outdatedTls = await attempt(notes, 'outdated TLS', async () => {
    return (await look.handshake(start, 'outdated', signal)) !== null;
  });
  const plain = await plainOf(look, start, signal, notes);
  // Where the certificate is not to be trusted, nobody knows whose page that is.
  if (tls?.problem) return { ...nothing, url: start, tls, outdatedTls, plain, notes };
  const visited = await attempt(notes, start.href, () => visit(look, start, signal, notes));
  const url = visited?.url ?? start;
  const page = visited?.page ?? null;
  const own = page ? await scriptsOf(look, url, page, signal, notes) : null;
  const whole =
    own?.whole === true && outdatedTls !== null && page?.cut === false && page.status < 300;
  return { url, tls, outdatedTls, plain, page, scripts: own?.scripts ?? new Map(), whole, notes };
}

const nothing = { page: null, scripts: new Map<string, string>(), whole: false } as const;

function addressOf(location: string): URL {
  const url = URL.parse(/^[a-z]+:\/\//i.test(location) ? location : `https://${location}`);
  if (url?.protocol !== 'https:')
    throw new SourceProblem(
      'settingsWrong',
      `${location.slice(0, 200)} is no address that begins with https://`,
    );
  url.hash = '';
  return url;
}

async function handshakeOf(look: Look, url: URL, signal: AbortSignal): Promise<Tls | null> {
  try {
    return await look.handshake(url, 'current', signal);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new SourceProblem('sourceFails', said, { cause });
  }
}

/** What plain HTTP leads to on its own port; of a port that nobody listens on nothing is said. */
async function plainOf(
  look: Look,
  { hostname, pathname, port }: URL,
  signal: AbortSignal,
  notes: string[],
): Promise<SiteSeen['plain']> {
  if (port !== '' && port !== '443') return null;
  const plain = new URL(`http://${hostname}${pathname}`);
  const answer = await attempt(notes, 'plain HTTP', () => look.ask(plain, signal));
  if (!answer) return null;
  const to = URL.parse(answer.headers.get('location') ?? '', plain);
  if (answer.status >= 300 && answer.status < 400 && to?.protocol === 'https:') return 'redirects';
  // An error that shows nothing serves nothing.
  return answer.status < 400 ? 'serves' : null;
}

interface Visited {
  readonly url: URL;
  readonly page: Answer;
}

/** Follows redirects, each address checked again, as long as they stay with the site. */
async function visit(
  look: Look,
  start: URL,
  signal: AbortSignal,
  notes: string[],
): Promise<Visited> {
  let url = start;
  for (let step = 0; ; step += 1) {
    const page = await look.ask(url, signal);
    if (page.status >= 500) throw new Error(`${url.host} answers ${page.status}`);
    const to = URL.parse(page.headers.get('location') ?? '', url);
    if (page.status < 300 || page.status >= 400 || !to) return { url, page };
    if (!isSameSite(start, to)) {
      notes.push(
        `${url.host} leads to ${to.host.slice(0, 200)}, which is not this site: what that is was not looked at`,
      );
      return { url, page };
    }
    if (step >= siteLimits.redirects) throw new Error(`${start.host} redirects again and again`);
    url = to;
  }
}

/** The same host, with or without `www.`, and by HTTPS. */
function isSameSite(start: URL, to: URL): boolean {
  const bare = ({ host }: URL) => host.replace(/^www\./, '');
  return to.protocol === 'https:' && bare(start) === bare(to);
}

async function scriptsOf(
  look: Look,
  url: URL,
  page: Answer,
  signal: AbortSignal,
  notes: string[],
): Promise<{ readonly scripts: ReadonlyMap<string, string>; readonly whole: boolean }> {
  if (page.cut) notes.push('the page is too long: only its beginning was read');
  const own = tagsOf(page.body)
    .filter(({ name }) => name === 'script')
    .flatMap(({ attributes }) => URL.parse(attributes.get('src') ?? '', url) ?? [])
    .filter(
      (address) =>
        address.host === url.host && address.protocol === 'https:' && address.href !== url.href,
    );
  const addresses = [...new Set(own.map(({ href }) => href))];
  const scripts = new Map<string, string>();
  for (const address of addresses.slice(0, siteLimits.scripts)) {
    const answer = await attempt(notes, address, () => look.ask(new URL(address), signal));
    if (answer && answer.status < 300)
      scripts.set(address, answer.body.slice(0, siteLimits.scriptChars));
  }
  if (addresses.length > siteLimits.scripts)
    notes.push(`${addresses.length - siteLimits.scripts} more scripts were not looked into`);
  return { scripts, whole: scripts.size === addresses.length };
}
