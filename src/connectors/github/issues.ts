import { z } from 'zod';
import { SourceProblem } from '../../registers/connections/facts.connector.ts';
import { type Github, type GithubLink, GithubRefused, githubOf, itemsAs } from './api.ts';
import { repositoryOf, told } from './repository.ts';

/** An issue to be made of an item of the backlog. */
export interface IssueOrder {
  readonly itemId: string;
  readonly title: string;
  readonly body: string;
}

/** An issue as GitHub has it. */
export interface SeenIssue {
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'closed';
}

const issue = z.object({
  number: z.int().min(1),
  html_url: z.string(),
  state: z.enum(['open', 'closed']),
  body: z.string().nullish(),
  pull_request: z.unknown().optional(),
});

/** By which an issue is known again, whoever edits its title: a comment that GitHub does not show. */
export function markerOf(itemId: string): string {
  return `<!-- kept:item:${itemId} -->`;
}

const markers = /<!-- kept:item:([0-9a-f-]{36}) -->/g;
const pagesAtMost = 50;

/** Issues of a repository that carry a marker, by item; of several the first. */
export async function issuesWithMarkers(
  link: GithubLink,
  location: string,
  since: string,
): Promise<ReadonlyMap<string, SeenIssue>> {
  const at = repositoryOf(link, location);
  const github = await githubOf(link);
  const found = new Map<string, SeenIssue>();
  try {
    let next: Readonly<Record<string, unknown>> | null = {
      ...at,
      state: 'all',
      sort: 'created',
      direction: 'asc',
      since,
    };
    for (let page = 0; next !== null; page += 1) {
      if (page >= pagesAtMost)
        throw new SourceProblem(
          'unexpectedAnswer',
          `${location} has more issues than can be looked at`,
        );
      const stretch: Awaited<ReturnType<Github['stretch']>> = await github.stretch(
        'GET /repos/{owner}/{repo}/issues',
        next,
      );
      for (const one of itemsAs(issue, stretch?.items ?? [])) remember(found, one);
      next = stretch?.next ?? null;
    }
  } catch (error) {
    throw told(error, location);
  }
  return found;
}

function remember(found: Map<string, SeenIssue>, one: z.output<typeof issue>): void {
  if (one.pull_request !== undefined) return;
  for (const [, itemId = ''] of (one.body ?? '').matchAll(markers))
    if (!found.has(itemId)) found.set(itemId, seen(one));
}

/** What strangers wrote, such as a summary: it calls nobody, refers to nothing, and carries no marker. */
export function quiet(text: string): string {
  return text
    .replace(/[<>]/g, ' ')
    .replace(/[@#]/g, '$&\u200b')
    .replace(/[[\]`*_|\\]/g, '\\$&');
}

/**
 * Makes an issue of an item. Whoever calls has looked for its marker before: GitHub itself would make it
 * a second time.
 */
export async function createIssue(
  link: GithubLink,
  location: string,
  { itemId, title, body }: IssueOrder,
): Promise<SeenIssue> {
  const at = repositoryOf(link, location);
  const github = await githubOf(link);
  try {
    const made = await github.one('POST /repos/{owner}/{repo}/issues', {
      ...at,
      title: title.slice(0, 250),
      body: `${body}\n\n${markerOf(itemId)}\n`,
      // An answer that went astray may be of an issue that was made: nobody asks a second time unseen.
      request: { retries: 0 },
    });
    const [one] = itemsAs(issue, [made]);
    if (!one) throw new SourceProblem('unexpectedAnswer', 'no issue was answered');
    return seen(one);
  } catch (error) {
    throw told(error, location);
  }
}

/** The issue as it is now; null where it is no more (deleted, or moved away). */
export async function seeIssue(
  link: GithubLink,
  location: string,
  number: number,
): Promise<SeenIssue | null> {
  const at = repositoryOf(link, location);
  const github = await githubOf(link);
  try {
    const answer = await github.one('GET /repos/{owner}/{repo}/issues/{issue_number}', {
      ...at,
      issue_number: number,
    });
    const [one] = itemsAs(issue, [answer]);
    return one ? seen(one) : null;
  } catch (error) {
    if (error instanceof GithubRefused && [301, 404, 410].includes(error.status)) return null;
    throw told(error, location);
  }
}

const seen = ({ number, html_url: url, state }: z.output<typeof issue>): SeenIssue => ({
  number,
  url,
  state,
});
