import { z } from 'zod';
import { isUuid } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Words } from '../../kernel/language.ts';
import type { Event } from '../../policy/event.ts';
import { type Moment, moments } from '../../policy/keeping.ts';

/** Years, months, weeks and days of ISO 8601: `P7Y`, `P18M`, `P30D`. Hours are nothing to a calendar. */
export const periodText = z.string().regex(/^P(?=\d)(\d{1,3}Y)?(\d{1,4}M)?(\d{1,4}W)?(\d{1,5}D)?$/);

/** The first moment of the night's run that comes after an instant: two o'clock in the zone. */
export function nextNight(after: Instant, zone: string): Instant {
  const at = (day: Temporal.PlainDate) =>
    day.toZonedDateTime({ timeZone: zone, plainTime: '02:00' }).toInstant();
  const today = after.toZonedDateTimeISO(zone).toPlainDate();
  const tonight = at(today);
  return Temporal.Instant.compare(tonight, after) > 0 ? tonight : at(today.add({ days: 1 }));
}

const anId = z.string().refine(isUuid);
const bothLanguages = z.object({
  en: z.string().trim().min(1).max(500),
  ja: z.string().trim().min(1).max(500),
});

/** What a schedule is for; all null: the kind itself, wherever nothing closer speaks. */
export const scopeFields = {
  kind: z.string().regex(/^[a-z][A-Za-z]{0,40}$/),
  productId: anId.nullable().default(null),
  collection: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
    .nullable()
    .default(null),
  customerId: anId.nullable().default(null),
};

export const scheduleFields = {
  ...scopeFields,
  after: z.enum(moments),
  period: periodText.nullable(),
  purpose: bothLanguages,
  ground: bothLanguages,
};

export const scheduleCommand = z.discriminatedUnion('do', [
  /** `version`: of the schedule that stands for this scope, 0 where none does. */
  z.object({ do: z.literal('setSchedule'), version: z.int().min(0), ...scheduleFields }),
  /** What is farther away speaks again: the product's, the kind's, what ships. */
  z.object({ do: z.literal('endSchedule'), id: anId }),
]);
export type ScheduleCommand = z.infer<typeof scheduleCommand>;

export interface Schedule {
  /** Null: ships with the kind. */
  readonly id: string | null;
  readonly kind: string;
  readonly productId: string | null;
  readonly collection: string | null;
  readonly customerId: string | null;
  readonly version: number;
  readonly after: Moment;
  readonly period: string | null;
  readonly purpose: Words;
  readonly ground: Words;
  readonly setAt: Instant | null;
}

type ScheduleBody = {
  readonly schedule: string;
  readonly kind: string;
  readonly product: string | null;
  readonly collection: string | null;
  readonly customer: string | null;
  readonly version: number;
  readonly after: string;
  readonly period: string | null;
};

/** Subject `schedule/ID`. Why, in words, is private: officers write it freely. */
export type ScheduleEvent =
  | (Event & {
      readonly type: 'RetentionScheduleSet';
      readonly body: ScheduleBody & { readonly replaces: string | null };
      readonly private: { readonly purpose: Words; readonly ground: Words };
    })
  | (Event & {
      readonly type: 'RetentionScheduleEnded';
      readonly body: { readonly schedule: string; readonly kind: string };
    });

export type ScheduleRefusal =
  | 'kindUnknown'
  | 'momentUnknown'
  | 'periodNeeded'
  | 'scopeUnfit'
  | 'productUnknown'
  | 'customerUnknown'
  | 'versionConflict'
  | 'scheduleUnknown'
  | 'nothingToChange';

/** The one kind whose records lie in collections of products: what customers entrusted. */
export const contentsKind = 'contents';

/** Records removed in one act at most. */
export const disposalBatch = 10_000;

/** Disposes of the next batch of what is past its date; the clock's. */
export const disposalCommand = z.object({ do: z.literal('disposeNext') });
export type DisposalCommand = z.infer<typeof disposalCommand>;

/** Of one act: how many records of which customer and collection went by which schedule. */
export interface Disposed {
  readonly scheduleId: string | null;
  readonly customerId: string | null;
  readonly collection: string | null;
  readonly count: number;
}

/** Subject `disposal/DAY`. The ids are a blob, one a line. */
export type DisposalEvent = Event & {
  readonly type: 'RecordsDisposed';
  readonly body: {
    readonly kind: string;
    readonly day: string;
    readonly count: number;
    readonly customers: number;
    readonly idsBlob: string;
  };
  readonly recordIds: readonly string[];
  readonly disposed: readonly Disposed[];
};

export const schedulesChanged = ['RetentionScheduleSet', 'RetentionScheduleEnded'] as const;
