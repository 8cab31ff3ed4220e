import { reportDays } from '../../clauses/publication/facts.office.ts';
import { fill } from '../../kernel/language.ts';
import { framed } from './frame.ts';
import { type Html, html } from './html.ts';
import type { FrameView } from './view.ts';
import { wordsIn } from './words.ts';

/** What somebody wrote into the form, given back where something is wrong with it. */
export interface ReportForm {
  readonly about: string;
  readonly details: string;
  readonly reporter: string;
}
export type ReportField = keyof ReportForm;

export type ContactState =
  | { readonly kind: 'empty' }
  | { readonly kind: 'wrong'; readonly form: ReportForm; readonly fields: readonly ReportField[] }
  | { readonly kind: 'tooMany'; readonly form: ReportForm }
  /** Asked too often, whatever it was: the seconds to wait. */
  | { readonly kind: 'tooOften'; readonly form: ReportForm; readonly seconds: number }
  /** More than is taken; without a form where it was not even read. */
  | { readonly kind: 'tooLarge'; readonly form: ReportForm; readonly limitBytes: number }
  | { readonly kind: 'sent'; readonly id: string };

export const noForm: ReportForm = { about: '', details: '', reporter: '' };

/** Where questions go, and the form for reports of vulnerabilities. */
export function renderContactPage(
  view: FrameView,
  state: ContactState,
  styles: readonly string[],
): string {
  const words = wordsIn(view.language).contact;
  const masthead = html`<div class="masthead"><h1>${words.title}</h1></div>`;
  const main = html`<section class="after first">${questions(view)}</section>
<section class="after" id="report"><h2>${words.report}</h2>
${state.kind === 'sent' ? sent(view, state.id) : form(view, state)}
</section>`;
  return framed(view, { title: words.title, path: '/contact', masthead, main, styles });
}

function questions({ settings, language }: FrameView): Html {
  const words = wordsIn(language).contact;
  if (!settings.contactEmail && !settings.contactUrl) return html`<p>${words.none}</p>`;
  return html`<p>${words.questions}</p><ul>
${settings.contactEmail ? html`<li>${words.email} <a href="mailto:${settings.contactEmail}">${settings.contactEmail}</a></li>` : null}
${settings.contactUrl ? html`<li><a href="${settings.contactUrl}" rel="noopener noreferrer">${words.page}</a></li>` : null}
</ul>`;
}

function sent({ language }: FrameView, id: string): Html {
  const words = wordsIn(language).contact;
  return html`<div class="notice" role="status"><p><strong>${words.thanks}</strong></p>
<p>${fill(words.thanksMore, { id, days: reportDays })}</p></div>`;
}

function form(view: FrameView, state: Exclude<ContactState, { kind: 'sent' }>): Html {
  const words = wordsIn(view.language).contact;
  const written = state.kind === 'empty' ? noForm : state.form;
  const wrong = state.kind === 'wrong' ? state.fields : [];
  const said = saidOf(state, words);
  return html`<p>${fill(words.reportIntro, { days: reportDays })}</p>
${said ? html`<div class="notice wrong" role="alert"><p>${said}</p></div>` : null}
<form method="post" action="/contact?lang=${view.language}#report">
${field('about', html`<input id="about" name="about" maxlength="300" required value="${written.about}"${described('about', wrong)}>`, view, wrong)}
${field('details', html`<textarea id="details" name="details" rows="9" maxlength="20000" minlength="10" required${described('details', wrong)}>${written.details}</textarea>`, view, wrong)}
${field('reporter', html`<input id="reporter" name="reporter" maxlength="320" autocomplete="email" value="${written.reporter}"${described('reporter', wrong)}>`, view, wrong)}
<button type="submit">${words.send}</button>
</form>`;
}

function saidOf(
  state: Exclude<ContactState, { kind: 'sent' }>,
  words: ReturnType<typeof wordsIn>['contact'],
): string | null {
  switch (state.kind) {
    case 'empty':
      return null;
    case 'wrong':
      return words.again;
    case 'tooMany':
      return words.tooMany;
    case 'tooOften':
      return fill(words.tooOften, { seconds: state.seconds });
    case 'tooLarge':
      return fill(words.tooLarge, { limit: Math.floor(state.limitBytes / 1024) });
  }
}

function field(
  name: ReportField,
  input: Html,
  { language }: FrameView,
  wrong: readonly ReportField[],
): Html {
  const words = wordsIn(language).contact;
  const error = wrong.includes(name)
    ? html`<span class="error" id="${name}-error">${words[`${name}Wrong`]}</span>`
    : null;
  return html`<div class="field"><label for="${name}">${words[name]}</label>
<span class="hint" id="${name}-hint">${words[`${name}Hint`]}</span>
${input}${error}</div>`;
}

function described(name: ReportField, wrong: readonly ReportField[]): Html {
  return wrong.includes(name)
    ? html` aria-invalid="true" aria-describedby="${name}-hint ${name}-error"`
    : html` aria-describedby="${name}-hint"`;
}
