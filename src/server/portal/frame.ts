import type { Language } from '../../kernel/language.ts';
import type { OwnAccount } from '../../registers/portal/store.sessions.ts';
import { languageNames } from '../public/frame.ts';
import { type Html, html } from '../public/html.ts';
import type { Place } from './room.ts';
import { wordsIn } from './words.ts';

/** Who is signed in, as a page shows it. */
export interface Signed {
  readonly account: OwnAccount | null;
  /** What each form carries. */
  readonly token: string;
  /** The address has other accounts to go to. */
  readonly several: boolean;
}

export type Section = 'held' | 'export' | 'accesses' | 'cases' | 'requests' | 'account';

/** What a page says of itself to the frame around it. */
export interface Page {
  readonly title: string;
  /** Where among the sections it is. */
  readonly section?: Section;
  readonly lead?: Html | string | null;
  /** Said before everything else: what was just done, or what is wrong. */
  readonly notice?: Notice | null;
  readonly main: Html;
  /** Wide enough for a table. */
  readonly wide?: boolean;
  /** Address to go on showing the page at where it answers a form. */
  readonly here?: string;
}

export interface Notice {
  readonly kind: 'done' | 'wrong';
  readonly text: string;
}

interface Look {
  readonly sheet: string;
  readonly script: string;
}

const sections: readonly (readonly [Section, string])[] = [
  ['held', '/portal'],
  ['export', '/portal/export'],
  ['accesses', '/portal/accesses'],
  ['cases', '/portal/cases'],
  ['requests', '/portal/requests'],
  ['account', '/portal/account'],
];

/** A whole page; the style sheet of its fonts is put in by whoever sends it (`facesMark`). */
export function framed(place: Place, look: Look, signed: Signed | null, page: Page): string {
  const words = wordsIn(place.language);
  const name = signed?.account?.customerName;
  const { html: text } = html`<!doctype html>
<html lang="${place.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${[page.title, name, place.organisation].filter(Boolean).join(' – ')}</title>
<link rel="stylesheet" href="${facesMark}">
<link rel="stylesheet" href="${look.sheet}">
<link rel="icon" href="/mark.svg" type="image/svg+xml">
<script src="${look.script}" defer></script>
</head>
<body class="portal">
<a class="skip" href="#text">${words.skip}</a>
<header class="site"><a class="organisation" href="/portal">${place.organisation}</a>
${languageLinks(place.language, page.here ?? place.here)}</header>
${signed?.account ? navigation(place, signed.account, signed, page.section) : null}
<main id="text" class="sheet${page.wide ? ' wide' : ''}">
<div class="masthead"><h1>${page.title}</h1>
${page.lead ? html`<div class="lead">${page.lead}</div>` : null}</div>
${page.notice ? noticeOf(page.notice) : null}
<div class="matter">
${page.main}
</div>
</main>
<footer class="site"><nav aria-label="${words.footer}">
<a href="/">${words.policy}</a>
<a href="/contact">${words.contact}</a>
<a href="/ledger/checkpoint">${words.ledger}</a>
</nav></footer>
</body>
</html>
`;
  return text;
}

/** Stands in a page where the address of its fonts' style sheet belongs. */
export const facesMark = '/portal/files/faces';

function noticeOf({ kind, text }: Notice): Html {
  return kind === 'done'
    ? html`<div class="notice" role="status"><p>${text}</p></div>`
    : html`<div class="notice wrong" role="alert"><p>${text}</p></div>`;
}

function languageLinks(language: Language, here: string): Html {
  const links = (['en', 'ja'] as const).map((each) =>
    each === language
      ? html`<span lang="${each}" aria-current="true">${languageNames[each]}</span>`
      : html`<a lang="${each}" hreflang="${each}" href="${withQuery(here, { lang: each })}">${languageNames[each]}</a>`,
  );
  return html`<nav class="languages" aria-label="${wordsIn(language).languages}">${links}</nav>`;
}

function navigation(
  { language }: Place,
  account: OwnAccount,
  { token, several }: Signed,
  section: Section | undefined,
): Html {
  const words = wordsIn(language);
  const links = sections.map(
    ([id, path]) =>
      html`<li><a href="${path}"${id === section ? html` aria-current="page"` : null}>${words.sections[id]}</a></li>\n`,
  );
  return html`<section class="account-bar" aria-label="${account.customerName}"><p class="whose"><strong>${account.customerName}</strong> <span>${account.productName}</span>
${several ? html`<a href="/portal/accounts">${words.accounts.switch}</a>` : null}</p>
<nav class="sections" aria-label="${words.sectionsOf}"><ul>${links}</ul></nav>
<form class="sign-out" method="post" action="/portal/sign-out"><input type="hidden" name="token" value="${token}">
<span>${account.email}</span> <button class="quiet" type="submit">${words.signOut}</button></form></section>`;
}

/** A path of ours with more in its query. */
export function withQuery(path: string, more: Readonly<Record<string, string>>): string {
  const url = new URL(path, 'http://portal.invalid');
  for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
  return `${url.pathname}${url.search}`;
}
