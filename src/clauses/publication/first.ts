import { invariant } from '../../kernel/invariant.ts';
import type { Language } from '../../kernel/language.ts';
import type { Refusal, Result } from '../../kernel/result.ts';
import { ok } from '../../kernel/result.ts';
import type { Execute } from '../../policy/flow.ts';
import { publicationSettings } from './facts.office.ts';
import { approvalFlow, draftFlow, officeFlow } from './flows.ts';

/** What set-up knows about the publication. */
export interface FirstPolicy {
  readonly languages: readonly Language[];
  /** The organisation as the policy names it. */
  readonly name: Readonly<Record<Language, string>>;
  readonly contactEmail?: string;
  /** The day after which security.txt no longer holds; without one there is no security.txt. */
  readonly securityTxtUntil?: Temporal.PlainDate;
}

/**
 * Publishes the first policy while an organisation is set up: Kept itself drafts and proposes the
 * texts that ship, unedited, and the first administrator approves them. So the guard holds from the
 * first version on: whoever approves had no hand in the text.
 *
 * @param asSystem executes as Kept itself
 * @param asApprover executes as the administrator, signed in with a second factor
 */
export async function publishFirstPolicy(
  { asSystem, asApprover }: { readonly asSystem: Execute; readonly asApprover: Execute },
  { languages, name, contactEmail = '', securityTxtUntil }: FirstPolicy,
): Promise<Result<{ readonly versionId: string }, Refusal>> {
  const securityTxt = { expiresOn: securityTxtUntil?.toString() ?? null };
  const settings = publicationSettings.parse({ languages, name, contactEmail, securityTxt });
  const set = await asSystem(officeFlow, { do: 'changeSettings', settings });
  if (!set.ok) return set;
  const created = await asSystem(draftFlow, { do: 'createDraft', from: 'shipped' });
  if (!created.ok) return created;
  const versionId = created.value[0]?.subject.split('/')[1] ?? '';
  const proposed = await asSystem(approvalFlow, {
    do: 'propose',
    versionId,
    effectiveOn: null,
    summary: {},
  });
  if (!proposed.ok) return proposed;
  const [event] = proposed.value;
  invariant(event?.type === 'PolicyProposed', 'a proposal says what was proposed');
  const approved = await asApprover(approvalFlow, {
    do: 'approve',
    versionId,
    digest: event.body.digest,
    ask: { kind: 'everyone' },
    removedPromises: [],
  });
  return approved.ok ? ok({ versionId }) : approved;
}
