import { z } from 'zod';
import { roles } from '../../kernel/actor.ts';
import type { Db } from '../../kernel/db.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { changedClauses } from './facts.changes.ts';
import { type ApprovalCommand, ask, type Concern, concern } from './facts.ts';
import { approvalFlow } from './flows.ts';
import { compareVersions, comparison } from './routes.versions.ts';
import { askedBy } from './store.approval.ts';
import { departmentsOf, lastConcerns, type VersionRow, versionRow } from './store.reading.ts';
import { authorsOf, textsOf, versionInForce } from './store.version.ts';

/** Approval by a second person, who decides whom the version asks. */

const onVersion = z.object({ id: z.uuid() });
const done = z.object({ id: z.string(), state: z.string() });

async function approval(request: Request, command: ApprovalCommand) {
  const answer = await request.execute(approvalFlow, command);
  if (!answer.ok) return answer;
  const row = await versionRow(request.db, command.versionId);
  return ok({ id: command.versionId, state: row?.state ?? 'draft' });
}

export const approvalRoutes = {
  readPolicyApproval: route({
    method: 'get',
    path: '/policy/drafts/{id}/approval',
    summary:
      'What an approver must judge: changes, removed promises, whose duties the clauses touch.',
    permission: 'readPolicyDrafts',
    input: onVersion,
    output: z.object({
      comparison,
      digest: z.string().nullable(),
      /** The caller had a hand in it and cannot approve it. */
      isAuthor: z.boolean(),
      /** Nothing is in force: everyone is asked. */
      first: z.boolean(),
      concerned: z.array(concern),
      departments: z.array(z.object({ name: z.string(), people: z.int() })),
      roles: z.array(z.enum(roles)),
    }),
    handle: async (request, { id }) => {
      const { db, now, zone } = request;
      const row = await versionRow(db, id);
      if (!row || row.state === 'discarded') return refuse('notFound');
      const inForce = await versionInForce(db);
      const before = inForce && inForce.id !== id ? await versionRow(db, inForce.id) : null;
      const authors = await authorsOf(db, id);
      return ok({
        comparison: await compareVersions(db, before, row),
        digest: row.digest,
        isAuthor: request.actor?.kind === 'person' && authors.includes(request.actor.id),
        first: before === null,
        concerned: await suggestedConcerns(db, before, row),
        departments: [...(await departmentsOf(db, now, zone))].map((each) => ({ ...each })),
        roles: roles.filter((role) => role !== 'customer' && role !== 'service'),
      });
    },
  }),

  countPolicyAsk: route({
    method: 'post',
    path: '/policy/drafts/{id}/ask',
    summary: 'How many people a version would ask to acknowledge it; changes nothing.',
    permission: 'readPolicyDrafts',
    input: onVersion.extend({ ask }),
    output: z.object({ people: z.int() }),
    handle: async ({ db, now, zone }, input) =>
      ok({ people: (await askedBy(db, input.ask, { now, zone })).length }),
  }),

  approvePolicy: route({
    method: 'post',
    path: '/policy/drafts/{id}/approval',
    summary:
      'Approves a proposal; never by anyone who had a hand in it. Removed promises are named.',
    permission: 'approvePolicy',
    input: onVersion.extend({
      digest: z.string().regex(/^[0-9a-f]{64}$/),
      ask,
      removedPromises: z.array(z.string().max(20)).max(500).default([]),
    }),
    output: done,
    handle: (request, { id, ...choice }) =>
      approval(request, { do: 'approve', versionId: id, ...choice }),
  }),

  rejectPolicy: route({
    method: 'post',
    path: '/policy/drafts/{id}/rejection',
    summary: 'Sends a proposal back to its authors, with the reason.',
    permission: 'approvePolicy',
    input: onVersion.extend({ reason: z.string().trim().min(1).max(2000) }),
    output: done,
    handle: (request, { id, reason }) => approval(request, { do: 'reject', versionId: id, reason }),
  }),

  publishPolicyNow: route({
    method: 'post',
    path: '/policy/drafts/{id}/publication',
    summary: 'Publishes an approved version today, before its effective date.',
    permission: 'approvePolicy',
    input: onVersion,
    output: done,
    handle: (request, { id }) => approval(request, { do: 'publishNow', versionId: id }),
  }),
};

/** As the approver of a clause said last time; everyone on the staff where nobody ever did. */
async function suggestedConcerns(
  db: Db,
  before: VersionRow | null,
  row: VersionRow,
): Promise<Concern[]> {
  const last = await lastConcerns(db);
  const from = before ? await textsOf(db, before.id) : [];
  return changedClauses(from, await textsOf(db, row.id)).map(
    (clause) => last.get(clause) ?? { clause, roles: ['employee'], departments: [] },
  );
}
