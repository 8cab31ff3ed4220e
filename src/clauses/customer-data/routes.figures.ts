import { sql } from 'kysely';
import { z } from 'zod';
import { dateIn, instantText } from '../../kernel/instant.ts';
import { ok } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import type { bases } from './facts.terms.ts';
import { casesByBasis, daysSinceStaffRead, lastStaffRead } from './store.figures.ts';

const months = 12;

export const figureRoutes = {
  getCaseFigures: route({
    method: 'get',
    path: '/case-figures',
    summary: 'Days since staff last read customers’ data, cases by legal basis, what is under way.',
    permission: 'readCases',
    input: z.object({}),
    output: z.object({
      /** Null where nobody ever read anything. */
      days: z.int().nullable(),
      lastAt: z.string().nullable(),
      open: z.int(),
      /** Asked for, and not decided on. */
      waiting: z.int(),
      unreconciled: z.int(),
      /** Each of the last twelve months, with the cases opened in it. */
      months: z.array(z.object({ month: z.string(), ...counts() })),
    }),
    handle: async ({ db, now, zone }) => {
      const today = dateIn(now, zone);
      const first = today.with({ day: 1 }).subtract({ months: months - 1 });
      const counted = await casesByBasis(db, first, zone);
      const lastAt = await lastStaffRead(db);
      const { rows } = await sql<{ open: number; waiting: number; unreconciled: number }>`
        select count(*) filter (where state = 'open')::int as open,
          count(*) filter (where state = 'asked')::int as waiting,
          count(*) filter (where state = 'ended')::int as unreconciled from customer_case`.execute(
        db,
      );
      const [{ open, waiting, unreconciled } = { open: 0, waiting: 0, unreconciled: 0 }] = rows;
      return ok({
        days: await daysSinceStaffRead(db, now, zone),
        lastAt: lastAt && instantText(lastAt),
        open,
        waiting,
        unreconciled,
        months: Array.from({ length: months }, (_, n) => {
          const month = first.add({ months: n }).toPlainYearMonth().toString();
          const of = (basis: (typeof bases)[number]) =>
            counted.find((each) => each.month === month && each.basis === basis)?.cases ?? 0;
          return { month, terms: of('terms'), contract: of('contract'), consent: of('consent') };
        }),
      });
    },
  }),
};

function counts() {
  return { terms: z.int(), contract: z.int(), consent: z.int() } satisfies Record<
    (typeof bases)[number],
    z.ZodType
  >;
}
