import { sql } from 'kysely';
import type { Check } from '../../policy/check.ts';
import { kindTitles, requestsChanged } from './facts.requests.ts';

const titles = JSON.stringify(kindTitles);

/** For so long an answer that came late counts: a promise that was broken is not kept by doing it at last. */
const lateFor = sql`interval '365 days'`;

/**
 * RET-4: whoever asks about their data has an answer in time. One that came late stays a violation
 * for as long as lateness counts.
 */
export const requestsAnsweredInTime: Check = {
  id: 'requestsAnsweredInTime',
  promise: 'RET-4',
  states: {
    en: 'Every request about data is answered by its day; one that was answered late counts for twelve months.',
    ja: 'データに関するすべての請求に、期限までに回答している。回答が遅れたものは12か月間数える。',
  },
  finding: {
    en: 'Request {number}, {en}, received on {receivedOn}, should have been answered by its day, and was not in time.',
    ja: '{receivedOn}に受け付けた請求{number}（{ja}）に、期限までに回答していません。',
  },
  changedBy: requestsChanged,
  population: () => sql<{ examined: number }>`
    select count(*)::int as examined from customer_request`,
  violations: (now) => sql`
    select 'request' as subject_kind, request.id::text as subject_id,
      request.number::text as label, request.owner_id,
      jsonb_build_object('number', request.number, 'receivedOn', request.received_on)
        || (${titles}::jsonb -> request.kind) as detail
    from customer_request request
    where (request.answered_at is null and request.due_at <= ${now})
      or (request.answered_at >= request.due_at
        and request.answered_at > ${now}::timestamptz - ${lateFor})`,
  nextChange: async (db, now) => {
    const { rows } = await sql<{ at: Temporal.Instant | null }>`
      select least(
        min(due_at) filter (where answered_at is null and due_at > ${now}),
        min(answered_at + ${lateFor}) filter (
          where answered_at >= due_at and answered_at > ${now}::timestamptz - ${lateFor})
      ) as at from customer_request`.execute(db);
    return rows[0]?.at ?? null;
  },
  deadlineDays: 3,
  path: '/console/customer-requests?open={id}',
};
