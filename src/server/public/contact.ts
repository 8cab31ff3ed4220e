import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { vulnerabilityReport } from '../../clauses/publication/facts.office.ts';
import { officeFlow } from '../../clauses/publication/flows.ts';
import type { Language } from '../../kernel/language.ts';
import type { Execute } from '../../policy/flow.ts';
import { type ContactState, noForm, type ReportField, type ReportForm } from './page.contact.ts';

/**
 * Reports are some pages of text. A form with its fields full takes 9 bytes for a character of
 * Japanese, which is 181 kB.
 */
const reportLimitBytes = 256 * 1024;

/** What is too large is read up to here, so that the page can give back what was written. */
const readLimitBytes = 1024 * 1024;

const statusOf: Readonly<Record<ContactState['kind'], ContentfulStatusCode>> = {
  empty: 200,
  sent: 200,
  wrong: 422,
  tooLarge: 413,
  tooMany: 429,
  tooOften: 429,
};

/**
 * `POST /contact`: takes a report of a vulnerability from a stranger. Whatever is wrong with it is
 * told by the page itself, which keeps what was written where it was read.
 *
 * @param execute for a stranger
 * @param answer renders the page
 */
export function takeReport(
  app: Hono,
  execute: Execute,
  languageOf: (c: Context) => Language,
  answer: (c: Context, state: ContactState, status: ContentfulStatusCode) => Promise<Response>,
): void {
  const say = (c: Context, state: ContactState): Promise<Response> => {
    if (state.kind === 'tooOften') c.header('retry-after', String(state.seconds));
    return answer(c, state, statusOf[state.kind]);
  };
  const unread = bodyLimit({
    maxSize: readLimitBytes,
    onError: (c) => say(c, { kind: 'tooLarge', form: noForm, limitBytes: reportLimitBytes }),
  });
  app.post('/contact', unread, async (c) => say(c, await take(c, execute, languageOf(c))));
}

async function take(c: Context, execute: Execute, language: Language): Promise<ContactState> {
  const { form, bytes } = await read(c);
  const seconds: unknown = c.get('waitSeconds');
  if (typeof seconds === 'number') return { kind: 'tooOften', form, seconds };
  if (bytes > reportLimitBytes) return { kind: 'tooLarge', form, limitBytes: reportLimitBytes };
  const parsed = vulnerabilityReport.safeParse({ ...form, language });
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => String(issue.path[0])) as ReportField[];
    return { kind: 'wrong', form, fields };
  }
  const answered = await execute(officeFlow, { do: 'reportVulnerability', ...parsed.data });
  if (!answered.ok) return { kind: 'tooMany', form };
  return { kind: 'sent', id: answered.value[0]?.subject.split('/')[1] ?? '' };
}

/** What was written, and how much was sent for it. What is no form has nothing written in it. */
async function read(c: Context): Promise<{ form: ReportForm; bytes: number }> {
  const body = await c.req.parseBody().catch(() => ({}) as Record<string, unknown>);
  const textOf = (name: ReportField): string => {
    const value = body[name];
    return typeof value === 'string' ? value : '';
  };
  const form = { about: textOf('about'), details: textOf('details'), reporter: textOf('reporter') };
  const said = Number(c.req.header('content-length') ?? 0);
  const written = Buffer.byteLength(form.about + form.details + form.reporter);
  return { form, bytes: Math.max(said, written) };
}
