import type { ElementContent } from 'hast';
import type { Instant } from '../../kernel/instant.ts';
import type { Language } from '../../kernel/language.ts';
import { dateText, type Known, statusSentence } from '../../policy/reason.ts';
import type { Status } from '../../policy/status.ts';
import { type Placeholders, type PromiseInText, renderText } from '../../policy/text.ts';
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
  return { status: 'unknown', reason: { code: 'nothingUpholds', params: {} }, since, provenAt: null };
}

export function documentClauses(parts: DocumentParts): readonly DocumentClause[] {
  return parts.texts
    .filter((text) => text.language === parts.language)
    .map(({ clause, markdown }, at) => ({
      id: clause,
      number: at + 1,
      ...renderText(markdown, {
        placeholders: parts.placeholders,
        prefix: clause,
        footnotes: parts.language === 'ja' ? '脚注' : 'Notes',
        decorate: (promise) => decoration(promise, parts),
      }),
    }));
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

function decoration({ id }: PromiseInText, parts: DocumentParts) {
  if (!parts.statuses) return { attributes: { id }, after: [plainNote(id, parts)] };
  const known = parts.statuses.get(id) ?? unupheld(parts.now);
  return {
    attributes: { id, className: ['promise', known.status] },
    after: [note(id, known, parts)],
  };
}

/** The note in the margin: a drawing, the id and the word, and beneath what the status rests on. */
function note(id: string, known: Known, parts: DocumentParts): ElementContent {
  const { word, detail } = statusSentence(known, parts);
  const title = known.provenAt ? absolute(known.provenAt, parts) : undefined;
  return element('span', { className: ['note', known.status] }, [
    element('a', { href: parts.link(id), className: ['mark'] }, [
      drawing(known.status),
      element('span', { className: ['id'] }, [text(id)]),
      text(' '),
      element('span', { className: ['word'] }, [text(word)]),
    ]),
    ...(detail
      ? [text(' '), element('span', { className: ['detail'], ...(title ? { title } : {}) }, [text(detail)])]
      : []),
  ]);
}

function plainNote(id: string, parts: DocumentParts): ElementContent {
  return element('span', { className: ['note', 'plain'] }, [
    element('a', { href: parts.link(id), className: ['mark'] }, [
      element('span', { className: ['id'] }, [text(id)]),
    ]),
  ]);
}

function drawing(status: Status): ElementContent {
  return element('svg', { className: ['drawing'], ariaHidden: 'true' }, [
    element('use', { href: `#mark-${status}` }, []),
  ]);
}

/** `7 March 2026, 09:05`: what a relative time stands for. */
function absolute(at: Instant, { language, zone }: DocumentParts): string {
  const local = at.toZonedDateTimeISO(zone);
  const time = local.toPlainTime().toString({ smallestUnit: 'minute' });
  const date = dateText(local.toPlainDate(), language);
  return language === 'ja' ? `${date} ${time}` : `${date}, ${time}`;
}

function element(
  tagName: string,
  properties: Record<string, string | string[]>,
  children: ElementContent[],
): ElementContent {
  return { type: 'element', tagName, properties, children };
}

function text(value: string): ElementContent {
  return { type: 'text', value };
}
