const DAY_MS = 24 * 60 * 60 * 1000;

/** `2026-12-31` of the organisation's day so many days from now. */
export function dayAfter(now: number, days: number, zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(
    new Date(now + days * DAY_MS),
  );
}
