import { sql } from 'kysely';
import { z } from 'zod';
import { actorText } from '../../kernel/actor.ts';
import type { Db } from '../../kernel/db.ts';
import { ok, type Refusal, refuse } from '../../kernel/result.ts';
import type { World } from '../../platform/world.ts';
import { type Request, type Routes, route } from '../../policy/route.ts';
import { accountKinds } from '../../registers/accounts/facts.ts';
import { isLarge, observedFlow } from '../../registers/accounts/store.observed.ts';
import {
  countPage,
  dropPushed,
  dropRead,
  findOpenRead,
  lockPages,
  openRead,
  stage,
  sweepStaged,
} from '../../registers/accounts/store.staging.ts';
import { aspects, heldKey, type Observation } from '../../registers/connections/facts.connector.ts';
import { systemKey } from '../../registers/systems/facts.ts';

/**
 * Reads that a program of the organisation pushes, for systems that Kept has no connector for: open,
 * page after page, finish. What was pushed changes nothing before it is finished.
 */

const permission = 'recordRead';
const key = z.string().min(1).max(500);
const place = { system: systemKey, readId: z.uuid() };
const instant = z.iso.datetime({ offset: true });
/** Things of one page at most; a page has 8 MiB at most as well. */
const many = 10_000;
const pageBytes = 8 * 1024 * 1024;

const pushedAccount = z.object({
  key: key.optional().meta({ description: 'Stays when the name changes; left out: the name.' }),
  name: key,
  email: z.string().max(254).nullish(),
  kind: z.enum(accountKinds).default('staff'),
  active: z.boolean().default(true),
  secondFactor: z.boolean().nullable().default(null),
  lastUsedAt: instant.nullable().default(null),
});
const pushedEntitlement = z.object({
  key: key.optional(),
  name: key,
  privileged: z.boolean().default(false),
});
const pair = z.object({ account: key, entitlement: key });

const page = z.object({
  ...place,
  page: z.int().min(1).meta({ description: 'From 1, one after the other.' }),
  accounts: z.array(pushedAccount).max(many).default([]),
  entitlements: z.array(pushedEntitlement).max(many).default([]),
  held: z.array(pair).max(many).default([]),
  secondFactors: z
    .array(z.object({ account: key, enrolled: z.boolean().nullable() }))
    .max(many)
    .default([]),
  /** What is gone, by key: of a push of changes. */
  removed: z
    .object({
      accounts: z.array(key).max(many).default([]),
      entitlements: z.array(key).max(many).default([]),
      held: z.array(pair).max(many).default([]),
    })
    .optional(),
});

export function pushRoutes(world: World): Routes {
  return { openRead: opening(world), pushPage: pushing, finishRead: finishing, dropRead: dropping };
}

function opening(world: World) {
  return route({
    method: 'post',
    path: '/systems/{system}/reads/open',
    summary:
      'Opens a read of a system that is then pushed in pages; an earlier unfinished one is dropped.',
    permission,
    input: z.object({
      system: systemKey,
      source: z.string().trim().min(1).max(100),
      changes: z.boolean().default(false),
      aspects: z
        .array(z.enum(aspects))
        .min(1)
        .max(aspects.length)
        .default(['accounts', 'entitlements', 'held']),
    }),
    output: z.object({ readId: z.string() }),
    handle: async ({ db, actor, now }, input) => {
      const found = await systemOf(db, input.system);
      if ('refusal' in found) return { ok: false, refusal: found.refusal };
      const readId = world.newId();
      await db.transaction().execute(async (tx) => {
        await dropPushed(tx, found.id);
        await openRead(tx, {
          id: readId,
          systemId: found.id,
          source: input.source,
          openedAt: now,
          changes: input.changes,
          aspects: input.aspects,
          tokenId: actor ? actorText(actor) : '',
        });
      });
      return ok({ readId });
    },
  });
}

const pushing = route({
  method: 'post',
  path: '/systems/{system}/reads/{readId}/pages',
  summary: 'Pushes one page of an open read; the page before may be sent again without harm.',
  permission,
  limitBytes: pageBytes,
  input: page,
  output: z.object({ pages: z.int() }),
  handle: async (request, input) => {
    if (!(await mine(request, input))) return refuse('readUnknown');
    const observations = observationsOf(input);
    return await request.db.transaction().execute(async (tx) => {
      const taken = await lockPages(tx, input.readId);
      if (taken === null) return refuse('readUnknown');
      if (input.page === taken) return ok({ pages: taken });
      if (input.page !== taken + 1) return refuse('pageOutOfOrder', { expected: taken + 1 });
      if (observations.some(isUnfit)) return refuse('nameUnfit');
      await stage(tx, input.readId, observations);
      await countPage(tx, input.readId, observations.length);
      return ok({ pages: input.page });
    });
  },
});

const finishing = route({
  method: 'post',
  path: '/systems/{system}/reads/{readId}/finish',
  summary: 'Records an open read as a whole, if no page of it is missing.',
  permission,
  input: z.object({
    ...place,
    pages: z.int().min(0).meta({ description: 'How many were sent.' }),
    empty: z.boolean().default(false),
  }),
  output: z.object({
    readId: z.string(),
    complete: z.boolean().meta({
      description: 'Whether it proves that what it does not show is gone: not where pairs dangle.',
    }),
    accounts: z.int(),
    entitlements: z.int(),
    pairs: z.int(),
    added: z.int(),
    gone: z.int(),
    dangling: z.int(),
  }),
  handle: async (request, { readId, pages, empty, ...rest }) => {
    const open = await mine(request, { readId, ...rest });
    if (!open) return refuse('readUnknown');
    if (open.pages !== pages) return refuse('pagesMissing', { taken: open.pages, said: pages });
    const done = await request.execute(observedFlow, {
      do: 'recordObserved',
      readId,
      gaps: [],
      empty,
    });
    if (!done.ok) return done;
    const body = (done.value[0]?.body ?? {}) as Record<string, unknown>;
    const count = (name: string) => Number(body[name] ?? 0);
    if (isLarge({ accounts: count('accounts'), pairs: count('pairs') }))
      await sweepStaged(request.db);
    return ok({
      readId,
      complete: body['complete'] === true,
      accounts: count('accounts'),
      entitlements: count('entitlements'),
      pairs: count('pairs'),
      added: count('added'),
      gone: count('gone'),
      dangling: count('dangling'),
    });
  },
});

const dropping = route({
  method: 'delete',
  path: '/systems/{system}/reads/{readId}',
  summary: 'Drops an open read and what was pushed of it.',
  permission,
  input: z.object(place),
  output: z.object({ readId: z.string() }),
  handle: async (request, input) => {
    if (!(await mine(request, input))) return refuse('readUnknown');
    await request.db.transaction().execute((tx) => dropRead(tx, input.readId));
    return ok({ readId: input.readId });
  },
});

async function systemOf(
  db: Db,
  system: string,
): Promise<{ readonly id: string } | { readonly refusal: Refusal }> {
  const { rows } = await sql<{ id: string; retired: boolean; connected: boolean }>`
    select id, retired_at is not null as retired, exists (
      select from connection where system_id = system.id and removed_at is null) as connected
    from system where key = ${system}`.execute(db);
  const [found] = rows;
  if (!found) return refuse('systemUnknown', { key: system });
  if (found.retired) return refuse('systemRetired', { key: system });
  if (found.connected) return refuse('systemConnected', { key: system });
  return found;
}

/** The open read, where it is of that system and whoever asks has opened it. */
async function mine(
  { db, actor }: Request,
  { system, readId }: { readonly system: string; readonly readId: string },
) {
  const open = await findOpenRead(db, readId);
  if (!open || !actor || open.tokenId !== actorText(actor)) return null;
  const { rows } = await sql`
    select from system where id = ${open.systemId} and key = ${system}`.execute(db);
  return rows.length === 1 ? open : null;
}

function observationsOf(input: z.output<typeof page>): Observation[] {
  const { accounts, entitlements, held, secondFactors, removed } = input;
  return [
    ...accounts.map(
      ({ key: own, email = null, lastUsedAt, ...facts }): Observation => ({
        of: 'account',
        key: own ?? facts.name,
        facts: {
          ...facts,
          email,
          lastUsedAt: lastUsedAt ? Temporal.Instant.from(lastUsedAt) : null,
        },
      }),
    ),
    ...entitlements.map(
      ({ key: own, ...facts }): Observation => ({
        of: 'entitlement',
        key: own ?? facts.name,
        facts: { ...facts, risks: [] },
      }),
    ),
    ...held.map(
      (facts): Observation => ({
        of: 'held',
        key: heldKey(facts.account, facts.entitlement),
        facts,
      }),
    ),
    ...secondFactors.map(
      ({ account, enrolled }): Observation => ({
        of: 'secondFactor',
        key: account,
        facts: { enrolled },
      }),
    ),
    ...(removed?.accounts ?? []).map(
      (gone): Observation => ({ of: 'account', key: gone, facts: null }),
    ),
    ...(removed?.entitlements ?? []).map(
      (gone): Observation => ({ of: 'entitlement', key: gone, facts: null }),
    ),
    ...(removed?.held ?? []).map(
      ({ account, entitlement }): Observation => ({
        of: 'held',
        key: heldKey(account, entitlement),
        facts: null,
      }),
    ),
  ];
}

/** Keys part the values that are stored: no control character but the one between a pair's. */
function isUnfit({ key: given, facts }: Observation): boolean {
  const name = facts && 'name' in facts ? String(facts.name) : '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return /[\u0000-\u0009\u000b-\u001f\u007f]/.test(given) || /[\u0000-\u001f\u007f]/.test(name);
}
