/** Numbers, dates and spans of time in words. Pure: the moment and the zone are values. */
import type { Language } from './words.ts';

export type Place = { readonly language: Language; readonly zone: string };

const cache = new Map<string, Intl.DateTimeFormat>();

function dateFormat(place: Place, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${place.language} ${place.zone} ${JSON.stringify(options)}`;
  const known = cache.get(key);
  if (known) return known;
  const locale = place.language === 'ja' ? 'ja-JP' : 'en-GB';
  const made = new Intl.DateTimeFormat(locale, { timeZone: place.zone, ...options });
  cache.set(key, made);
  return made;
}

const localeOf = (language: Language) => (language === 'ja' ? 'ja-JP' : 'en-GB');

/** `185294` → `185,294`. */
export function formatNumber(value: number, language: Language): string {
  return new Intl.NumberFormat(localeOf(language)).format(value);
}

/** A fraction 0–1 as a whole percentage. */
export function formatShare(fraction: number, language: Language): string {
  return new Intl.NumberFormat(localeOf(language), { style: 'percent' }).format(fraction);
}

/** A calendar date `2026-03-03` has no zone: it is the same day everywhere. */
const isPlainDate = (iso: string) => /^\d{4}-\d{2}-\d{2}$/.test(iso);

/** `2026-03-03` or an instant → `3 March 2026` / `2026年3月3日`, in the organisation's zone. */
export function formatDate(iso: string, place: Place, style: 'long' | 'short' = 'short'): string {
  const zone = isPlainDate(iso) ? 'UTC' : place.zone;
  const month = style === 'long' || place.language === 'ja' ? 'long' : 'short';
  return dateFormat({ ...place, zone }, { year: 'numeric', month, day: 'numeric' }).format(
    new Date(iso),
  );
}

/** Full moment with zone: `3 March 2026, 14:05:09 GMT+9`. */
export function formatMoment(iso: string, place: Place): string {
  if (isPlainDate(iso)) return formatDate(iso, place, 'long');
  return dateFormat(place, { dateStyle: 'long', timeStyle: 'long' }).format(new Date(iso));
}

/** The last moment of a day whose end is given: people read the day, not the midnight after it. */
export function lastMoment(end: string): string {
  return new Date(Date.parse(end) - 1000).toISOString();
}

/** Time of day `14:05` in the organisation's zone. */
export function formatTime(iso: string, place: Place): string {
  return dateFormat(place, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(
    new Date(iso),
  );
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Beyond this many days a distance says less than the date itself. */
const RELATIVE_DAYS = 45;

/** `iso` as a distance from `now` ("2 hours ago", "in 6 days"); a date once it is more than 45 days away. */
export function formatRelative(iso: string, now: number, place: Place): string {
  const plain = isPlainDate(iso);
  const at = new Date(iso).getTime();
  const today = startOfDay(now, place.zone);
  const distance = at - (plain ? today : now);
  const size = Math.abs(distance);
  if (Number.isNaN(size)) return iso;
  if (size > RELATIVE_DAYS * DAY) return formatDate(iso, place);
  const words = new Intl.RelativeTimeFormat(localeOf(place.language), { numeric: 'auto' });
  if (plain || size >= DAY) {
    // “Tomorrow” is a day of the calendar; what ends at midnight ends on the day before it.
    const day = plain ? at : startOfDay(distance > 0 ? at - 1 : at, place.zone);
    return close(words.format(Math.round((day - today) / DAY), 'day'));
  }
  if (size >= HOUR) return close(words.format(Math.trunc(distance / HOUR), 'hour'));
  if (size >= MINUTE) return close(words.format(Math.trunc(distance / MINUTE), 'minute'));
  return words.format(0, 'second');
}

/** Japanese sets no space between a figure and its counter, though Intl does: 「6 日後」→「6日後」. */
const close = (text: string) => text.replace(/(\d) (?=\p{Script=Han})/u, '$1');

/** Midnight UTC of the calendar day that a moment falls on in `zone`, to compare with plain dates. */
function startOfDay(now: number, zone: string): number {
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(
    new Date(now),
  );
  return new Date(day).getTime();
}

/** Seconds → `45 s`, `3 min 20 s`, `2 h 5 min`; Japanese `45秒`, `3分20秒`, `2時間5分`. */
export function formatSpan(seconds: number, language: Language): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const unit = language === 'ja' ? ['時間', '分', '秒'] : [' h', ' min', ' s'];
  const gap = language === 'ja' ? '' : ' ';
  const parts =
    h > 0
      ? [h + (unit[0] ?? ''), m + (unit[1] ?? '')]
      : m > 0
        ? [m + (unit[1] ?? ''), s + (unit[2] ?? '')]
        : [s + (unit[2] ?? '')];
  return parts.join(gap);
}

/** `5242880` → `5.2 MB`; decimal units, as file lists show them. */
export function formatBytes(bytes: number, language: Language): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  // Intl writes the word out in the singular: “222 byte”.
  if (step === 0) return `${formatNumber(bytes, language)} B`;
  const format = {
    style: 'unit',
    unit: units[step] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: 1,
  } as const;
  return new Intl.NumberFormat(localeOf(language), format).format(bytes / 1000 ** step);
}
