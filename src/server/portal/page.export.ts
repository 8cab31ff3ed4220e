import { fill } from '../../kernel/language.ts';
import { archiveDays, downloadHours } from '../../registers/portal/facts.ts';
import type { ExportRow } from '../../registers/portal/store.exports.ts';
import { type Html, html } from '../public/html.ts';
import { tokenField } from './forms.ts';
import type { Notice, Page } from './frame.ts';
import { bytesText, facts, numberText, timeOf, timeText } from './texts.ts';
import type { Visit } from './visit.ts';

/** Everything at once: what is being made, what can be loaded, and how to ask for it. */
export function exportPage(
  visit: Visit,
  rows: readonly ExportRow[],
  notice: Notice | null,
  link: { readonly exportId: string; readonly url: string } | null,
): Page {
  const { words, account, signed } = visit;
  const said = words.export;
  const underWay = rows.some(({ state }) => state === 'asked' || state === 'running');
  const held = account.state === 'open' || account.state === 'closing';
  const ask = html`<section class="after"><h2>${said.ask}</h2>
<form method="post" action="/portal/export">${tokenField(signed.token)}
<fieldset><legend>${said.form}</legend>
<label class="choice"><input type="radio" name="form" value="plain" checked> <span>${said.plain}<span class="hint">${said.plainHint}</span></span></label>
<label class="choice"><input type="radio" name="form" value="age"> <span>${said.age}<span class="hint">${said.ageHint}</span></span></label></fieldset>
<button type="submit">${said.start}</button></form></section>`;
  return {
    title: said.title,
    section: 'export',
    here: '/portal/export',
    lead: fill(said.lead, { days: archiveDays }),
    notice,
    main: html`${rows.map((row) => oneExport(visit, row, link?.exportId === row.id ? link.url : null))}
${held && !underWay ? ask : null}
${held && account.part === 'owner' ? identitySection(visit) : null}`,
  };
}

function oneExport(visit: Visit, row: ExportRow, url: string | null): Html {
  const { words, place } = visit;
  const said = words.export;
  const heading = fill(said.of, { time: timeText(row.askedAt, place) });
  const form = row.form === 'age' ? said.age : said.plain;
  const progress = progressOf(visit, row);
  return html`<section class="export" id="export-${row.id}"><h2>${heading}</h2>
<p class="soft">${form} · <span data-state>${progress.stateText}</span></p>
${row.state === 'asked' || row.state === 'running' ? making(visit, row, progress) : null}
${row.state === 'done' ? finished(visit, row, url) : null}
${row.state === 'failed' ? html`<div class="notice wrong"><p>${said.failed}</p><p class="small">${row.failure}</p></div>` : null}
</section>`;
}

/** What the page shows of an export that is being made, and its script asks for again. */
interface ShownProgress {
  readonly state: ExportRow['state'];
  readonly stateText: string;
  /** Of a hundred. */
  readonly percent: number;
  readonly text: string;
}

export function progressOf({ words, place, room }: Visit, row: ExportRow): ShownProgress {
  const said = words.export;
  const { language } = place;
  const isChecking =
    row.state === 'running' && row.itemsTotal > 0 && row.itemsDone >= row.itemsTotal;
  const stateText = isChecking ? said.checking : said.states[row.state];
  const percent =
    row.itemsTotal === 0 ? 0 : Math.min(100, Math.floor((row.itemsDone / row.itemsTotal) * 100));
  if (row.state !== 'running') return { state: row.state, stateText, percent, text: stateText };
  const seconds = row.beganAt ? room.world.now().since(row.beganAt).total('seconds') : 0;
  const rate = seconds > 0 ? row.itemsDone / seconds : 0;
  const left = rate > 0 ? (row.itemsTotal - row.itemsDone) / rate : null;
  const text = [
    fill(said.count, {
      done: numberText(row.itemsDone, language),
      total: numberText(row.itemsTotal, language),
    }),
    bytesText(row.bytesDone, language),
    rate > 0 ? fill(said.rate, { rate: numberText(Math.round(rate), language) }) : '',
    left !== null && !isChecking ? leftText(said, left, language) : '',
  ]
    .filter(Boolean)
    .join(' · ');
  return { state: row.state, stateText, percent, text };
}

function leftText(said: Visit['words']['export'], seconds: number, language: 'en' | 'ja'): string {
  const minutes = Math.ceil(seconds / 60);
  if (seconds < 60) return said.leftSeconds;
  return fill(said.leftMinutes, { minutes: numberText(minutes, language) });
}

function making({ words, signed }: Visit, row: ExportRow, progress: ShownProgress): Html {
  const said = words.export;
  return html`<div class="progress" data-progress="/portal/export/${row.id}/progress">
<progress max="100" value="${progress.percent}" aria-label="${said.progress}">${progress.percent} %</progress>
<p class="soft" data-text>${progress.text}</p></div>
<form method="post" action="/portal/export/${row.id}/cancel">${tokenField(signed.token)}
<p class="acts"><a class="button second" href="/portal/export">${said.reload}</a> <button type="submit" class="danger">${said.cancel}</button></p></form>`;
}

function finished({ words, place, signed }: Visit, row: ExportRow, url: string | null): Html {
  const said = words.export;
  const { language } = place;
  const sha256 = Buffer.from(row.sha256 ?? []).toString('hex');
  const missed =
    row.missed > 0
      ? html`<p class="small">${fill(said.missed, { count: numberText(row.missed, language) })}</p>`
      : null;
  return html`${facts([
    [words.held.size, bytesText(row.size ?? 0, language)],
    [words.held.objects, numberText(row.objects, language)],
    [words.held.records, numberText(row.records, language)],
    [said.verified, row.finishedAt ? timeOf(row.finishedAt, place) : '–'],
    [said.expires, row.expiresAt ? timeOf(row.expiresAt, place) : '–'],
    ['SHA-256', html`<code>${sha256}</code>`],
  ])}${missed}
${url ? html`<div class="notice" role="status"><p>${fill(said.linkMade, { hours: downloadHours })}</p><p><code class="secret" tabindex="0">${url}</code></p><p class="small"><code>curl -C - -O -J ${url}</code></p></div>` : null}
<form method="post" action="/portal/export/${row.id}/link">${tokenField(signed.token)}
<p class="acts"><a class="button" href="/portal/export/${row.id}/archive" download>${said.load}</a> <button type="submit" class="second">${said.link}</button></p></form>`;
}

function identitySection({ words, signed }: Visit): Html {
  const said = words.export;
  return html`<section class="after"><h2>${said.identity}</h2><p>${said.identityWhat}</p>
<form method="post" action="/portal/export/identity">${tokenField(signed.token)}<button type="submit" class="second">${said.identityTake}</button></form></section>`;
}
