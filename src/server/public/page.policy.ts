import { countStatuses, drawing } from '../../clauses/publication/document.ts';
import type { PublishedPromise } from '../../clauses/publication/store.reading.ts';
import { fill, type Language } from '../../kernel/language.ts';
import { dateText } from '../../policy/reason.ts';
import { statuses } from '../../policy/status.ts';
import { framed } from './frame.ts';
import { finished, type Html, html } from './html.ts';
import { yearFigure } from './strip.ts';
import type { HistoryItem, PolicyView } from './view.ts';
import { wordsIn } from './words.ts';

/** The policy as strangers read it: the text, each promise with its mark, nothing internal. */
export function renderPolicyPage(view: PolicyView, styles: readonly string[]): string {
  const words = wordsIn(view.language);
  if (!view.version) {
    const nothing = html`<div class="masthead"><h1>${words.nothing.title}</h1></div>`;
    const main = html`<p class="after first">${words.nothing.text}</p>`;
    return framed(view, { title: words.title, path: '/', masthead: nothing, main, styles });
  }
  const main = html`<div class="policy-document"><article class="policy-text">
${view.clauses.map(
  ({
    id,
    number,
    title,
    html: text,
  }) => html`<section class="clause" id="${id}" aria-labelledby="title-${id}">
<h2 id="title-${id}"><span class="number">${number}</span>${title}</h2>
${finished(text)}
${figuresOf(view, id)}</section>
`,
)}</article></div>
${view.statuses && legend(view.language)}
${history(view)}
${contact(view)}`;
  const head = masthead(view, view.version);
  return framed(view, {
    title: words.title,
    path: '/',
    masthead: head,
    main,
    aside: contents(view),
    styles,
  });
}

/** Numbers that are published with the clause, said. */
function figuresOf({ figures }: PolicyView, clause: string): readonly Html[] {
  return figures
    .filter((each) => each.clause === clause)
    .map(({ sentence }) => html`<p class="figure">${sentence}</p>\n`);
}

function masthead(view: PolicyView, version: NonNullable<PolicyView['version']>): Html {
  const words = wordsIn(view.language);
  const date = dateText(version.effectiveOn, view.language);
  const parts = [fill(words.version, { number: version.number }), fill(words.updated, { date })];
  return html`<div class="masthead">
<h1>${words.title}</h1>
<p class="dateline">${parts[0] ?? ''}<span class="dot"> · </span><time datetime="${version.effectiveOn.toString()}">${parts[1] ?? ''}</time></p>
${view.statuses ? html`<p class="verdict">${headSentence(view)}</p>\n${yearOf(view)}` : html`<p class="verdict quiet">${words.hidden}</p>`}
</div>`;
}

/** "61 of 71 promises kept, 2 broken, 8 unknown": what is due is kept. */
export function headSentence({
  statuses: known,
  promises,
  language,
}: Pick<PolicyView, 'statuses' | 'promises' | 'language'>): string {
  const { head } = wordsIn(language);
  const counts = countStatuses(promises, known ?? new Map());
  const kept = counts.kept + counts.due;
  const all = { total: promises.length, kept };
  const parts = [kept === promises.length ? fill(head.all, all) : fill(head.some, all)];
  if (counts.broken > 0) parts.push(fill(head.broken, { count: counts.broken }));
  if (counts.unknown > 0) parts.push(fill(head.unknown, { count: counts.unknown }));
  return language === 'ja' ? `${parts.join('、')}。` : `${parts.join(', ')}.`;
}

function yearOf(view: PolicyView): Html {
  const from = view.now.subtract({ hours: 365 * 24 });
  return yearFigure({
    points: view.year,
    from,
    now: view.now,
    zone: view.zone,
    language: view.language,
  });
}

function contents(view: PolicyView): Html {
  const words = wordsIn(view.language);
  const items = view.clauses.map(({ id, title }) => {
    const worst = view.statuses && worstOf(id, view);
    const flag =
      worst === 'broken'
        ? html` <span class="flag broken">${finished(drawing('broken'))}<span class="spoken">${words.year.broken}</span></span>`
        : null;
    return html`<li><a href="#${id}">${title}${flag}</a></li>\n`;
  });
  const more = html`<ul class="more">
${view.statuses ? html`<li><a href="#legend">${words.legend.title}</a></li>` : null}
<li><a href="#history">${words.history.title}</a></li>
<li><a href="#contact">${words.contact.title}</a></li>
</ul>`;
  return html`<nav class="contents" aria-label="${words.contents}"><details><summary>${words.contents}</summary>
<ol>
${items}</ol>
${more}</details></nav>`;
}

/** The worst status of a clause's promises: what a reader looks for first. */
function worstOf(clause: string, view: PolicyView): string | null {
  const text = view.clauses.find((each) => each.id === clause)?.html ?? '';
  const ids = Array.from(text.matchAll(/data-promise="([^"]+)"/g), (match) => match[1] ?? '');
  return (
    statuses.find((status) => ids.some((id) => view.statuses?.get(id)?.status === status)) ?? null
  );
}

function legend(language: Language): Html {
  const words = wordsIn(language);
  return html`<section class="after" id="legend"><h2>${words.legend.title}</h2>
<p>${words.legend.intro}</p>
<dl class="legend">
${(['kept', 'due', 'broken', 'unknown'] as const).map(
  (status) =>
    html`<div><dt class="${status}">${finished(drawing(status))}${words.year[status]}</dt><dd>${words.legend[status]}</dd></div>\n`,
)}</dl>
<p>${words.legend.verify}</p></section>`;
}

const shownVersions = 5;

function history(view: PolicyView): Html {
  const words = wordsIn(view.language);
  return html`<section class="after" id="history"><h2>${words.history.title}</h2>
${historyList(view.history.slice(0, shownVersions), view.language)}
<p><a href="/versions?lang=${view.language}">${words.history.all}</a></p></section>`;
}

/** Versions with their dates and what each changed; promises no longer made stay listed for ever. */
export function historyList(items: readonly HistoryItem[], language: Language): Html {
  const words = wordsIn(language);
  return html`<ol class="versions">
${items.map((item) => {
  const date = dateText(item.effectiveOn, language);
  const summary =
    item.summary[language] ??
    item.summary.en ??
    item.summary.ja ??
    (item.number === 1 ? words.history.first : '');
  return html`<li><p class="line"><a href="/versions/${item.number}?lang=${language}">${fill(words.version, { number: item.number })}</a> <time datetime="${item.effectiveOn.toString()}">${fill(words.inForce, { date })}</time></p>
${summary ? html`<p>${summary}</p>` : null}${promiseLines(words.history.added, item.added, 'added', language)}${promiseLines(words.history.removed, item.removed, 'removed', language)}</li>\n`;
})}</ol>`;
}

/** Promises that came or went: what is no longer promised is said in full. */
export function promiseLines(
  label: string,
  promises: readonly PublishedPromise[],
  kind: 'added' | 'removed',
  language: Language,
): readonly Html[] {
  return promises.map(({ id, words }) => {
    const said = words[language] ?? words.en ?? words.ja ?? '';
    return html`<p class="${kind}"><span class="label">${label}</span> <span class="id">${id}</span> ${said}</p>\n`;
  });
}

function contact({ settings, language }: PolicyView): Html {
  const words = wordsIn(language).contact;
  const places = [
    settings.contactEmail
      ? html`<li>${words.email} <a href="mailto:${settings.contactEmail}">${settings.contactEmail}</a></li>`
      : null,
    settings.contactUrl
      ? html`<li><a href="${settings.contactUrl}" rel="noopener noreferrer">${words.page}</a></li>`
      : null,
  ].filter((place) => place !== null);
  return html`<section class="after" id="contact"><h2>${words.title}</h2>
${places.length > 0 ? html`<p>${words.questions}</p><ul>${places}</ul>` : html`<p>${words.none}</p>`}
<p><a href="/contact?lang=${language}">${words.report}</a></p></section>`;
}
