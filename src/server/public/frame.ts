import { drawings } from '../../clauses/publication/drawings.ts';
import type { Language } from '../../kernel/language.ts';
import { finished, type Html, html } from './html.ts';
import type { FrameView } from './view.ts';
import { wordsIn } from './words.ts';

/** What a page says of itself to the frame around it. */
export interface Page {
  readonly title: string;
  /** Path of the page, to which `?lang=` is added. */
  readonly path: string;
  /** Title and what stands under it. */
  readonly masthead: Html;
  readonly main: Html;
  /** Style sheets with their digests in the address, so that they can be kept for ever. */
  readonly styles: readonly string[];
  /** A table of contents beside the text. */
  readonly aside?: Html;
}

export const languageNames: Readonly<Record<Language, string>> = { en: 'English', ja: '日本語' };

/** A whole page: no script, nothing from elsewhere. */
export function framed(view: FrameView, page: Page): string {
  const words = wordsIn(view.language);
  const name = view.organisation || 'Kept';
  const { html: text } = html`<!doctype html>
<html lang="${view.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title === name ? name : `${page.title} – ${name}`}</title>
${page.styles.map((path) => html`<link rel="stylesheet" href="${path}">\n`)}<link rel="icon" href="/mark.svg" type="image/svg+xml">
${view.languages.map((each) => html`<link rel="alternate" hreflang="${each}" href="${page.path}?lang=${each}">\n`)}</head>
<body>
<a class="skip" href="#text">${words.skip}</a>
${finished(drawings)}
<header class="site"><a class="organisation" href="/?lang=${view.language}">${name}</a>
${languageLinks(view, page.path)}</header>
<main id="text" class="sheet${page.aside ? ' with-contents' : ''}">
${page.masthead}
${page.aside ?? null}
<div class="matter">
${page.main}
</div>
</main>
${footer(view)}
</body>
</html>
`;
  return text;
}

function languageLinks(view: FrameView, path: string): Html | null {
  if (view.languages.length < 2) return null;
  const links = view.languages.map((each) =>
    each === view.language
      ? html`<span lang="${each}" aria-current="true">${languageNames[each]}</span>`
      : html`<a lang="${each}" hreflang="${each}" href="${path}?lang=${each}">${languageNames[each]}</a>`,
  );
  return html`<nav class="languages" aria-label="${wordsIn(view.language).languages}">${links}</nav>`;
}

function footer({ language, settings }: FrameView): Html {
  const words = wordsIn(language);
  return html`<footer class="site"><nav>
<a href="/contact?lang=${language}">${words.contact.title}</a>
<a href="/versions?lang=${language}">${words.history.title}</a>
${settings.privacyPolicyUrl ? html`<a href="${settings.privacyPolicyUrl}" rel="noopener noreferrer">${words.privacy}</a>` : null}
${settings.securityTxt.expiresOn ? html`<a href="/.well-known/security.txt">security.txt</a>` : null}
<a href="/ledger/checkpoint">${words.ledger}</a>
<a href="/console">${words.signIn}</a>
</nav></footer>`;
}
