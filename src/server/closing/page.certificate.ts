import { erasureCodePattern } from '../../clauses/retention/facts.closure.ts';
import {
  type ErasureCertificate,
  erasureCertificate,
} from '../../clauses/retention/store.certificate.ts';
import type { Db } from '../../kernel/db.ts';
import { framed } from '../public/frame.ts';
import { type Html, html } from '../public/html.ts';
import type { FrameView } from '../public/view.ts';
import { certifiedFacts, entryOfErasure } from './certificate.ts';
import { wordsOfErasure } from './words.ts';

export interface ErasureView {
  readonly code: string;
  /** Null where there is no certificate with the code. */
  readonly certificate: ErasureCertificate | null;
  readonly entry: number | null;
}

/** Looks a code up as somebody typed it. */
export async function erasureView(db: Db, typed: string): Promise<ErasureView> {
  const code = typed.toUpperCase();
  const certificate = erasureCodePattern.test(code) ? await erasureCertificate(db, { code }) : null;
  return { code, certificate, entry: certificate && (await entryOfErasure(db, certificate)) };
}

/**
 * The public page of a certificate of erasure: that it is genuine, and what it states. Which account
 * it was is on the certificate itself, not here.
 */
export function renderErasurePage(
  view: FrameView,
  zone: string,
  it: ErasureView,
  styles: readonly string[],
): string {
  const words = wordsOfErasure(view.language);
  const title = it.certificate ? words.title : words.unknown;
  const masthead = html`<div class="masthead"><h1>${title}</h1></div>`;
  const main = it.certificate
    ? genuine(view, zone, it, it.certificate)
    : html`<section class="after first"><p>${words.unknownWhat}</p></section>`;
  return framed(view, { title, path: `/erasures/${it.code}`, masthead, main, styles });
}

function genuine(
  view: FrameView,
  zone: string,
  { code, entry }: ErasureView,
  certificate: ErasureCertificate,
): Html {
  const words = wordsOfErasure(view.language);
  const facts = certifiedFacts(certificate, { language: view.language, zone, entry });
  return html`<section class="after first">
<div class="notice" role="status"><p><strong>${words.genuine}</strong></p></div>
<p>${words.code}: <strong>${code}</strong></p>
${facts.map(([label, value]) => html`<p>${label}:<br><strong>${value}</strong></p>`)}
<p>${words.seal}:<br><code>${certificate.seal}</code></p>
</section>`;
}
