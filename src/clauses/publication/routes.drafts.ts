import type { ElementContent } from 'hast';
import { z } from 'zod';
import { languages } from '../../kernel/language.ts';
import { ok } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { type Decoration, type PromiseInText, readText, renderText } from '../../policy/text.ts';
import { placeholdersFor } from './document.ts';
import { type ApprovalCommand, clauseText, type DraftCommand, draftCommand } from './facts.ts';
import { approvalFlow, draftFlow } from './flows.ts';
import { problemOutput } from './routes.versions.ts';
import { publicationSettingsOf } from './store.office.ts';
import { revisionOf } from './store.version.ts';

/** Writing: a draft, its texts, its way to a proposal. */

const [createDraft, importDraft, saveText, addClause, removeClause, orderClauses] =
  draftCommand.options;
const onVersion = z.object({ id: z.uuid() });
const done = z.object({ id: z.string() });

async function draft(request: Request, command: DraftCommand, id?: string) {
  const answer = await request.execute(draftFlow, command);
  return answer.ok ? ok({ id: id ?? answer.value[0]?.subject.split('/')[1] ?? '' }) : answer;
}

async function approval(request: Request, command: ApprovalCommand) {
  const answer = await request.execute(approvalFlow, command);
  return answer.ok ? ok({ id: command.versionId }) : answer;
}

/** In a preview each promise shows its id; a status is nothing that a draft has. */
function withId({ id }: PromiseInText): Decoration {
  const named: ElementContent = { type: 'text', value: id };
  return {
    after: [{ type: 'element', tagName: 'sup', properties: {}, children: [named] }],
  };
}

export const draftRoutes = {
  createPolicyDraft: route({
    method: 'post',
    path: '/policy/drafts',
    summary: 'Begins a draft: from the version in force, or from the texts that ship.',
    permission: 'editPolicy',
    input: createDraft.pick({ from: true }),
    output: done,
    handle: (request, { from }) => draft(request, { do: 'createDraft', from }),
  }),

  importPolicyDraft: route({
    method: 'post',
    path: '/policy/drafts/import',
    summary: 'Begins a draft from texts: one for each clause and language, clauses in their order.',
    permission: 'editPolicy',
    limitBytes: 8 * 1024 * 1024,
    input: importDraft.pick({ texts: true }),
    output: done,
    handle: (request, { texts }) => draft(request, { do: 'importDraft', texts }),
  }),

  discardPolicyDraft: route({
    method: 'delete',
    path: '/policy/drafts/{id}',
    summary: 'Gives a draft up; what was written stays in the ledger.',
    permission: 'editPolicy',
    input: onVersion,
    output: done,
    handle: (request, { id }) => draft(request, { do: 'discardDraft', versionId: id }, id),
  }),

  savePolicyText: route({
    method: 'put',
    path: '/policy/drafts/{id}/texts/{clause}/{language}',
    summary: 'Saves the text of a clause in one language; names the revision that was edited.',
    permission: 'editPolicy',
    input: onVersion.extend(saveText.omit({ do: true, versionId: true }).shape),
    output: z.object({ revision: z.int() }),
    handle: async (request, { id, ...text }) => {
      const answer = await request.execute(draftFlow, { do: 'saveText', versionId: id, ...text });
      if (!answer.ok) return answer;
      return ok({ revision: await revisionOf(request.db, id, text.clause, text.language) });
    },
  }),

  addPolicyClause: route({
    method: 'post',
    path: '/policy/drafts/{id}/clauses',
    summary: 'Adds a clause of the organisation, or one that ships and was taken out.',
    permission: 'editPolicy',
    input: onVersion.extend(addClause.omit({ do: true, versionId: true }).shape),
    output: done,
    handle: (request, { id, position, ...clause }) =>
      draft(
        request,
        {
          do: 'addClause',
          versionId: id,
          ...clause,
          ...(position === undefined ? {} : { position }),
        },
        id,
      ),
  }),

  removePolicyClause: route({
    method: 'delete',
    path: '/policy/drafts/{id}/clauses/{clause}',
    summary: 'Takes a clause with all its texts and promises out of a draft.',
    permission: 'editPolicy',
    input: onVersion.extend(removeClause.pick({ clause: true }).shape),
    output: done,
    handle: (request, { id, clause }) =>
      draft(request, { do: 'removeClause', versionId: id, clause }, id),
  }),

  orderPolicyClauses: route({
    method: 'put',
    path: '/policy/drafts/{id}/order',
    summary: 'Puts the clauses of a draft into an order; names every one of them.',
    permission: 'editPolicy',
    input: onVersion.extend(orderClauses.pick({ clauses: true }).shape),
    output: done,
    handle: (request, { id, clauses }) =>
      draft(request, { do: 'orderClauses', versionId: id, clauses }, id),
  }),

  previewPolicyText: route({
    method: 'post',
    path: '/policy/preview',
    summary:
      'Markdown as it would be published: HTML that is safe to show, its promises, its problems.',
    permission: 'editPolicy',
    input: z.object({ markdown: clauseText.shape.markdown, language: z.enum(languages) }),
    output: z.object({
      title: z.string(),
      html: z.string(),
      promises: z.array(z.object({ id: z.string(), text: z.string() })),
      problems: z.array(problemOutput),
    }),
    handle: async ({ db, url }, { markdown, language }) => {
      const placeholders = placeholdersFor(await publicationSettingsOf(db), language, url);
      const read = readText(markdown);
      return ok({
        ...renderText(markdown, { placeholders, decorate: withId }),
        promises: read.promises.map((promise) => ({ ...promise })),
        problems: read.problems.map((it) => ({
          ...it,
          params: { ...it.params },
          clause: null,
          language,
        })),
      });
    },
  }),

  proposePolicy: route({
    method: 'post',
    path: '/policy/drafts/{id}/proposal',
    summary: 'Proposes a draft for approval, with the day from which it is to be in force.',
    permission: 'editPolicy',
    input: onVersion.extend({
      effectiveOn: z.iso.date().nullable().default(null),
      summary: z.partialRecord(z.enum(languages), z.string().trim().max(2000)).default({}),
    }),
    output: done,
    handle: (request, { id, effectiveOn, summary }) =>
      approval(request, { do: 'propose', versionId: id, effectiveOn, summary }),
  }),

  withdrawPolicy: route({
    method: 'post',
    path: '/policy/drafts/{id}/withdrawal',
    summary: 'Takes a proposal or an approval that is not yet in force back; it is a draft again.',
    permission: 'editPolicy',
    input: onVersion,
    output: done,
    handle: (request, { id }) => approval(request, { do: 'withdraw', versionId: id }),
  }),
};
