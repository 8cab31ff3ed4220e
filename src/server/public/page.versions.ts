import type { ClauseChange } from '../../clauses/publication/facts.changes.ts';
import { dateIn } from '../../kernel/instant.ts';
import { fill } from '../../kernel/language.ts';
import type { Change } from '../../policy/diff.ts';
import { dateText } from '../../policy/reason.ts';
import { framed } from './frame.ts';
import { finished, type Html, html } from './html.ts';
import { historyList, promiseLines } from './page.policy.ts';
import type { FrameView, HistoryItem, VersionView } from './view.ts';
import { wordsIn } from './words.ts';

/** Every published version, newest first. */
export function renderHistoryPage(
  view: FrameView & { readonly history: readonly HistoryItem[] },
  styles: readonly string[],
): string {
  const words = wordsIn(view.language);
  const masthead = html`<div class="masthead"><h1>${words.history.title}</h1></div>`;
  const main = html`<section class="after first">${historyList(view.history, view.language)}
<p><a href="/?lang=${view.language}">${words.history.back}</a></p></section>`;
  return framed(view, { title: words.history.title, path: '/versions', masthead, main, styles });
}

/** One version: what it changed, and its text as it was. Statuses belong to the present, not here. */
export function renderVersionPage(view: VersionView, styles: readonly string[]): string {
  const words = wordsIn(view.language);
  const title = fill(words.version, { number: view.version.number });
  const masthead = html`<div class="masthead"><h1>${words.title}</h1>
<p class="dateline">${title}<span class="dot"> · </span>${time(view)}</p>
<p class="digest">${words.history.digest}<br><code>${view.version.digest}</code></p></div>`;
  const main = html`${view.before && changes(view, view.before.number)}
<div class="policy-document"><article class="policy-text">
${view.before && html`<h2 class="part">${fill(words.history.text, { number: view.version.number })}</h2>`}
${view.clauses.map(
  ({ id, number, title: heading, html: text }) => html`<section class="clause" id="${id}">
<h2><span class="number">${number}</span>${heading}</h2>
${finished(text)}
</section>
`,
)}</article></div>
<p class="after"><a href="/?lang=${view.language}">${words.history.back}</a></p>`;
  return framed(view, {
    title: `${words.title}, ${title}`,
    path: `/versions/${view.version.number}`,
    masthead,
    main,
    styles,
  });
}

function time({ version, after, language, zone }: VersionView): Html {
  const words = wordsIn(language);
  const from = dateText(version.effectiveOn, language);
  if (!after) return html`${fill(words.inForce, { date: from })}`;
  const to = dateText(dateIn(after.publishedAt, zone), language);
  return html`${fill(words.wasInForce, { from, to })}`;
}

function changes(view: VersionView, before: number): Html {
  const words = wordsIn(view.language);
  const shown = view.changes.filter((change) => change.kind !== 'same');
  return html`<section class="after first changes"><h2>${fill(words.history.changes, { number: before })}</h2>
${historySummary(view)}
${shown.length === 0 ? html`<p>${words.history.unchanged}</p>` : shown.map((change) => clauseChange(change, view))}</section>`;
}

function historySummary({ version, language }: VersionView): Html | null {
  const words = wordsIn(language).history;
  const summary = version.summary[language] ?? version.summary.en ?? version.summary.ja;
  return html`${summary ? html`<p>${summary}</p>` : null}${promiseLines(
    words.added,
    version.added,
    'added',
    language,
  )}${promiseLines(words.removed, version.removed, 'removed', language)}`;
}

function clauseChange(change: ClauseChange, { language }: VersionView): Html {
  const words = wordsIn(language).history;
  const kinds: Readonly<Record<string, string>> = {
    added: words.clauseAdded,
    removed: words.clauseRemoved,
    moved: words.clauseMoved,
  };
  const kind = kinds[change.kind];
  const title = change.titles[language] ?? change.titles.en ?? change.titles.ja ?? change.clause;
  return html`<div class="clause-change"><h3>${title}${kind ? html` <span class="kind">${kind}</span>` : null}</h3>
${runs(change.changes[language] ?? [], words)}</div>`;
}

/** Unchanged text longer than this is cut in its middle: readers look for what changed. */
const shownAround = 160;

function runs(
  changed: readonly Change[],
  words: { readonly inserted: string; readonly deleted: string },
): Html | null {
  if (changed.length === 0) return null;
  const last = changed.length - 1;
  const parts = changed.map((run, at) => {
    if (run.kind === 'added')
      return html`<ins><span class="spoken">${words.inserted} </span>${run.text}</ins>`;
    if (run.kind === 'removed')
      return html`<del><span class="spoken">${words.deleted} </span>${run.text}</del>`;
    return html`${shortened(run.text, at === 0, at === last)}`;
  });
  return html`<div class="diff">${parts}</div>`;
}

function shortened(text: string, isFirst: boolean, isLast: boolean): string {
  if (text.length <= 2 * shownAround) return text;
  // Cut where a word or a sentence ends, so that no half word is read as a whole one.
  const head = isFirst ? '' : text.slice(0, shownAround).replace(/[^\s、。]*$/u, '');
  const tail = isLast ? '' : text.slice(-shownAround).replace(/^[^\s、。]*[\s、。]/u, '');
  return `${head}… ${tail}`;
}
