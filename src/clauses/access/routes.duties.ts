import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import { dateIn } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { holdsEntitlement } from '../../registers/accounts/store.duties.ts';
import {
  answerList,
  type List,
  listInput,
  listOutput,
  type SortColumn,
} from '../../registers/list.ts';
import { dutySeverities, privilegedBys } from './facts.terms.ts';
import { changeDuties, changeOffer } from './flows.ts';
import { holdsOfficerRole } from './store.campaign.ts';

const ruleOutput = z.object({
  id: z.string(),
  name: z.string(),
  severity: z.enum(dutySeverities),
  reason: z.string(),
  firstId: z.string(),
  first: z.string(),
  secondId: z.string(),
  second: z.string(),
  /** People who hold both today, excepted or not. */
  holders: z.int(),
  exceptions: z.array(
    z.object({
      id: z.string(),
      person: z.string(),
      endsOn: z.string(),
      reason: z.string(),
    }),
  ),
});
type Rule = z.input<typeof ruleOutput>;

const ruleSorts = {
  name: { sql: sql`rule.name`, type: 'text' },
  severity: { sql: sql`rule.severity`, type: 'text' },
} satisfies Record<string, SortColumn>;

function ruleList(today: Temporal.PlainDate): List<Rule, Rule> {
  return {
    source: {
      from: [sql`(select * from duty_rule where ended_at is null) rule`],
      key: { id: sql`rule.id` },
      sorts: ruleSorts,
      defaultSort: 'name',
      search: (like) => ({
        sql: sql`lower(rule.name) like ${like} or exists (select from entitlement side
          where side.id in (rule.first_id, rule.second_id) and lower(side.name) like ${like})`,
      }),
      select: sql`rule.id, rule.name, rule.severity, rule.reason, rule.first_id as "firstId",
        one.name || ' · ' || one_system.name as first, rule.second_id as "secondId",
        two.name || ' · ' || two_system.name as second,
        (select count(*)::int from (
          select account.person_id from observation seen join account on account.id = seen.account_id
          where seen.entitlement_id = rule.first_id and seen.gone_at is null
          union select account.person_id from access_grant given join account on account.id = given.account_id
          where given.entitlement_id = rule.first_id and given.revoked_at is null
        ) one_side where one_side.person_id is not null
          and ${holdsEntitlement(sql`one_side.person_id`, sql`rule.first_id`, today)}
          and ${holdsEntitlement(sql`one_side.person_id`, sql`rule.second_id`, today)}) as holders,
        (select coalesce(jsonb_agg(jsonb_build_object('id', excepted.id, 'person', person.name,
            'endsOn', excepted.ends_on, 'reason', excepted.reason) order by excepted.ends_on, excepted.id), '[]')
          from duty_exception excepted join person on person.id = excepted.person_id
          where excepted.rule_id = rule.id and excepted.ended_at is null
            and excepted.ends_on >= ${today}::date) as exceptions`,
      details: sql`
        join duty_rule rule on rule.id = page.id
        join entitlement one on one.id = rule.first_id
        join system one_system on one_system.id = one.system_id
        join entitlement two on two.id = rule.second_id
        join system two_system on two_system.id = two.system_id`,
    },
    item: (row) => row,
    csv: (['name', 'severity', 'first', 'second', 'reason', 'holders'] as const).map((header) => ({
      header,
      cell: (rule) => rule[header],
    })),
    filename: 'conflicting-duties',
  };
}

const ruleInput = z.object({
  name: z.string().trim().min(1).max(200),
  firstId: z.uuid(),
  secondId: z.uuid(),
  severity: z.enum(dutySeverities),
  reason: z.string().trim().min(1).max(2000),
});

const accessRule = z.object({
  delegateId: z.uuid().nullable(),
  longestDays: z.int().min(1).max(3660).nullable(),
  privilegedBy: z.enum(privilegedBys),
  instructions: z.string().trim().max(5000),
});

const idOutput = z.object({ id: z.string() });

export const dutyRoutes = {
  listDutyRules: route({
    method: 'get',
    path: '/duty-rules',
    summary: 'Rules of conflicting duties, who holds both sides, and who is excepted.',
    permission: 'readDuties',
    input: listInput({ sorts: ruleSorts }, { id: z.uuid().optional() }),
    output: listOutput(ruleOutput),
    handle: ({ db, now, zone }, input) =>
      answerList(
        db,
        ruleList(dateIn(now, zone)),
        input,
        input.id ? [{ sql: sql`rule.id = ${input.id}` }] : [],
      ),
  }),

  writeDutyRule: route({
    method: 'post',
    path: '/duty-rules',
    summary: 'Writes a rule: two entitlements that nobody is to hold together.',
    permission: 'changeDuties',
    input: ruleInput.extend({
      /** The rule whose place it takes. */
      replaces: z.uuid().nullable().default(null),
    }),
    output: idOutput,
    handle: async ({ execute }, { replaces, ...input }) => {
      const done = await execute(changeDuties, { do: 'writeRule', id: replaces, ...input });
      return done.ok ? ok({ id: done.value[0]?.subject.split('/')[1] ?? '' }) : done;
    },
  }),

  endDutyRule: route({
    method: 'post',
    path: '/duty-rules/{id}/end',
    summary: 'Ends a rule, and its exceptions with it.',
    permission: 'changeDuties',
    input: z.object({ id: z.uuid() }),
    output: idOutput,
    handle: async ({ execute }, { id }) => {
      const done = await execute(changeDuties, { do: 'endRule', id });
      return done.ok ? ok({ id }) : done;
    },
  }),

  exceptFromDutyRule: route({
    method: 'post',
    path: '/duty-rules/{id}/exceptions',
    summary: 'Excepts a person from a rule until a day; never oneself.',
    permission: 'changeDuties',
    input: z.object({
      id: z.uuid(),
      personId: z.uuid(),
      endsOn: z.iso.date(),
      reason: z.string().trim().min(1).max(2000),
    }),
    output: idOutput,
    handle: async ({ execute }, { id, ...input }) => {
      const done = await execute(changeDuties, { do: 'except', ruleId: id, ...input });
      return done.ok ? ok({ id }) : done;
    },
  }),

  endDutyException: route({
    method: 'post',
    path: '/duty-exceptions/{id}/end',
    summary: 'Ends an exception before its day.',
    permission: 'changeDuties',
    input: z.object({ id: z.uuid() }),
    output: idOutput,
    handle: async ({ execute }, { id }) => {
      const done = await execute(changeDuties, { do: 'endException', id });
      return done.ok ? ok({ id }) : done;
    },
  }),

  getAccessRule: route({
    method: 'get',
    path: '/access-rules/{systemId}',
    summary: 'How access to a system is asked for, and how it is given and taken there.',
    permission: 'readMyAccess',
    input: z.object({ systemId: z.uuid() }),
    output: accessRule.extend({
      system: z.string(),
      delegate: z.string().nullable(),
      answerable: z.boolean(),
    }),
    handle: async ({ db, actor }, { systemId }) => {
      const reader = actor && personOf(actor);
      const officer = actor !== null && holdsOfficerRole(actor);
      const { rows } = await sql<
        z.input<typeof accessRule> & {
          system: string;
          delegate: string | null;
          answerable: boolean;
        }
      >`
        select system.name as system, rule.delegate_id as "delegateId", delegate.name as delegate,
          rule.longest_days as "longestDays", coalesce(rule.privileged_by, 'owner') as "privilegedBy",
          coalesce(rule.instructions, '') as instructions,
          ${officer}::boolean or coalesce(system.owner_id = ${reader}::uuid, false) as answerable
        from system left join access_rule rule on rule.system_id = system.id
        left join person delegate on delegate.id = rule.delegate_id
        where system.id = ${systemId}`.execute(db);
      const [rule] = rows;
      return rule ? ok(rule) : refuse('notFound');
    },
  }),

  setAccessRule: route({
    method: 'put',
    path: '/access-rules/{systemId}',
    summary: 'Says how access to a system is asked for: delegate, longest time, who approves.',
    permission: 'changeOffer',
    input: accessRule.extend({ systemId: z.uuid() }),
    output: z.object({ systemId: z.string() }),
    handle: async ({ execute }, input) => {
      const done = await execute(changeOffer, { do: 'setRule', ...input });
      return done.ok ? ok({ systemId: input.systemId }) : done;
    },
  }),

  describeEntitlement: route({
    method: 'put',
    path: '/offers/{entitlementId}',
    summary: 'Says what an entitlement is for, and whether it may be asked for, or taken at once.',
    permission: 'changeOffer',
    input: z.object({
      entitlementId: z.uuid(),
      description: z.string().trim().max(1000),
      requestable: z.boolean(),
      emergency: z.boolean(),
    }),
    output: z.object({ entitlementId: z.string() }),
    handle: async ({ execute }, input) => {
      const done = await execute(changeOffer, { do: 'describe', ...input });
      return done.ok ? ok({ entitlementId: input.entitlementId }) : done;
    },
  }),
};
