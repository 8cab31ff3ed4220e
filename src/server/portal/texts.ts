import { dateIn, type Instant } from '../../kernel/instant.ts';
import type { Language } from '../../kernel/language.ts';
import { dateText } from '../../policy/reason.ts';
import { type Html, html } from '../public/html.ts';
import type { Place } from './room.ts';

/** Numbers, sizes and times as a page says them. */
export function numberText(value: number, language: Language): string {
  return new Intl.NumberFormat(language).format(value);
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** In steps of a thousand, three figures: `1.25 MB`. */
export function bytesText(bytes: number, language: Language): string {
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  const digits = step === 0 ? 0 : value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value)} ${units[step]}`;
}

/** Day and minute in the organisation's zone; the moment itself for machines. */
export function timeOf(at: Instant, { zone, language }: Pick<Place, 'zone' | 'language'>): Html {
  return html`<time datetime="${at.toString({ smallestUnit: 'second' })}">${timeText(at, { zone, language })}</time>`;
}

export function timeText(
  at: Instant,
  { zone, language }: Pick<Place, 'zone' | 'language'>,
): string {
  const local = at.toZonedDateTimeISO(zone);
  const clock = `${String(local.hour).padStart(2, '0')}:${String(local.minute).padStart(2, '0')}`;
  return `${dayText(at, { zone, language })} ${clock}`;
}

export function dayText(at: Instant, { zone, language }: Pick<Place, 'zone' | 'language'>): string {
  return dateText(dateIn(at, zone), language);
}

/** The last day that ends at an instant: a closure may be taken back until the end of it. */
export function lastDayText(
  until: Instant,
  { zone, language }: Pick<Place, 'zone' | 'language'>,
): string {
  return dateText(dateIn(until.subtract({ milliseconds: 1 }), zone), language);
}

/** A name as it is shown: what is nobody's to see, or turns text around, is shown for what it is. */
export function nameText(name: string): string {
  return name.replace(
    /[\p{Cc}\p{Bidi_Control}\ufeff]/gu,
    (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/** A table with its head: cells of numbers stand to the right. */
export function table(
  caption: string,
  heads: readonly (readonly [string, 'number'?])[],
  rows: readonly (readonly Html[])[],
): Html {
  const head = heads.map(
    ([text, kind]) => html`<th scope="col"${kind ? html` class="number"` : null}>${text}</th>`,
  );
  const body = rows.map((cells) => {
    const tds = cells.map((cell, n) => {
      const [label = '', kind] = heads[n] ?? [];
      return html`<td data-label="${label}"${kind ? html` class="number"` : null}>${cell}</td>`;
    });
    return html`<tr>${tds}</tr>\n`;
  });
  return html`<table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

export const text = (value: string | number): Html => html`${value}`;

/** Terms with what they are. */
export function facts(pairs: readonly (readonly [string, Html | string])[]): Html {
  return html`<dl class="facts">${pairs.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>\n`)}</dl>`;
}
