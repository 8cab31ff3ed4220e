import type { Instant } from '../../kernel/instant.ts';
import type { Language } from '../../kernel/language.ts';
import { dateText, type Known, statusSentence } from '../../policy/reason.ts';
import type { Status } from '../../policy/status.ts';
import { type Placeholders, type RenderedText, renderText } from '../../policy/text.ts';
import type { PublicationSettings } from './facts.office.ts';
import type { ClauseText } from './facts.ts';

/**
 * The policy as the document that everyone reads: the public page and the console show the same
 * elements with the same marks. Whoever places them adds the drawings (`#mark-kept` …) and the
 * style sheet.
 */

export interface DocumentClause {
  readonly id: string;
  /** From 1. */
  readonly number: number;
  readonly title: string;
  readonly html: string;
}

export interface DocumentParts {
  readonly texts: readonly ClauseText[];
  readonly language: Language;
  readonly placeholders: Placeholders;
  /** By promise; null where strangers are not to see statuses. */
  readonly statuses: ReadonlyMap<string, Known> | null;
  readonly now: Instant;
  readonly zone: string;
  /** Where a promise's mark leads: `#ACC-5`, or `?promise=ACC-5` in the console. */
  readonly link: (promise: string) => string;
  /** Whether reasons may name sources. */
  readonly internals: boolean;
}

/** What a promise is where nothing is known of it. */
export function unupheld(since: Instant): Known {
  return {
    status: 'unknown',
    reason: { code: 'nothingUpholds', params: {} },
    since,
    provenAt: null,
  };
}

export function documentClauses(parts: DocumentParts): readonly DocumentClause[] {
  return parts.texts
    .filter((text) => text.language === parts.language)
    .map((text, at) => {
      const { title, html } = rendered(text, parts.placeholders);
      return { id: text.clause, number: at + 1, title, html: withStatuses(html, parts) };
    });
}

/**
 * Texts change a few times a year, statuses every minute: what Markdown becomes is remembered, with
 * comments where statuses go. No comment of a writer's comes through, so each of them is ours.
 */
function rendered(text: ClauseText, placeholders: Placeholders): RenderedText {
  const key = JSON.stringify([text, placeholders]);
  const known = remembered.get(key);
  if (known) return known;
  const fresh = renderText(text.markdown, {
    placeholders,
    prefix: text.clause,
    footnotes: text.language === 'ja' ? '脚注' : 'Notes',
    decorate: ({ id }) => ({
      before: [{ type: 'comment', value: id }],
      after: [{ type: 'comment', value: `/${id}` }],
    }),
  });
  if (remembered.size >= rememberedLimit) remembered.clear();
  remembered.set(key, fresh);
  return fresh;
}
const remembered = new Map<string, RenderedText>();
const rememberedLimit = 500;

const opening = /<!--([A-Z]{2,5}-\d{1,3})--><span class="promise"/g;
const closing = /<!--\/([A-Z]{2,5}-\d{1,3})-->/g;

function withStatuses(html: string, parts: DocumentParts): string {
  const statusOf = (id: string): Known | null =>
    parts.statuses && (parts.statuses.get(id) ?? unupheld(parts.now));
  return html
    .replace(opening, (_, id: string) => {
      const known = statusOf(id);
      return `<span id="${id}" class="promise${known ? ` ${known.status}` : ''}"`;
    })
    .replace(closing, (_, id: string) => note(id, statusOf(id), parts));
}

/** How many promises of a text are in each state. */
export function countStatuses(
  promises: readonly string[],
  statuses: ReadonlyMap<string, Known>,
): Record<Status, number> {
  const counts: Record<Status, number> = { kept: 0, due: 0, broken: 0, unknown: 0 };
  for (const promise of promises) counts[statuses.get(promise)?.status ?? 'unknown'] += 1;
  return counts;
}

/** Values of placeholders: what is set, or what this installation itself offers. */
export function placeholdersFor(
  settings: PublicationSettings,
  language: Language,
  url: string,
): Placeholders {
  return {
    organisation: settings.name[language] || settings.name.en || settings.name.ja,
    contactUrl: settings.contactUrl || `${url}/contact`,
    privacyPolicyUrl: settings.privacyPolicyUrl || `${url}/#privacy`,
    website: settings.website || url,
  };
}

/** The note in the margin: a drawing, the id and the word, and what the status rests on. */
function note(id: string, known: Known | null, parts: DocumentParts): string {
  const link = escapeHtml(parts.link(id));
  if (!known)
    return `<span class="note"><a class="mark" href="${link}"><span class="id">${id}</span></a></span>`;
  const { word, detail } = statusSentence(known, parts);
  const title = known.provenAt ? ` title="${escapeHtml(absolute(known.provenAt, parts))}"` : '';
  const rest = detail ? `<span class="detail"${title}> ${escapeHtml(detail)}</span>` : '';
  const mark = `${drawing(known.status)}<span class="id">${id}</span> <span class="word">${word}</span>`;
  return `<span class="note ${known.status}"><a class="mark" href="${link}">${mark}</a>${rest}</span>`;
}

/** A reference to the drawing of a status; the page defines `mark-kept`, `mark-due` and so on once. */
export function drawing(status: Status): string {
  return `<svg class="drawing" aria-hidden="true"><use href="#mark-${status}"></use></svg>`;
}

/** Text as it may stand in HTML, in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** `7 March 2026, 09:05`: what a relative time stands for. */
/** A moment in full: `3 March 2026, 14:05`, `2026年3月3日 14:05`. */
export function absolute(
  at: Instant,
  { language, zone }: Pick<DocumentParts, 'language' | 'zone'>,
): string {
  const local = at.toZonedDateTimeISO(zone);
  const time = local.toPlainTime().toString({ smallestUnit: 'minute' });
  const date = dateText(local.toPlainDate(), language);
  return language === 'ja' ? `${date} ${time}` : `${date}, ${time}`;
}
