import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type { FindingsReported, RecordFindings, ReportRefusal } from './facts.reports.ts';
import { type Evidence, nameOf, type Told, touchedIn } from './flow.settling.ts';

export interface FindingsState {
  readonly source: { readonly key: string; readonly retired: boolean } | null;
  readonly counts: Pick<
    FindingsReported['body'],
    'opened' | 'reopened' | 'seenAgain' | 'gone' | 'fixed' | 'asked'
  >;
  readonly evidence: Evidence;
  readonly told: readonly Told[];
}

/** A report is taken in whole; only a complete one, or a statement of its own, says that something is gone. */
export function decideFindings(
  { source, counts, evidence }: FindingsState,
  command: RecordFindings,
  _context: Context,
): Result<readonly FindingsReported[], Refusal<ReportRefusal>> {
  if (!source) return refuse('notFound');
  if (source.retired) return refuse('sourceRetired', { key: source.key });
  const { sourceId, reporter, complete, findings } = command;
  return ok([
    {
      type: 'FindingsReported',
      subject: `source/${sourceId}`,
      body: {
        sourceId,
        reporter,
        complete,
        findings: findings.length,
        ...counts,
        itemsBlob: nameOf(evidence),
      },
      ...(evidence.bytes.length > 0 ? { blobs: { itemsBlob: evidence.bytes } } : {}),
      touches: touchedIn(evidence),
      command,
    },
  ]);
}
