import { dateIn, instantText } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type { Leaver, LeavingTrigger } from '../../registers/people/store.leaving.ts';
import type { LeavingCommand, LeavingEvent, LeavingRefusal } from './facts.ts';
import { type Counts, isNothing } from './take.ts';

/** What a decision on leaving stands on. */
export interface LeavingState {
  readonly person: Leaver | null;
  /** What was taken in this transaction; null where nothing was to be taken. */
  readonly taken: Counts | null;
}

type Decision = Result<readonly LeavingEvent[], Refusal<LeavingRefusal>>;

/**
 * Whether a command takes anything from a person. The end date is looked at again: it may have been
 * moved since the obligation was scheduled.
 */
export function takes(
  person: Leaver | null,
  command: LeavingCommand,
  context: Context,
): 'everything' | 'waysIn' | 'nothing' {
  if (!person || person.erased) return 'nothing';
  switch (command.do) {
    case 'endAccess':
      return command.trigger === 'endDate' && !isOver(person, context) ? 'nothing' : 'everything';
    case 'suspendAccess':
      return person.leftAt || person.suspendedAt ? 'nothing' : 'waysIn';
    case 'liftSuspension':
      return 'nothing';
  }
}

function isOver({ endsOn }: Leaver, { now, zone }: Context): boolean {
  return endsOn !== null && Temporal.PlainDate.compare(endsOn, dateIn(now, zone)) < 0;
}

/** Decides on the end of somebody's access. Done already is done: nothing happens twice. */
export function decideLeaving(
  state: LeavingState,
  command: LeavingCommand,
  context: Context,
): Decision {
  const { person, taken } = state;
  if (!person) return refuse('personUnknown');
  if (person.erased) return refuse('personErased');
  switch (command.do) {
    case 'endAccess':
      return ok(taken ? departure(person, taken, command, context) : []);
    case 'suspendAccess':
      if (person.leftAt) return refuse('personHasLeft');
      return ok(taken ? [suspended(person, taken)] : []);
    case 'liftSuspension':
      if (person.leftAt) return refuse('personHasLeft');
      return ok(person.suspendedAt ? [lifted(person)] : []);
  }
}

/** What is written of somebody from whom everything was taken. */
export function departure(
  person: Leaver,
  counts: Counts,
  { trigger, triggeredAt }: { readonly trigger: LeavingTrigger; readonly triggeredAt: string },
  context: Context,
): readonly LeavingEvent[] {
  // Again, and nothing had crept back in.
  if (person.leftAt && isNothing(counts)) return [];
  const subject = `person/${person.id}`;
  const about = person.id;
  const endsOn = lastDay(person, context);
  const ended: readonly LeavingEvent[] =
    person.endsOn?.toString() === endsOn
      ? []
      : [{ type: 'EmploymentEnded', subject, body: { endsOn }, about }];
  return [
    ...ended,
    {
      type: 'AccessEnded',
      subject,
      body: {
        trigger,
        triggeredAt: instantText(Temporal.Instant.from(triggeredAt)),
        endsOn,
        counts,
      },
      about,
    },
  ];
}

/** Today, unless it was earlier; who never started leaves on the day on which they would have. */
function lastDay({ startsOn, endsOn }: Leaver, { now, zone }: Context): string {
  const today = dateIn(now, zone);
  if (endsOn && Temporal.PlainDate.compare(endsOn, today) <= 0) return endsOn.toString();
  const future = startsOn && Temporal.PlainDate.compare(startsOn, today) > 0;
  return (future ? startsOn : today).toString();
}

export function suspended({ id }: Leaver, counts: Counts): LeavingEvent {
  return { type: 'AccessSuspended', subject: `person/${id}`, body: { counts }, about: id };
}

export function lifted({ id }: Leaver): LeavingEvent {
  return { type: 'SuspensionLifted', subject: `person/${id}`, body: {}, about: id };
}
