import type { Actor } from '../../kernel/actor.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type {
  AuditConfirmed,
  AuditRefusal,
  ConfirmAudit,
  ConfirmRefusal,
  RecordAudit,
  SourceAudited,
} from './facts.audit.ts';

export interface AuditState {
  readonly source: { readonly key: string; readonly retired: boolean } | null;
  /** What the audit shows beside what was known. */
  readonly components: number;
  readonly added: number;
  readonly missing: number;
  /** Packages, in whatever version, that a whole audit showed, and those of them that it lacks. */
  readonly packages: number;
  readonly packagesGone: number;
  /** The same of everything that is known, also of what came in part or in doubt. */
  readonly packagesKnown: number;
  readonly packagesKnownGone: number;
  readonly digest: string;
}

/** From so many packages on, an audit that lacks more than half of them is doubted. */
const manyPackages = 10;

/**
 * Whether an audit says that so much is gone that the wrong file is the likelier explanation: everything, or
 * more than half of many. A package in another version is not gone.
 */
export function losesMost({
  packages,
  packagesGone,
}: Pick<AuditState, 'packages' | 'packagesGone'>): boolean {
  if (packages === 0) return false;
  return packagesGone === packages || (packages >= manyPackages && packagesGone * 2 > packages);
}

/**
 * What an audit is doubted for. What came in part, or in doubt, cannot make up for what was known in whole, and
 * is itself not gone by any one file.
 */
function doubtOf(
  state: Pick<AuditState, 'packages' | 'packagesGone' | 'packagesKnown' | 'packagesKnownGone'>,
): Pick<AuditState, 'packages' | 'packagesGone'> | undefined {
  const known = { packages: state.packagesKnown, packagesGone: state.packagesKnownGone };
  return [state, known].find(losesMost);
}

/**
 * An audit is taken in whole; only a complete one says that something is gone. Where that is most of what was
 * known it is taken only with a word why, and proves nothing before somebody else has confirmed it. What Kept
 * has read itself nobody need explain: its next reading says whether it is so.
 */
export function decideAudit(
  state: AuditState,
  command: RecordAudit,
  context: Context,
): Result<readonly SourceAudited[], Refusal<AuditRefusal>> {
  const { source, components, added, missing, digest } = state;
  if (!source) return refuse('notFound');
  if (source.retired) return refuse('sourceRetired', { key: source.key });
  const { sourceId, complete, goneBecause } = command;
  const doubted = complete ? doubtOf(state) : undefined;
  if (doubted && goneBecause === undefined && context.actor.kind !== 'system') {
    const { packages, packagesGone: gone } = doubted;
    return refuse('mostIsGone', { key: source.key, gone, packages });
  }
  return ok([
    {
      type: 'SourceAudited',
      subject: `source/${sourceId}`,
      body: {
        sourceId,
        auditId: context.newId(),
        complete,
        components,
        added,
        gone: complete && !doubted ? missing : 0,
        ...(doubted ? { doubted: missing } : {}),
        digest,
      },
      ...(doubted && goneBecause !== undefined ? { private: { goneBecause } } : {}),
      audit: command,
    },
  ]);
}

export interface ConfirmingState {
  readonly source: { readonly key: string; readonly retired: boolean } | null;
  readonly audit: {
    readonly doubted: boolean;
    readonly confirmed: boolean;
    /** Nothing was audited after it. */
    readonly newest: boolean;
    /** The person behind it; null where Kept read it itself, or a machine that is nobody's gave it. */
    readonly giverId: string | null;
    /** Whether Kept read it itself. */
    readonly isOwn: boolean;
    /** Components that it proves gone. */
    readonly missing: number;
  } | null;
}

export const hindrances = ['confirmingNeedsPerson', 'ownAudit', 'giverUnknown'] as const;

/**
 * Why this reader is not the second person whom an audit in doubt needs; null where they may be.
 * Asked by the page, too, which offers nothing that would be refused.
 */
export function hindranceOf(
  { giverId, isOwn }: Pick<NonNullable<ConfirmingState['audit']>, 'giverId' | 'isOwn'>,
  actor: Actor | null,
): (typeof hindrances)[number] | null {
  // A token may lie in the pipeline that sent the audit: who confirms is signed in.
  if (actor?.kind !== 'person') return 'confirmingNeedsPerson';
  if (giverId === actor.id) return 'ownAudit';
  // A token of the installation's own is nobody's: any engineer who can reach it may have sent the audit with it.
  if (giverId === null && !isOwn && !actor.roles.includes('security-officer'))
    return 'giverUnknown';
  return null;
}

/** Two people say what is gone when it is most: nobody confirms what they gave themselves (VUL-4). */
export function decideConfirming(
  { source, audit }: ConfirmingState,
  { sourceId, auditId }: ConfirmAudit,
  { actor }: Context,
): Result<readonly AuditConfirmed[], Refusal<ConfirmRefusal>> {
  if (!source || !audit) return refuse('notFound');
  if (source.retired) return refuse('sourceRetired', { key: source.key });
  const hindrance = hindranceOf(audit, actor);
  if (hindrance === 'confirmingNeedsPerson') return refuse(hindrance);
  if (!audit.doubted || audit.confirmed) return refuse('auditNotDoubted');
  if (!audit.newest) return refuse('auditSuperseded');
  if (hindrance) return refuseByGuard('VUL-4', hindrance);
  return ok([
    {
      type: 'AuditConfirmed',
      subject: `source/${sourceId}`,
      body: { sourceId, auditId, approverId: actor.id, gone: audit.missing },
    },
  ]);
}
