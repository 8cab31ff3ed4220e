import { type FeedLink, FeedProblem } from './facts.ts';

const redirectLimit = 4;

/**
 * Asks a feed for something. Redirects are followed, a few: every step goes through the house's
 * `fetch`, which checks each address anew.
 *
 * @returns an answer with status 2xx, or 404 and 416, which mean something
 * @throws FeedProblem
 */
export async function ask(
  link: FeedLink,
  address: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  let url = new URL(address);
  for (let step = 0; step <= redirectLimit; step++) {
    const answer = await asked(link, url, headers);
    const next = answer.headers.get('location');
    if (answer.status < 300 || answer.status >= 400 || next === null) return judged(url, answer);
    url = new URL(next, url);
  }
  throw new FeedProblem('feedUnexpected', `${url.host} leads from one address to the next`);
}

async function asked(
  link: FeedLink,
  url: URL,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  try {
    return await link.fetch(url, { headers: { ...headers }, signal: link.signal });
  } catch (cause) {
    link.signal.throwIfAborted();
    const { code, message } = cause as { code?: string; message: string };
    const refused = code === 'addressForbidden' || code === 'tooLarge';
    throw new FeedProblem(refused ? 'feedRefused' : 'feedUnreachable', message, { cause });
  }
}

function judged(url: URL, answer: Response): Response {
  const { status } = answer;
  if ((status >= 200 && status < 300) || status === 404 || status === 416) return answer;
  const fails = status >= 500 || status === 429;
  throw new FeedProblem(
    fails ? 'feedUnreachable' : 'feedRefused',
    `${url.host} answers ${status} for ${url.pathname}`,
  );
}
