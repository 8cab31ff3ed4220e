import {
  addHours,
  dateIn,
  instantText,
  isBefore,
  lastDayOf,
  quarterName,
  quarterStart,
  startOfDay,
} from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context, Effect } from '../../policy/event.ts';
import type {
  CampaignOpened,
  OpenCampaign,
  OpenQuarter,
  RefusalCode,
  ReviewScheduled,
  ReviewSettingsChanged,
  Settings,
  Waiting,
} from './facts.ts';

export interface OpeningState {
  /** False where a system named does not exist or is retired. */
  readonly systemsExist: boolean;
  /** False where the fallback is not employed today. */
  readonly fallbackAble: boolean;
  readonly snapshot: {
    readonly salt: string;
    readonly digest: string;
    readonly items: number;
    readonly systems: number;
    readonly waiting: readonly Waiting[];
  };
  /** People told about what no person could be found for. */
  readonly officers: readonly string[];
}

/** Opens a campaign by hand. One over every system is the review of the quarter it opens in. */
export function decideOpening(
  state: OpeningState,
  command: OpenCampaign,
  context: Context,
): Result<readonly CampaignOpened[], Refusal<RefusalCode>> {
  if (!isBefore(context.now, Temporal.Instant.from(command.dueAt))) return refuse('dueInThePast');
  if (!state.systemsExist) return refuse('systemsNotFound');
  if (!state.fallbackAble) return refuse('personNotAble');
  if (state.snapshot.items === 0) return refuse('nothingToReview');
  const quarter = command.systems === 'all' ? quarterName(dateIn(context.now, context.zone)) : null;
  return ok([opened(state, { ...command, quarter, automatic: false }, context)]);
}

export interface QuarterState extends OpeningState {
  readonly settings: Settings;
  /** A campaign over every system stands for this quarter already: open, or closed complete. */
  readonly covered: boolean;
}

/**
 * Opens the quarter's campaign by the clock. Answers with nothing where it is open already, where
 * reviews do not open by themselves, and where no system was ever read: then there is nothing to
 * review, and the promise stays unknown, not kept.
 */
export function decideQuarter(
  state: QuarterState,
  _command: OpenQuarter,
  context: Context,
): Result<readonly CampaignOpened[], Refusal<RefusalCode>> {
  const { settings } = state;
  if (!settings.openByItself || state.covered || state.snapshot.items === 0) return ok([]);
  const today = dateIn(context.now, context.zone);
  const quarter = quarterName(today);
  const dueAt = instantText(startOfDay(today.add({ days: settings.lengthDays }), context.zone));
  const { revokeWithinHours, reviewerRule } = settings;
  // Somebody who has left since the settings were made reviews nothing; the role takes their place.
  const fallback = state.fallbackAble ? settings.fallback : null;
  return ok([
    opened(
      state,
      { name: quarter, dueAt, revokeWithinHours, reviewerRule, fallback, quarter, automatic: true },
      context,
    ),
  ]);
}

type Opening = Omit<OpenCampaign, 'systems'> & {
  readonly quarter: string | null;
  readonly automatic: boolean;
};

function opened({ snapshot }: OpeningState, opening: Opening, context: Context): CampaignOpened {
  return {
    type: 'CampaignOpened',
    subject: `campaign/${context.newId()}`,
    body: {
      quarter: opening.quarter,
      automatic: opening.automatic,
      dueAt: instantText(Temporal.Instant.from(opening.dueAt)),
      revokeWithinHours: opening.revokeWithinHours,
      reviewerRule: opening.reviewerRule,
      fallback: opening.fallback,
      systems: snapshot.systems,
      items: snapshot.items,
      snapshotDigest: snapshot.digest,
    },
    private: { name: opening.name, salt: snapshot.salt },
    waiting: snapshot.waiting,
  };
}

/** Each reviewer is told what waits for them; officers, what no reviewer could be found for. */
export function mailsOfOpening(
  event: CampaignOpened,
  state: OpeningState,
  context: Context,
): readonly Effect[] {
  const due = lastDayOf(Temporal.Instant.from(event.body.dueAt), context.zone).toString();
  return mailsTo(state.snapshot.waiting, state.officers, (to, items) => ({
    kind: 'mail',
    to,
    template: 'access.reviewOpened',
    params: { campaign: event.private.name, items, due },
    path: `/console/reviews/${event.subject.split('/')[1]}`,
  }));
}

/** One mail a person, whatever they hold themselves and through the role together. */
export function mailsTo(
  waiting: readonly Waiting[],
  officers: readonly string[],
  mail: (to: string, items: number) => Effect,
): readonly Effect[] {
  const items = new Map<string, number>();
  for (const each of waiting) {
    for (const to of each.reviewerId ? [each.reviewerId] : officers)
      items.set(to, (items.get(to) ?? 0) + each.items);
  }
  return [...items].map(([to, count]) => mail(to, count));
}

export interface ScheduleState {
  readonly settings: Settings;
  /** An opening is on the clock after now. */
  readonly scheduled: boolean;
}

/** Puts the next opening on the clock; nothing where it is there, or where none is wanted. */
export function decideSchedule(
  state: ScheduleState,
  _command: unknown,
  context: Context,
): Result<readonly ReviewScheduled[], Refusal<RefusalCode>> {
  if (state.scheduled || !state.settings.openByItself) return ok([]);
  const next = nextOpening(state.settings, context);
  return ok([
    {
      type: 'ReviewScheduled',
      subject: 'review/quarter',
      body: { quarter: next.quarter, opensAt: instantText(next.at) },
    },
  ]);
}

/** The opening after now: of this quarter where its day is still to come, else of the next one. */
export function nextOpening(
  settings: Pick<Settings, 'dayOffset'>,
  { now, zone }: Pick<Context, 'now' | 'zone'>,
): { readonly quarter: string; readonly at: Temporal.Instant } {
  const first = quarterStart(dateIn(now, zone));
  const openingOf = (start: Temporal.PlainDate) => ({
    quarter: quarterName(start),
    at: startOfDay(start.add({ days: settings.dayOffset }), zone),
  });
  const current = openingOf(first);
  return isBefore(now, current.at) ? current : openingOf(first.add({ months: 3 }));
}

export interface SettingsState {
  readonly fallbackAble: boolean;
}

export function decideSettings(
  state: SettingsState,
  command: Settings,
  context: Context,
): Result<readonly ReviewSettingsChanged[], Refusal<RefusalCode>> {
  if (!state.fallbackAble) return refuse('personNotAble');
  const nextOpensAt = command.openByItself ? instantText(nextOpening(command, context).at) : null;
  return ok([
    {
      type: 'ReviewSettingsChanged',
      subject: 'review/settings',
      body: { ...command, nextOpensAt },
    },
  ]);
}

/** When access that is ordered to go must be gone. */
export function revokeBy(now: Temporal.Instant, revokeWithinHours: number): Temporal.Instant {
  return addHours(now, revokeWithinHours);
}
