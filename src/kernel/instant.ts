/** Calendar maths of the house. Pure: the present always comes in as a value. */

export type Instant = Temporal.Instant;

/** Start of a day in a zone, as an instant. */
export function startOfDay(date: Temporal.PlainDate, zone: string): Instant {
  return date.toZonedDateTime({ timeZone: zone }).startOfDay().toInstant();
}

/** The first instant that no longer belongs to the day: what "by the end of that day" means. */
export function endOfDay(date: Temporal.PlainDate, zone: string): Instant {
  return startOfDay(date.add({ days: 1 }), zone);
}

/** The day that people have until, of an instant that is the end of a day, as due times are. */
export function lastDayOf(end: Instant, zone: string): Temporal.PlainDate {
  return dateIn(end.subtract({ milliseconds: 1 }), zone);
}

/** The day an instant falls on for the organisation. */
export function dateIn(at: Instant, zone: string): Temporal.PlainDate {
  return at.toZonedDateTimeISO(zone).toPlainDate();
}

/** 31 January plus one month is the last day of February, never 3 March. */
export function addMonths(date: Temporal.PlainDate, months: number): Temporal.PlainDate {
  return date.add({ months }, { overflow: 'constrain' });
}

/** First day of the calendar quarter that a date lies in. */
export function quarterStart(date: Temporal.PlainDate): Temporal.PlainDate {
  const month = date.month - ((date.month - 1) % 3);
  return Temporal.PlainDate.from({ year: date.year, month, day: 1 });
}

/** `2026-Q4`: how people name a quarter. */
export function quarterName(date: Temporal.PlainDate): string {
  return `${date.year}-Q${Math.ceil(date.month / 3)}`;
}

export function addHours(at: Instant, hours: number): Instant {
  return at.add({ hours });
}

export function isBefore(a: Instant, b: Instant): boolean {
  return Temporal.Instant.compare(a, b) < 0;
}

export function earliest(instants: readonly Instant[]): Instant | null {
  return instants.reduce<Instant | null>(
    (least, at) => (least && isBefore(least, at) ? least : at),
    null,
  );
}

/** Instants are kept to the millisecond everywhere, so that what is stored equals what was decided. */
export function toMillisecond(at: Instant): Instant {
  return Temporal.Instant.fromEpochMilliseconds(at.epochMilliseconds);
}

/** RFC 3339 in UTC with milliseconds: the one spelling of a time in ledger and API. */
export function instantText(at: Instant): string {
  return at.toString({ smallestUnit: 'millisecond' });
}

/** Whether a name is a zone of the IANA database that this runtime knows. */
export function isZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}
