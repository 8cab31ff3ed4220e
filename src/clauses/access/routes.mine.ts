import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import { dateIn, type Instant, instantText } from '../../kernel/instant.ts';
import { ok } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import {
  type AccessItem,
  accessList,
  accessSorts,
  accessStates,
} from '../../registers/accounts/list.grants.ts';
import { holdsEntitlement } from '../../registers/accounts/store.duties.ts';
import {
  answerList,
  type Condition,
  flag,
  type List,
  listInput,
  listOutput,
  type SortColumn,
} from '../../registers/list.ts';
import { giveBack as giveBackInput } from './facts.requests.ts';
import { giveBack } from './flows.ts';
import { employed, holdsOfficerRole } from './store.campaign.ts';

const heldOutput = z.object({
  accountId: z.string(),
  account: z.string(),
  entitlementId: z.string(),
  entitlement: z.string(),
  privileged: z.boolean(),
  system: z.string(),
  systemName: z.string(),
  description: z.string(),
  /** `approved` granted and seen, `unapproved` seen without a grant, `unused` granted and not seen. */
  state: z.enum(accessStates),
  observedSince: z.string().nullable(),
  grantedAt: z.string().nullable(),
  approver: z.string().nullable(),
  purpose: z.string().nullable(),
  endsOn: z.string().nullable(),
  /** An open request for more time. */
  requestId: z.string().nullable(),
  /** Taken in an emergency: ends at that time, not with the day. */
  emergencyId: z.string().nullable(),
  emergencyEndsAt: z.string().nullable(),
});
type Held = z.input<typeof heldOutput>;

type Row = Parameters<ReturnType<typeof accessList>['item']>[0];
interface HeldRow extends Row {
  readonly description: string;
  readonly requestId: string | null;
  readonly emergencyId: string | null;
  readonly emergencyEndsAt: Instant | null;
}

/** What one person holds: the access register's own list, with what may be done about each. */
function heldList(today: Temporal.PlainDate): List<HeldRow, Held> {
  const access = accessList(today);
  return {
    source: {
      ...access.source,
      defaultSort: 'system',
      select: sql`${access.source.select}, coalesce(offer.description, '') as description,
        asked.id as "requestId", emergency.id as "emergencyId", emergency.ends_at as "emergencyEndsAt"`,
      details: sql`${access.source.details}
        left join entitlement_offer offer on offer.entitlement_id = entitlement.id
        left join access_request asked on asked.person_id = account.person_id
          and asked.entitlement_id = entitlement.id and asked.state = 'open'
        left join emergency_access emergency on emergency.grant_id = access_grant.id and emergency.ended_at is null`,
    },
    item: (row) => {
      const { description, requestId, emergencyId, emergencyEndsAt } = row;
      return {
        ...pick(access.item(row)),
        description,
        requestId,
        emergencyId,
        emergencyEndsAt: emergencyEndsAt && instantText(emergencyEndsAt),
      };
    },
    csv: heldColumns.map((header) => ({ header, cell: (held) => held[header] })),
    filename: 'my-access',
  };
}

/** Of a line of the access register, what is said to whom it is about. */
function pick(item: AccessItem) {
  const {
    personId: _id,
    person: _person,
    department: _department,
    personState: _state,
    accountKind: _kind,
    grantId: _grant,
    ...mine
  } = item;
  return mine;
}

const heldColumns = [
  'systemName',
  'account',
  'entitlement',
  'privileged',
  'state',
  'purpose',
  'approver',
  'grantedAt',
  'endsOn',
  'observedSince',
] as const;

const offerOutput = z.object({
  id: z.string(),
  name: z.string(),
  privileged: z.boolean(),
  description: z.string(),
  requestable: z.boolean(),
  emergency: z.boolean(),
  systemId: z.string(),
  system: z.string(),
  owner: z.string().nullable(),
  longestDays: z.int().nullable(),
  /** The caller has it, granted or seen. */
  held: z.boolean(),
  /** The caller says how it is offered: owner of the system, or security officer. */
  answerable: z.boolean(),
});
type Offer = z.input<typeof offerOutput>;

const offerSorts = {
  name: { sql: sql`entitlement.name`, type: 'text' },
  system: { sql: sql`system.name`, type: 'text', needs: ['system'] },
} satisfies Record<string, SortColumn>;

function offerList(
  reader: string | null,
  officer: boolean,
  today: Temporal.PlainDate,
): List<Offer, Offer> {
  return {
    source: {
      from: [sql`entitlement`],
      joins: {
        system: sql`join system on system.id = entitlement.system_id`,
        offer: sql`left join entitlement_offer offer on offer.entitlement_id = entitlement.id`,
      },
      key: { id: sql`entitlement.id` },
      sorts: offerSorts,
      defaultSort: 'system',
      search: (like) => ({
        sql: sql`lower(entitlement.name) like ${like} or lower(system.name) like ${like}
          or lower(offer.description) like ${like}`,
        needs: ['system', 'offer'],
      }),
      select: sql`entitlement.id, entitlement.name, entitlement.privileged,
        coalesce(offer.description, '') as description, coalesce(offer.requestable, true) as requestable,
        coalesce(offer.emergency, false) as emergency, system.id as "systemId", system.name as system,
        owner.name as owner, rule.longest_days as "longestDays",
        ${holdsEntitlement(sql`${reader}::uuid`, sql`entitlement.id`, today)} as held,
        ${officer}::boolean or coalesce(system.owner_id = ${reader}::uuid, false) as answerable`,
      details: sql`
        join entitlement on entitlement.id = page.id
        join system on system.id = entitlement.system_id
        left join person owner on owner.id = system.owner_id
        left join entitlement_offer offer on offer.entitlement_id = entitlement.id
        left join access_rule rule on rule.system_id = system.id`,
    },
    item: (row) => row,
    csv: (['system', 'name', 'privileged', 'description', 'requestable', 'emergency'] as const).map(
      (header) => ({ header, cell: (offer) => offer[header] }),
    ),
    filename: 'entitlements',
  };
}

const callerOf = ({ actor }: Request) => actor && personOf(actor);

export const mineRoutes = {
  listMyAccess: route({
    method: 'get',
    path: '/my-access',
    summary: 'What the caller holds: granted, seen in systems, until when.',
    permission: 'readMyAccess',
    input: listInput(
      { sorts: accessSorts },
      {
        state: z.enum(accessStates).optional(),
        account: z.uuid().optional(),
        entitlement: z.uuid().optional(),
      },
    ),
    output: listOutput(heldOutput),
    handle: (request, input) => {
      const today = dateIn(request.now, request.zone);
      const conditions: Condition[] = [
        {
          sql: sql`access.account_id in (select id from account where person_id = ${callerOf(request)})`,
        },
      ];
      const { account, entitlement } = input;
      if (account) conditions.push({ sql: sql`access.account_id = ${account}` });
      if (entitlement) conditions.push({ sql: sql`access.entitlement_id = ${entitlement}` });
      if (input.state)
        conditions.push({
          sql: sql`(case when access.since is null then 'unused' when granted.id is null then 'unapproved'
            else 'approved' end) = ${input.state}`,
          needs: ['granted'],
        });
      return answerList(request.db, heldList(today), input, conditions);
    },
  }),

  giveBackAccess: route({
    method: 'post',
    path: '/my-access/give-back',
    summary: 'Gives back access of one’s own: its grant ends, and it is ordered to go.',
    permission: 'askAccess',
    input: giveBackInput,
    output: z.object({ accountId: z.string() }),
    handle: async ({ execute }, input) => {
      const done = await execute(giveBack, input);
      return done.ok ? ok({ accountId: input.accountId }) : done;
    },
  }),

  listOffers: route({
    method: 'get',
    path: '/offers',
    summary: 'Roles and entitlements of the systems: what may be asked for, and what for.',
    permission: 'readMyAccess',
    input: listInput(
      { sorts: offerSorts },
      {
        id: z.uuid().optional(),
        system: z.uuid().optional(),
        requestable: flag.optional(),
        emergency: flag.optional(),
        privileged: flag.optional(),
        /** Of systems that the caller answers for. */
        mine: flag.optional(),
      },
    ),
    output: listOutput(offerOutput),
    handle: (request, input) => {
      const reader = callerOf(request);
      const officer = request.actor !== null && holdsOfficerRole(request.actor);
      const { id, system, requestable, emergency, privileged, mine } = input;
      const conditions: Condition[] = [{ sql: sql`system.retired_at is null`, needs: ['system'] }];
      if (id) conditions.push({ sql: sql`entitlement.id = ${id}` });
      if (system) conditions.push({ sql: sql`entitlement.system_id = ${system}` });
      if (privileged !== undefined)
        conditions.push({ sql: sql`entitlement.privileged = ${privileged}` });
      if (requestable !== undefined)
        conditions.push({
          sql: sql`coalesce(offer.requestable, true) = ${requestable}`,
          needs: ['offer'],
        });
      if (emergency !== undefined)
        conditions.push({
          sql: sql`coalesce(offer.emergency, false) = ${emergency}`,
          needs: ['offer'],
        });
      if (mine) conditions.push({ sql: sql`system.owner_id = ${reader}::uuid`, needs: ['system'] });
      const today = dateIn(request.now, request.zone);
      return answerList(request.db, offerList(reader, officer, today), input, conditions);
    },
  }),

  listMyReports: route({
    method: 'get',
    path: '/my-reports',
    summary: 'Those who report to the caller, for whom the caller may ask for access.',
    permission: 'readMyAccess',
    input: z.object({}),
    output: z.object({ items: z.array(z.object({ id: z.string(), name: z.string() })) }),
    handle: async (request) => {
      const today = dateIn(request.now, request.zone);
      const { rows } = await sql<{ id: string; name: string }>`
        select id, name from person
        where manager_id = ${callerOf(request)} and ${employed('person', today)} order by name, id`.execute(
        request.db,
      );
      return ok({ items: rows });
    },
  }),
};
