import { dateIn, type Instant, isBefore } from '../kernel/instant.ts';
import { fill, type Language } from '../kernel/language.ts';
import type { Reason, ReasonCode, Status } from './status.ts';
import { unconnected, unconnectedOf } from './unconnected.ts';

/** The status of a promise as people read it: a word, and what it rests on. */
export interface Sentence {
  /** `Kept`, `Broken`, `Unknown`; `due` says `Kept` too, because it is. */
  readonly word: string;
  /** What follows the word, without a full stop; empty where there is nothing to say. */
  readonly detail: string;
}

export interface Known {
  readonly status: Status;
  readonly reason: Reason;
  readonly since: Instant;
  readonly provenAt: Instant | null;
}

/** For whom: staff read the names of sources, strangers do not. */
export interface Reader {
  readonly language: Language;
  readonly now: Instant;
  readonly zone: string;
  readonly internals: boolean;
}

/** What a status says: "Kept · proven 2 hours ago", "Broken · since 3 March: 4 of 212". */
export function statusSentence(known: Known, reader: Reader): Sentence {
  const { language } = reader;
  const word = words[known.status][language];
  const params = paramsOf(known, reader);
  const key = keyOf(known, reader);
  const detail = key ? fill(details[key][language], params) : '';
  if (known.status !== 'broken') return { word, detail };
  const since = fill(sinceWords[language], params);
  return { word, detail: detail ? fill(joined[language], { since, detail }) : since };
}

/** The whole as one line of text. */
export function statusLine(known: Known, reader: Reader): string {
  const { word, detail } = statusSentence(known, reader);
  if (detail === '') return word;
  return reader.language === 'ja' ? `${word}・${detail}` : `${word}: ${detail}`;
}

const words: Readonly<Record<Status, Record<Language, string>>> = {
  kept: { en: 'Kept', ja: '履行中' },
  due: { en: 'Kept', ja: '履行中' },
  broken: { en: 'Broken', ja: '不履行' },
  unknown: { en: 'Unknown', ja: '不明' },
};
const sinceWords = { en: 'since {since}', ja: '{since}から' };
const joined = { en: '{since}: {detail}', ja: '{since}・{detail}' };

type Key =
  | ReasonCode
  | 'proven'
  | 'staleSource'
  | 'neverReadSource'
  | 'unconnected'
  | 'unconnectedSource'
  | 'overdueMany';

/** Sentences of reasons. `stale` and `neverRead` name their source to staff only. */
const details: Readonly<Record<Key, Record<Language, string>>> = {
  proven: { en: 'proven {proven}', ja: '{proven}に確認' },
  kept: { en: '', ja: '' },
  guardHolds: { en: '', ja: '' },
  nothingUpholds: { en: 'nothing upholds this yet', ja: 'これを支える仕組みがまだありません' },
  notInText: { en: 'the policy in force does not say this', ja: '施行中の方針に記載がありません' },
  neverRead: { en: 'its facts have not been read yet', ja: '事実をまだ読み取っていません' },
  neverReadSource: { en: '{source} has not been read yet', ja: '{source}をまだ読み取っていません' },
  unconnected: {
    en: 'what its facts come from is not connected yet',
    ja: '事実の読み取り元がまだ接続されていません',
  },
  unconnectedSource: { en: '{missing}', ja: '{missing}' },
  stale: { en: 'its facts were last read {read}', ja: '事実の最後の読み取りは{read}' },
  staleSource: { en: '{source} was last read {read}', ja: '{source}の最後の読み取りは{read}' },
  checkFailed: { en: 'the check could not be carried out', ja: '点検を実行できませんでした' },
  checkNotRun: { en: 'not checked yet', ja: 'まだ点検していません' },
  violations: { en: '{violated} of {examined}', ja: '{examined}件中{violated}件' },
  violationsDue: {
    en: '{violated} of {examined} to be put right {due}',
    ja: '{examined}件中{violated}件を是正中・期限は{due}',
  },
  dutyMissed: { en: 'not done in time', ja: '期限までに実施されていません' },
  overdueMany: { en: '{count} not done in time', ja: '{count}件が期限までに実施されていません' },
  dutyDue: { en: 'due {due}', ja: '期限は{due}' },
  dutyNeverDone: { en: 'not done yet', ja: 'まだ実施されていません' },
};

function keyOf({ status, reason, provenAt }: Known, { internals }: Reader): Key | null {
  if (status === 'kept') return provenAt ? 'proven' : null;
  const { code, params } = reason;
  const named = internals && typeof params['source'] === 'string';
  if (code === 'stale' && named) return 'staleSource';
  if (code === 'neverRead' && unconnectedOf(params['source']))
    return internals ? 'unconnectedSource' : 'unconnected';
  if (code === 'neverRead' && named) return 'neverReadSource';
  if (code === 'dutyMissed' && Number(params['count']) > 1) return 'overdueMany';
  return details[code] ? code : null;
}

function paramsOf({ reason, since, provenAt }: Known, reader: Reader): Record<string, string> {
  const number = new Intl.NumberFormat(reader.language);
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(reason.params)) {
    params[name] = typeof value === 'number' ? number.format(value) : String(value);
  }
  // What was not done may have been owed before anybody judged it: the earlier day is the honest one.
  const owed = reason.code === 'dutyMissed' ? instantOf(params['since']) : null;
  params['since'] = dayText(owed && isBefore(owed, since) ? owed : since, reader);
  const at = instantOf(params['readAt']);
  params['read'] = at ? relativeText(at, reader) : '';
  const due = instantOf(params['dueAt']);
  params['due'] = due ? relativeText(due, reader) : '';
  const missing = unconnectedOf(reason.params['source']);
  params['missing'] = missing ? unconnected[missing][reader.language] : '';
  params['proven'] = provenAt ? relativeText(provenAt, reader) : '';
  return params;
}

function instantOf(text: string | undefined): Instant | null {
  if (!text) return null;
  try {
    return Temporal.Instant.from(text);
  } catch {
    return null;
  }
}

type Place = Pick<Reader, 'language' | 'now' | 'zone'>;

/** A day as text: without its year where that is this year's. */
export function dayText(at: Instant, { language, now, zone }: Place): string {
  const day = dateIn(at, zone);
  return dateText(day, language, day.year !== dateIn(now, zone).year);
}

/** `3 March 2026`, `2026年3月3日`. */
export function dateText(date: Temporal.PlainDate, language: Language, withYear = true): string {
  const form = new Intl.DateTimeFormat(language === 'ja' ? 'ja' : 'en-GB', {
    day: 'numeric',
    month: 'long',
    timeZone: 'UTC',
    ...(withYear ? { year: 'numeric' } : {}),
  });
  return form.format(Date.UTC(date.year, date.month - 1, date.day));
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Days of the calendar from now; what ends at midnight ends on the day before it. */
function daysBetween({ now, zone }: Place, at: Instant): number {
  const moment = isBefore(now, at) ? at.subtract({ milliseconds: 1 }) : at;
  return dateIn(now, zone).until(dateIn(moment, zone)).days;
}

/** `2 hours ago`, `6日後`; the day itself where it is more than six weeks away. */
export function relativeText(at: Instant, place: Place): string {
  const distance = at.epochMilliseconds - place.now.epochMilliseconds;
  const size = Math.abs(distance);
  if (size > 45 * day) return dayText(at, place);
  const form = new Intl.RelativeTimeFormat(place.language, { numeric: 'auto' });
  const text =
    size >= day
      ? form.format(daysBetween(place, at), 'day')
      : size >= hour
        ? form.format(Math.trunc(distance / hour), 'hour')
        : form.format(Math.trunc(distance / minute), 'minute');
  // Japanese sets no space between a figure and its counter, though Intl does.
  return place.language === 'ja' ? text.replaceAll(' ', '') : text;
}
