import { createHash, createHmac } from 'node:crypto';
import type { Answered, Asked, FakeGithub } from './fake.ts';

export interface FakeIssue {
  readonly number: number;
  readonly html_url: string;
  readonly title: string;
  readonly body: string;
  state: 'open' | 'closed';
}

/**
 * What repositories hold, beside a fake of GitHub: a tree of files, alerts that page by cursor and
 * carry tags, issues, and webhooks as GitHub signs them. It is no part of Kept as it runs.
 */
export class FakeRepository {
  readonly name: string;
  readonly #fake: FakeGithub;
  /** Contents by path; the tree of the default branch. */
  readonly files = new Map<string, string>();
  dependabot: Readonly<Record<string, unknown>>[] = [];
  codeScanning: Readonly<Record<string, unknown>>[] = [];
  readonly issues: FakeIssue[] = [];
  /** What the token may not do here: `issues=write`. */
  readonly forbidden = new Set<string>();
  truncated = false;
  /** An issue is made, and nobody hears of it. */
  losesAnswers = false;

  constructor(fake: FakeGithub, name: string) {
    this.#fake = fake;
    this.name = name;
    const at = `/repos/${fake.organisation}/${name}`;
    fake.more.push(
      [`GET ${at}`, () => ok({ id: 1, name, full_name: this.fullName, default_branch: 'main' })],
      [`GET ${at}/git/trees/main`, () => this.#tree()],
      [`GET ${at}/git/blobs/{sha}`, (_, { sha }) => this.#blob(sha)],
      [`GET ${at}/dependabot/alerts`, (asked) => this.#alerts('dependabot', asked)],
      [`GET ${at}/code-scanning/alerts`, (asked) => this.#alerts('codeScanning', asked)],
      [`GET ${at}/issues`, ({ query }) => this.#page(this.issues, query)],
      [`POST ${at}/issues`, (asked) => this.#create(asked)],
      [`GET ${at}/issues/{number}`, (_, { number }) => this.#issue(Number(number))],
    );
  }

  get fullName(): string {
    return `${this.#fake.organisation}/${this.name}`;
  }

  /** A delivery as GitHub makes it: its headers, and the bytes that they sign. */
  delivery(event: string, payload: object, secret: string, id: string) {
    const body = JSON.stringify({
      ...payload,
      repository: { full_name: this.fullName, default_branch: 'main' },
    });
    return {
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'GitHub-Hookshot/044aadd',
        'x-github-event': event,
        'x-github-delivery': id,
        'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      },
    };
  }

  #tree(): Answered {
    if (this.files.size === 0)
      return { status: 409, json: { message: 'Git Repository is empty.' } };
    const tree = [...this.files].map(([path, text]) => ({
      path,
      mode: '100644',
      type: 'blob',
      sha: shaOf(text),
      size: Buffer.byteLength(text),
    }));
    return ok({ sha: shaOf('tree'), tree, truncated: this.truncated });
  }

  #blob(sha: string | undefined): Answered {
    const text = [...this.files.values()].find((one) => shaOf(one) === sha);
    if (text === undefined) return { status: 404, json: { message: 'Not Found' } };
    // GitHub breaks the lines of base64.
    const content = Buffer.from(text).toString('base64').replace(/.{60}/g, '$&\n');
    return ok({ sha, content, encoding: 'base64', size: Buffer.byteLength(text) });
  }

  #alerts(of: 'dependabot' | 'codeScanning', { query, headers }: Asked): Answered {
    if (this.forbidden.has(of))
      return {
        status: 403,
        json: { message: 'Resource not accessible by personal access token' },
        headers: { 'x-accepted-github-permissions': `${of}=read` },
      };
    const states = query.get('state')?.split(',');
    const alerts = this[of].filter(({ state }) => !states || states.includes(String(state)));
    const tag = `W/"${shaOf(JSON.stringify(alerts))}"`;
    if (headers['if-none-match'] === tag) return { status: 304, headers: { etag: tag } };
    return this.#page(alerts, query, { etag: tag });
  }

  /** Pages by cursor: what comes after is in the link alone. */
  #page(
    items: readonly unknown[],
    query: URLSearchParams,
    headers: Readonly<Record<string, string>> = {},
  ): Answered {
    const size = Math.min(Number(query.get('per_page') ?? 30), this.#fake.pageSize);
    const from = Number(Buffer.from(query.get('after') ?? '', 'base64').toString() || 0);
    const more = new URLSearchParams(query);
    // Whatever else a link says changes neither what is asked for nor whom.
    more.set('baseUrl', 'https://elsewhere.invalid');
    more.set('repo', 'another');
    more.set('after', Buffer.from(String(from + size)).toString('base64'));
    const link = `<${this.#fake.url}/somewhere?${more}>; rel="next"`;
    return {
      status: 200,
      json: items.slice(from, from + size),
      headers: { ...headers, ...(from + size < items.length ? { link } : {}) },
    };
  }

  #create({ body }: Asked): Answered {
    if (this.forbidden.has('issues'))
      return { status: 403, json: { message: 'Resource not accessible by personal access token' } };
    const { title, body: text } = JSON.parse(body) as { title: string; body: string };
    const number = this.issues.length + 1;
    const made: FakeIssue = {
      number,
      html_url: `https://github.example.com/${this.fullName}/issues/${number}`,
      title,
      body: text,
      state: 'open',
    };
    this.issues.push(made);
    if (this.losesAnswers) return { status: 502, json: { message: 'Bad gateway' } };
    return { status: 201, json: made };
  }

  #issue(number: number): Answered {
    const one = this.issues.find((issue) => issue.number === number);
    return one ? ok(one) : { status: 404, json: { message: 'Not Found' } };
  }
}

const ok = (json: unknown): Answered => ({ status: 200, json });
const shaOf = (text: string): string => createHash('sha1').update(text).digest('hex');
