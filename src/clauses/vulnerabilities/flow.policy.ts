import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context, Effect } from '../../policy/event.ts';
import type {
  ChangePolicy,
  PatchPolicy,
  PatchPolicyChanged,
  PolicyInForce,
  PolicyRefusal,
} from './facts.policy.ts';
import type { ReclassifiedCounts } from './facts.settling.ts';
import { type Evidence, nameOf } from './flow.settling.ts';

/** Somebody whose deadlines are others. */
export interface Moved {
  readonly personId: string;
  readonly sooner: number;
  readonly later: number;
}

export interface PolicyState {
  readonly inForce: PolicyInForce;
  /** What the proposed policy changes in the backlog. */
  readonly counts: ReclassifiedCounts;
  readonly evidence: Evidence;
  readonly moved: readonly Moved[];
}

/** A new version of the patch policy; every open item is rated by it at once. */
export function decidePolicy(
  { inForce, counts, evidence }: PolicyState,
  { version, policy }: ChangePolicy,
  _context: Context,
): Result<readonly PatchPolicyChanged[], Refusal<PolicyRefusal>> {
  if (inForce.version !== version) return refuse('versionConflict');
  if (isSame(inForce, policy)) return refuse('nothingToChange');
  const { classes, exploitedDays, acceptanceDays } = policy;
  const next = version + 1;
  return ok([
    {
      type: 'PatchPolicyChanged',
      subject: `patch-policy/${next}`,
      body: {
        version: next,
        classes: classes.map((each) => ({ ...each })),
        exploitedDays,
        acceptanceDays,
        ...counts,
        itemsBlob: nameOf(evidence),
      },
      private: { textEn: policy.textEn, textJa: policy.textJa },
      ...(evidence.bytes.length > 0 ? { blobs: { itemsBlob: evidence.bytes } } : {}),
      policy,
    },
  ]);
}

/** Whoever is to fix what is due at another time is told once, however many items it is about. */
export function mailsOfPolicy(
  _event: PatchPolicyChanged,
  { moved }: PolicyState,
): readonly Effect[] {
  return moved.map(({ personId, sooner, later }) => ({
    kind: 'mail',
    to: personId,
    template: 'vulnerabilities.policyChanged',
    params: { count: sooner + later, sooner, later },
    path: `/console/backlog?assignee=${personId}`,
  }));
}

function isSame(inForce: PolicyInForce, policy: PatchPolicy): boolean {
  const shape = ({ classes, exploitedDays, acceptanceDays, textEn, textJa }: PatchPolicy) =>
    JSON.stringify([
      classes.map(({ class: name, fromScore, days }) => [name, fromScore, days]),
      exploitedDays,
      acceptanceDays,
      textEn,
      textJa,
    ]);
  return shape(inForce) === shape(policy);
}
