import { useNow } from './clock.ts';
import { formatMoment, formatRelative } from './format.ts';
import { useReader } from './reader.tsx';
import { useLanguage } from './words.ts';

/**
 * A moment, relative in the text and absolute on hover, in the organisation's zone.
 *
 * @example <RelativeTime at={person.changedAt} />   // "2 hours ago" / 「2 時間前」
 * @example <RelativeTime at="2026-12-31" />          // a calendar date: "in 6 days"
 */
export function RelativeTime({ at }: { at: string }) {
  const now = useNow();
  const language = useLanguage();
  const { zone } = useReader();
  const place = { language, zone };
  return (
    <time dateTime={at} title={formatMoment(at, place)}>
      {formatRelative(at, now, place)}
    </time>
  );
}
