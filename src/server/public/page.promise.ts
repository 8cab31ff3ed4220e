import { absolute, drawing } from '../../clauses/publication/document.ts';
import { fill } from '../../kernel/language.ts';
import { dayText, type Known, statusLine, statusSentence } from '../../policy/reason.ts';
import type { Reason, Status } from '../../policy/status.ts';
import type { Evidence } from '../../registers/evidence/facts.ts';
import { framed } from './frame.ts';
import { finished, type Html, html } from './html.ts';
import type { FrameView } from './view.ts';
import { wordsIn } from './words.ts';

/** One promise with everything that its status stands on, as far as strangers are shown it. */
export interface PromiseView extends FrameView {
  readonly id: string;
  readonly text: string;
  readonly clause: { readonly id: string; readonly number: number; readonly title: string } | null;
  readonly known: Known;
  readonly evidence: Evidence;
}

/**
 * The evidence of a promise for strangers: verdict, what upholds it with what was counted, its
 * history, and the entries of the ledger with their proofs. Who and what is not told.
 */
export function renderPromisePage(view: PromiseView, styles: readonly string[]): string {
  const words = wordsIn(view.language).promise;
  const title = fill(words.title, { id: view.id });
  const { clause, evidence } = view;
  const masthead = html`<div class="masthead">
<h1>${title}</h1>
<p class="dateline"><a href="/?lang=${view.language}#${view.id}">${words.back}</a>${clause ? html`<span class="dot"> · </span>${fill(words.of, { number: clause.number, title: clause.title })}` : null}</p>
<p class="said">${view.text}</p>
<p class="standing ${evidence.status}">${finished(drawing(evidence.status))}${statusLine(view.known, { ...view, internals: false })}</p>
${evidence.figures.map((sentence) => html`<p class="figure">${sentence}</p>\n`)}</div>`;
  const main = html`${upheld(view)}${past(view)}${entries(view)}${verifying(view)}`;
  return framed(view, { title, path: `/promises/${view.id}`, masthead, main, styles });
}

function upheld(view: PromiseView): Html {
  const words = wordsIn(view.language).promise;
  const parts = view.evidence.upholders.map(
    (part) =>
      html`<li><p><span class="kind">${words[part.by]}</span> ${part.states}</p>${toldBy(part, view)}</li>\n`,
  );
  return html`<section class="after first"><h2>${words.upholds}</h2>
${parts.length > 0 ? html`<ol class="versions">${parts}</ol>` : html`<p>${words.nothing}</p>`}</section>`;
}

function toldBy(part: Evidence['upholders'][number], view: PromiseView): Html {
  const words = wordsIn(view.language).promise;
  const at = (text: string) => absolute(Temporal.Instant.from(text), view);
  switch (part.by) {
    case 'check': {
      if (!part.at) return html`<p class="standing unknown">${words.notRun}</p>`;
      const facts =
        part.sources.length > 0 && part.factsAt ? fill(words.facts, { at: at(part.factsAt) }) : '';
      const counted = fill(words.examined, { violated: part.violated, examined: part.examined });
      const told = part.status === 'unknown' ? '' : counted;
      return html`<p class="standing ${part.status}">${finished(drawing(part.status))}${sentences(view, told || wordsIn(view.language).year.unknown, fill(words.asOf, { at: at(part.at) }), facts)}</p>`;
    }
    case 'duty':
      return html`<p class="standing">${fill(words.occurrences, part.counts)}</p>`;
    case 'guard': {
      const last = part.lastRefusalAt
        ? fill(words.lastRefusal, { at: at(part.lastRefusalAt) })
        : '';
      return html`<p class="standing">${sentences(view, fill(words.refusals, { count: part.refusals }), last)}</p>`;
    }
  }
}

/** Japanese sets no space between sentences. */
function sentences({ language }: PromiseView, ...all: readonly string[]): string {
  return all.filter((each) => each !== '').join(language === 'ja' ? '' : ' ');
}

const shownChanges = 12;

function past(view: PromiseView): Html | null {
  const words = wordsIn(view.language).promise;
  const changes = view.evidence.history.slice(-shownChanges).reverse();
  if (changes.length === 0) return null;
  const lines = changes.map(({ at, status, reason }) => {
    const since = Temporal.Instant.from(at);
    const known = {
      status: status as Status,
      reason: reason as unknown as Reason,
      since,
      provenAt: null,
    };
    // Distances in a reason of then are true of then.
    const { word, detail } = statusSentence(known, { ...view, now: since, internals: false });
    const day = html`<time datetime="${at}">${dayText(since, view)}</time>`;
    const why = status === 'unknown' ? detail : '';
    return html`<li><p class="line"><span class="standing ${status}">${finished(drawing(known.status))}${why ? `${word}: ${why}` : word}</span> ${day}</p></li>\n`;
  });
  return html`<section class="after"><h2>${words.history}</h2><ol class="versions">
${lines}</ol></section>`;
}

function entries(view: PromiseView): Html {
  const words = wordsIn(view.language).promise;
  const lines = view.evidence.entries.map(({ index, at, type, of, answer }) => {
    const counted =
      answer?.examined == null
        ? answer && wordsIn(view.language).year[answer.status]
        : fill(words.answer, { violated: answer.violated ?? 0, examined: answer.examined });
    const moment = absolute(Temporal.Instant.from(at), view);
    return html`<li><p>${of ?? sayType(type, view)}</p>
<p class="line"><span class="standing ${answer?.status ?? null}">${answer ? finished(drawing(answer.status)) : null}${counted ?? sayType(type, view)}</span> <span><time datetime="${at}">${moment}</time> <a href="/ledger/proof/${index}">#${index} ${words.proof}</a></span></p></li>\n`;
  });
  return html`<section class="after"><h2>${words.ledger}</h2>
<p>${words.ledgerWhat}</p>
${lines.length > 0 ? html`<ol class="versions">${lines}</ol>` : html`<p>${words.noEntries}</p>`}</section>`;
}

function sayType(type: string, view: PromiseView): string {
  const words = wordsIn(view.language).promise;
  switch (type) {
    case 'CheckAnswered':
    case 'PromiseStatusChanged':
    case 'GuardRefused':
      return words[type];
    default:
      return type;
  }
}

function verifying(view: PromiseView): Html {
  const words = wordsIn(view.language).promise;
  const set = (
    sentence: string,
    parts: Readonly<Record<string, Html>>,
  ): readonly (Html | string)[] =>
    sentence.split(/(\{\w+\})/).map((piece) => parts[piece.slice(1, -1)] ?? piece);
  const command = html`<code>node verify/main.ts entry.json --key KEY</code>`;
  return html`<section class="after"><h2>${words.verify}</h2>
<p>${set(words.verifyProof, { key: html`<a href="/ledger/keys">${words.key}</a>`, command })}</p>
<p>${set(words.verifyTiles, { checkpoint: html`<a href="/ledger/checkpoint">${words.checkpoint}</a>`, tiles: html`<code>/ledger/tile/</code>` })}</p></section>`;
}
