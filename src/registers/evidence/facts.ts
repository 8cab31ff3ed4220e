import { z } from 'zod';
import type { Route } from '../../policy/route.ts';
import { statuses } from '../../policy/status.ts';

export const evidenceInput = z.object({ id: z.string().regex(/^[A-Z]{2,5}-\d{1,3}$/) });

const instant = z.string();

const checkPart = z.object({
  by: z.literal('check'),
  id: z.string(),
  states: z.string(),
  status: z.enum(['kept', 'broken', 'unknown']),
  at: instant.nullable(),
  factsAt: instant.nullable(),
  examined: z.int(),
  violated: z.int(),
  sources: z.array(
    z.object({ name: z.string(), readAt: instant.nullable(), staleAfterHours: z.int() }),
  ),
  findings: z.array(
    z.object({
      id: z.string(),
      subject: z.string(),
      sentence: z.string(),
      openedAt: instant,
      dueAt: instant,
      exceptedUntil: instant.nullable(),
      owner: z.string().nullable(),
      path: z.string().nullable(),
    }),
  ),
  history: z.array(
    z.object({ at: instant, status: z.string(), examined: z.int(), violated: z.int() }),
  ),
});

const dutyPart = z.object({
  by: z.literal('duty'),
  id: z.string(),
  states: z.string(),
  counts: z.object({ total: z.int(), done: z.int(), missed: z.int(), open: z.int() }),
  occurrences: z.array(
    z.object({
      id: z.string(),
      subject: z.string(),
      openedAt: instant,
      dueAt: instant,
      doneAt: instant.nullable(),
      missedAt: instant.nullable(),
      assignee: z.string().nullable(),
      doneBy: z.string().nullable(),
    }),
  ),
});

const guardPart = z.object({
  by: z.literal('guard'),
  id: z.string(),
  states: z.string(),
  refusals: z.int(),
  lastRefusalAt: instant.nullable(),
});

/** Everything that a promise's status stands on. */
export const evidence = z.object({
  id: z.string(),
  clause: z.string(),
  iso27001: z.array(z.string()),
  status: z.enum(statuses),
  reason: z.object({ code: z.string(), params: z.record(z.string(), z.json()) }),
  since: instant.nullable(),
  provenAt: instant.nullable(),
  upholders: z.array(z.discriminatedUnion('by', [checkPart, dutyPart, guardPart])),
  /** Numbers that are published with it, said. */
  figures: z.array(z.string()),
  history: z.array(
    z.object({ at: instant, status: z.string(), reason: z.record(z.string(), z.json()) }),
  ),
  entries: z.array(
    z.object({
      index: z.int(),
      at: instant,
      type: z.string(),
      actor: z.string(),
      clause: z.string(),
      /** What the check or the guard it tells of asserts; null where it tells of the promise. */
      of: z.string().nullable(),
      answer: z
        .object({
          status: z.enum(statuses),
          examined: z.int().nullable(),
          violated: z.int().nullable(),
        })
        .nullable(),
    }),
  ),
});

export type Evidence = z.output<typeof evidence>;

export const checkNowOutput = z.object({ ran: z.array(z.string()) });
const nothing = z.object({});

/** Types for pages: the server answers these for every promise. */
export type EvidenceRoutes = {
  readonly getEvidence: Route<typeof evidenceInput, typeof evidence>;
  readonly runChecks: Route<typeof nothing, typeof checkNowOutput>;
};
