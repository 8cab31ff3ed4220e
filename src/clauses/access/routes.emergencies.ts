import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { ok } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import {
  answerList,
  type Condition,
  type List,
  listInput,
  listOutput,
  type SortColumn,
} from '../../registers/list.ts';
import * as facts from './facts.emergency.ts';
import { verdicts } from './facts.terms.ts';
import { endEmergency, reviewEmergency, takeEmergency } from './flows.ts';
import { holdsOfficerRole } from './store.campaign.ts';

/** `running`; then `waiting` for its review, `overdue` past its time, `reviewed`. */
export const emergencyStates = ['running', 'waiting', 'overdue', 'reviewed'] as const;

const emergencyOutput = z.object({
  id: z.string(),
  state: z.enum(emergencyStates),
  personId: z.string(),
  person: z.string(),
  system: z.string(),
  entitlement: z.string(),
  reason: z.string(),
  takenAt: z.string(),
  endsAt: z.string(),
  endedAt: z.string().nullable(),
  reviewDueAt: z.string().nullable(),
  reviewedAt: z.string().nullable(),
  reviewedBy: z.string().nullable(),
  verdict: z.enum(verdicts).nullable(),
  note: z.string(),
  /** The caller took it. */
  own: z.boolean(),
  /** The caller may review it now. */
  mine: z.boolean(),
});
type Emergency = z.input<typeof emergencyOutput>;
type Times = 'takenAt' | 'endsAt' | 'endedAt' | 'reviewDueAt' | 'reviewedAt';
type EmergencyRow = Omit<Emergency, Times> & { readonly [time in Times]: Instant | null };

const emergencySorts = {
  takenAt: { sql: sql`emergency.taken_at`, type: 'timestamptz' },
  person: { sql: sql`person.name`, type: 'text', needs: ['person'] },
  system: { sql: sql`system.name`, type: 'text', needs: ['system'] },
} satisfies Record<string, SortColumn>;

const stateOf = (now: Instant) => sql`case
  when emergency.ended_at is null then 'running'
  when emergency.reviewed_at is not null then 'reviewed'
  when emergency.review_due_at <= ${now} then 'overdue'
  else 'waiting' end`;

/** Whether a reader answers for the system of an emergency, which is not their own. */
const answersFor = (reader: string | null) => sql`(
  emergency.person_id is distinct from ${reader}::uuid and (
    emergency.system_id in (select id from system where owner_id = ${reader}::uuid)
    or emergency.system_id in (select system_id from access_rule where delegate_id = ${reader}::uuid)))`;

const csvColumns = [
  'state',
  'person',
  'system',
  'entitlement',
  'reason',
  'takenAt',
  'endsAt',
  'endedAt',
  'reviewDueAt',
  'reviewedAt',
  'reviewedBy',
  'verdict',
  'note',
] as const;

function emergencyList(
  reader: string | null,
  officer: boolean,
  now: Instant,
): List<EmergencyRow, Emergency> {
  return {
    source: {
      from: [sql`emergency_access emergency`],
      joins: {
        person: sql`join person on person.id = emergency.person_id`,
        system: sql`join system on system.id = emergency.system_id`,
        entitlement: sql`join entitlement on entitlement.id = emergency.entitlement_id`,
      },
      key: { id: sql`emergency.id` },
      sorts: emergencySorts,
      defaultSort: '-takenAt',
      search: (like) => ({
        sql: sql`lower(person.name) like ${like} or lower(system.name) like ${like}
          or lower(entitlement.name) like ${like}`,
        needs: ['person', 'system', 'entitlement'],
      }),
      select: sql`emergency.id, ${stateOf(now)} as state, emergency.person_id as "personId", person.name as person,
        system.name as system, entitlement.name as entitlement, emergency.reason, emergency.taken_at as "takenAt",
        emergency.ends_at as "endsAt", emergency.ended_at as "endedAt", emergency.review_due_at as "reviewDueAt",
        emergency.reviewed_at as "reviewedAt", reviewer.name as "reviewedBy", emergency.verdict, emergency.note,
        emergency.person_id is not distinct from ${reader}::uuid as own,
        emergency.ended_at is not null and emergency.reviewed_at is null
          and emergency.person_id is distinct from ${reader}::uuid
          and (${officer}::boolean or ${answersFor(reader)}) as mine`,
      details: sql`
        join emergency_access emergency on emergency.id = page.id
        join person on person.id = emergency.person_id
        join system on system.id = emergency.system_id
        join entitlement on entitlement.id = emergency.entitlement_id
        left join person reviewer on reviewer.id = emergency.reviewed_by`,
    },
    item: (row) => {
      const at = (time: Instant | null) => time && instantText(time);
      return {
        ...row,
        takenAt: at(row.takenAt) ?? '',
        endsAt: at(row.endsAt) ?? '',
        endedAt: at(row.endedAt),
        reviewDueAt: at(row.reviewDueAt),
        reviewedAt: at(row.reviewedAt),
      };
    },
    csv: csvColumns.map((header) => ({ header, cell: (emergency) => emergency[header] })),
    filename: 'emergency-access',
  };
}

/** Whoever took one sees it, and whoever answers for its system; officers and auditors see all. */
function conditionsOf(
  request: Request,
  { state, id }: { readonly state?: string | undefined; readonly id?: string | undefined },
): Condition[] {
  const reader = request.actor && personOf(request.actor);
  const conditions: Condition[] = [];
  if (id) conditions.push({ sql: sql`emergency.id = ${id}` });
  if (state) conditions.push({ sql: sql`${stateOf(request.now)} = ${state}` });
  if (!request.may('readAllRequests'))
    conditions.push({
      sql: sql`(emergency.person_id = ${reader}::uuid or ${answersFor(reader)})`,
    });
  return conditions;
}

export const emergencyRoutes = {
  listEmergencies: route({
    method: 'get',
    path: '/emergencies',
    summary: 'Access taken in emergencies: by whom, why, until when, and what its review said.',
    permission: 'readRequests',
    input: listInput(
      { sorts: emergencySorts },
      { state: z.enum(emergencyStates).optional(), id: z.uuid().optional() },
    ),
    output: listOutput(emergencyOutput),
    handle: (request, input) => {
      const officer = request.actor !== null && holdsOfficerRole(request.actor);
      const reader = request.actor && personOf(request.actor);
      return answerList(
        request.db,
        emergencyList(reader, officer, request.now),
        input,
        conditionsOf(request, input),
      );
    },
  }),

  takeEmergency: route({
    method: 'post',
    path: '/emergencies',
    summary: 'Takes access at once, for hours and with a reason; owner and officers are told now.',
    permission: 'takeEmergency',
    input: facts.takeEmergency,
    output: z.object({ id: z.string(), endsAt: z.string() }),
    handle: async ({ execute }, input) => {
      const done = await execute(takeEmergency, input);
      if (!done.ok) return done;
      const [event] = done.value;
      return ok({ id: event?.subject.split('/')[1] ?? '', endsAt: event?.body.endsAt ?? '' });
    },
  }),

  endEmergency: route({
    method: 'post',
    path: '/emergencies/{id}/end',
    summary: 'Ends one’s own emergency access before its time.',
    permission: 'takeEmergency',
    input: facts.endEmergency,
    output: z.object({ id: z.string() }),
    handle: async ({ execute }, { id }) => {
      const done = await execute(endEmergency, { id });
      return done.ok ? ok({ id }) : done;
    },
  }),

  reviewEmergency: route({
    method: 'post',
    path: '/emergencies/{id}/review',
    summary: 'Says whether access taken in an emergency was justified; never of one’s own.',
    permission: 'reviewEmergency',
    input: facts.reviewEmergency,
    output: z.object({ id: z.string() }),
    handle: async ({ execute }, input) => {
      const done = await execute(reviewEmergency, input);
      return done.ok ? ok({ id: input.id }) : done;
    },
  }),
};
