import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { certificatePattern } from '../../clauses/people/facts.training.ts';
import { isSameName } from '../../clauses/people/facts.undertaking.ts';
import { certificateBy } from '../../clauses/people/store.certificate.ts';
import type { Db } from '../../kernel/db.ts';
import { entryOfCertificate } from './entry.ts';
import type { CertificateView, Comparison } from './page.certificate.ts';

/** A name in a form. */
const formLimitBytes = 4096;

/**
 * `/certificates/{code}`: whether a certificate is genuine, for anyone who holds one. Its code has
 * sixty bits, so that nobody finds another's by trying.
 *
 * @param show renders the page and answers with it
 */
export function certificatePages(
  app: Hono,
  db: Db,
  show: (c: Context, view: CertificateView, status: 200 | 404) => Promise<Response>,
): void {
  const path = '/certificates/:code';
  const answer = async (c: Context, name: string | null): Promise<Response> => {
    const code = (c.req.param('code') ?? '').toUpperCase();
    const certificate = certificatePattern.test(code) ? await certificateBy(db, code) : null;
    if (!certificate) return show(c, { code, certificate, entry: null, comparison: null }, 404);
    const entry = await entryOfCertificate(db, certificate);
    return show(c, { code, certificate, entry, comparison: compared(certificate.name, name) }, 200);
  };
  app.get(path, (c) => answer(c, null));
  app.post(path, bodyLimit({ maxSize: formLimitBytes }), async (c) => {
    const { name } = await c.req.parseBody();
    return answer(c, typeof name === 'string' ? name : '');
  });
}

function compared(issued: string | null, typed: string | null): Comparison {
  if (typed === null) return null;
  if (issued === null) return 'erased';
  return isSameName(typed, issued) ? 'same' : 'differs';
}
