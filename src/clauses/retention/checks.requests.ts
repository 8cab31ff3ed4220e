import { sql } from 'kysely';
import type { Check } from '../../policy/check.ts';
import { kindTitles, requestsChanged } from './facts.requests.ts';

const titles = JSON.stringify(kindTitles);

/** RET-4: whoever asks about their data has an answer in time. */
export const requestsAnsweredInTime: Check = {
  id: 'requestsAnsweredInTime',
  promise: 'RET-4',
  states: {
    en: 'Every request about data is answered by its day.',
    ja: 'データに関するすべての請求に、期限までに回答しています。',
  },
  finding: {
    en: 'Request {number}, {en}, received on {receivedOn}, is past its day and not answered.',
    ja: '{receivedOn}に受け付けた請求{number}（{ja}）の回答期限が過ぎています。',
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
    where request.answered_at is null and request.due_at <= ${now}`,
  nextChange: async (db, now) => {
    const { rows } = await sql<{ at: Temporal.Instant | null }>`
      select min(due_at) as at from customer_request
      where answered_at is null and due_at > ${now}`.execute(db);
    return rows[0]?.at ?? null;
  },
  deadlineDays: 3,
  path: '/console/customer-requests?open={id}',
};
