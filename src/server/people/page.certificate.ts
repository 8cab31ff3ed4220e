import type { Certificate } from '../../clauses/people/store.certificate.ts';
import { fill } from '../../kernel/language.ts';
import { dateText } from '../../policy/reason.ts';
import { framed } from '../public/frame.ts';
import { type Html, html } from '../public/html.ts';
import type { FrameView } from '../public/view.ts';
import { wordsOfCertificate } from './words.ts';

/** How a name that somebody typed compares with the one a certificate was issued to. */
export type Comparison = 'same' | 'differs' | 'erased' | null;

export interface CertificateView {
  readonly code: string;
  /** Null where there is no certificate with the code. */
  readonly certificate: Certificate | null;
  readonly entry: number | null;
  readonly comparison: Comparison;
}

/** The public page of a certificate: that it is genuine, and for what. Whose it is is only compared. */
export function renderCertificatePage(
  view: FrameView,
  it: CertificateView,
  styles: readonly string[],
): string {
  const words = wordsOfCertificate(view.language).page;
  const title = it.certificate ? fill(words.title, { code: it.code }) : words.unknown;
  const masthead = html`<div class="masthead"><h1>${title}</h1></div>`;
  const main = it.certificate
    ? genuine(view, it, it.certificate)
    : html`<section class="after first"><p>${words.unknownWhat}</p></section>`;
  return framed(view, { title, path: `/certificates/${it.code}`, masthead, main, styles });
}

function genuine(view: FrameView, it: CertificateView, certificate: Certificate): Html {
  const words = wordsOfCertificate(view.language).page;
  const { score, asked, digest, number, titles } = certificate;
  return html`<section class="after first">
<div class="notice" role="status"><p><strong>${words.genuine}</strong></p></div>
<p>${words.course}: <strong>${titles[view.language]}</strong> (${number})<br>
${words.completedOn}: <strong>${dateText(certificate.completedOn, view.language)}</strong><br>
${words.score}: ${fill(words.scoreOf, { score, asked })}<br>
${words.entry}: ${it.entry === null ? words.entryPending : `#${it.entry}`}<br>
${words.digest}: <code>${digest}</code></p>
</section>
<section class="after" id="whose"><h2>${words.whose}</h2>
<p>${words.whoseWhat}</p>
${it.comparison ? html`<div class="notice${it.comparison === 'same' ? '' : ' wrong'}" role="alert"><p>${words[it.comparison]}</p></div>` : null}
<form method="post" action="/certificates/${it.code}?lang=${view.language}#whose">
<div class="field"><label for="name">${words.name}</label><input id="name" name="name" maxlength="200" required autocomplete="off"></div>
<button type="submit">${words.compare}</button>
</form></section>`;
}
