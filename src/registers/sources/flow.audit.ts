import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type { AuditRefusal, RecordAudit, SourceAudited } from './facts.audit.ts';

export interface AuditState {
  readonly source: { readonly key: string; readonly retired: boolean } | null;
  /** What the audit shows beside what was known. */
  readonly components: number;
  readonly added: number;
  readonly missing: number;
  readonly digest: string;
}

/** An audit is taken in whole; only a complete one says that something is gone. */
export function decideAudit(
  { source, components, added, missing, digest }: AuditState,
  command: RecordAudit,
  context: Context,
): Result<readonly SourceAudited[], Refusal<AuditRefusal>> {
  if (!source) return refuse('notFound');
  if (source.retired) return refuse('sourceRetired', { key: source.key });
  const { sourceId, complete } = command;
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
        gone: complete ? missing : 0,
        digest,
      },
      audit: command,
    },
  ]);
}
