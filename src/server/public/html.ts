import { escapeHtml } from '../../clauses/publication/document.ts';

/** HTML that is finished: set into a page as it stands. */
export interface Html {
  readonly html: string;
}

type Part = Html | string | number | null | false | readonly Part[];

/** A template whose values are escaped unless they are HTML already; null and false leave nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  let text = strings[0] ?? '';
  values.forEach((value, at) => {
    text += textOf(value) + (strings[at + 1] ?? '');
  });
  return { html: text };
}

/** HTML made and made safe elsewhere. */
export function finished(text: string): Html {
  return { html: text };
}

function textOf(value: Part): string {
  if (value === null || value === false) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escapeHtml(value);
  return 'html' in value ? value.html : value.map(textOf).join('');
}
