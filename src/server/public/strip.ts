import { drawing } from '../../clauses/publication/document.ts';
import type { YearPoint } from '../../clauses/publication/year.ts';
import type { Instant } from '../../kernel/instant.ts';
import { fill, type Language } from '../../kernel/language.ts';
import type { Status } from '../../policy/status.ts';
import { finished, type Html, html } from './html.ts';
import { wordsIn } from './words.ts';

/** The order of the rows. What is due is kept too: it counts in both, as in the sentence above them. */
const rows: readonly Status[] = ['kept', 'due', 'broken', 'unknown'];

function countOf(point: YearPoint | undefined, status: Status): number {
  if (!point) return 0;
  return status === 'kept' ? point.kept + point.due : point[status];
}

export interface YearView {
  readonly points: readonly YearPoint[];
  readonly from: Instant;
  readonly now: Instant;
  readonly zone: string;
  readonly language: Language;
}

/**
 * The last twelve months: for each status a row of days, a step for every change of its count. The
 * height of a row is its own greatest count; the figures now stand beside it. A row that was never
 * anything but nought is left out.
 */
export function yearFigure(view: YearView): Html {
  const words = wordsIn(view.language);
  const shown = rows.filter(
    (status) => status === 'kept' || view.points.some((point) => countOf(point, status) > 0),
  );
  return html`<figure class="year" aria-label="${words.year.label}">
${shown.map((status) => row(status, view))}
<div class="months" aria-hidden="true"><span></span>${months(view)}</div>
<figcaption>${words.year.label}</figcaption>
</figure>`;
}

function row(status: Status, view: YearView): Html {
  const words = wordsIn(view.language);
  const most = Math.max(1, ...view.points.map((point) => countOf(point, status)));
  const now = countOf(view.points.at(-1), status);
  const word = words.year[status];
  const said = fill(words.year.row, { word, now, most });
  return html`<div class="row ${status}"><span class="name">${finished(drawing(status))}${word}</span>
<svg class="days" role="img" aria-label="${said}"><title>${said}</title>${steps(status, most, view)}</svg>
<span class="count">${now}</span></div>`;
}

const height = 16;
/** Per cent by which each step reaches into the next, so that rounding leaves no gap between them. */
const overlap = 0.15;

function steps(status: Status, most: number, view: YearView): readonly Html[] {
  const drawn: Html[] = [];
  view.points.forEach((point, at) => {
    const count = countOf(point, status);
    if (count === 0) return;
    const start = across(point.at, view);
    const end = across(view.points[at + 1]?.at ?? view.now, view);
    // A status of an hour is a fact too: it is drawn at least a third of a day wide.
    const width = Math.max(0.09, end - start) + overlap;
    const tall = Math.max(3, Math.round((count / most) * height));
    drawn.push(
      html`<rect x="${start.toFixed(2)}%" y="${height - tall}" width="${width.toFixed(2)}%" height="${tall}"/>`,
    );
  });
  return drawn;
}

function across(at: Instant, { from, now }: YearView): number {
  const whole = now.epochMilliseconds - from.epochMilliseconds;
  return Math.min(
    100,
    Math.max(0, (100 * (at.epochMilliseconds - from.epochMilliseconds)) / whole),
  );
}

function months(view: YearView): Html {
  const first = view.from.toZonedDateTimeISO(view.zone).toPlainDate().toPlainYearMonth();
  const form = new Intl.DateTimeFormat(view.language, { month: 'short', timeZone: 'UTC' });
  const labels = Array.from({ length: 12 }, (_, step) => {
    const month = first.add({ months: step + 1 });
    const start = month
      .toPlainDate({ day: 1 })
      .toZonedDateTime({ timeZone: view.zone })
      .toInstant();
    const x = across(start, view).toFixed(2);
    const name = form.format(Date.UTC(month.year, month.month - 1, 1));
    // Every other name is left out where the figure is narrow; the line stays.
    const rank = step % 3 === 0 ? 'third' : step % 3 === 1 ? 'other' : 'last';
    return html`<line x1="${x}%" x2="${x}%" y1="0" y2="4"/><text class="${rank}" x="${x}%" y="15">${name}</text>`;
  });
  return html`<svg class="axis">${labels}</svg>`;
}
