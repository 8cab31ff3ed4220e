import { z } from 'zod';
import type { Event } from '../../policy/event.ts';
import { sourceId } from './facts.ts';

/** Asks that a source be read now, by its connection or as a passer-by. */
export const askReading = z.object({ sourceId });
export type AskReading = z.output<typeof askReading>;

export type ReadingAsked = Event & {
  readonly type: 'SourceReadingAsked';
  readonly sourceId: string;
};

export type ReadingRefusal = 'notFound' | 'sourceRetired' | 'sourceNotRead';

/** What could not be read of a source though the rest could. */
export const readingGap = z.object({
  /** `dependabot`, `codeScanning`. */
  of: z.string(),
  permission: z.string(),
  message: z.string(),
});
export type ReadingGap = z.output<typeof readingGap>;

/** How the reading of a source by itself stands. */
export const shownReading = z.object({
  /** Whether it is read by itself at all. */
  reads: z.boolean(),
  nextAt: z.string().nullable(),
  readAt: z.string().nullable(),
  gaps: z.array(readingGap),
  problem: z.string().nullable(),
  detail: z.string().nullable(),
});
