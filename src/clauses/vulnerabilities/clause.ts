import { type Clause, check, guard } from '../../policy/clause.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import {
  decisionsHaveAnotherApprover,
  everyItemIsClassified,
  everyMatchIsInTheBacklog,
  nothingIsPastItsDeadline,
} from './checks.backlog.ts';
import { advisoriesAreCurrent, everythingKnownIsMatched, noAuditIsOverdue } from './checks.ts';
import * as flows from './flows.ts';
import { ensureScheduled, obligations, reactions } from './obligations.ts';
import { routes } from './routes.ts';
import { findingsFlow } from './store.findings.ts';
import { askingIssues, linkingIssue, seeingIssue } from './store.issues.ts';
import { handBack } from './store.leaving.ts';

/** Known vulnerabilities: found as soon as they are published, classed by what they endanger, closed by proof alone. */
export const vulnerabilities: Clause = {
  id: 'vulnerabilities',
  promises: {
    'VUL-1': { iso27001: ['A.8.8', 'A.8.29'] },
    'VUL-2': { iso27001: ['A.5.7', 'A.8.8'] },
    'VUL-3': { iso27001: ['A.8.8'] },
    'VUL-4': { iso27001: ['A.8.8', 'A.8.32'] },
  },
  upholders: [
    check(noAuditIsOverdue),
    check(advisoriesAreCurrent),
    check(everythingKnownIsMatched),
    check(everyMatchIsInTheBacklog),
    check(everyItemIsClassified),
    check(nothingIsPastItsDeadline),
    check(decisionsHaveAnotherApprover),
    guard({
      id: 'fixedOnlyByProof',
      promise: 'VUL-4',
      states: {
        en: 'Nobody can say that a vulnerability is fixed: only the next inventory, or the next complete report, that no longer has it.',
        ja: '修正済みにすることは、誰の操作によってもできない。次の部品表または次の完全な検出結果に現れなくなったときにだけ、修正済みになる。',
      },
      refuses: { codes: ['ownAudit', 'giverUnknown'] },
    }),
    guard({
      id: 'approverIsAnother',
      promise: 'VUL-4',
      states: {
        en: 'Nobody approves an exception, or a lower class, that they asked for themselves, and every exception ends.',
        ja: '自分が申請した例外や区分の引き下げは自分では承認できず、例外には必ず期限がある。',
      },
      refuses: { codes: ['ownDecision'] },
    }),
  ],
  flows: {
    ...flows,
    recordFindings: findingsFlow,
    askIssues: askingIssues,
    linkIssue: linkingIssue,
    seeIssue: seeingIssue,
  } as unknown as Readonly<Record<string, AnyFlow>>,
  begin: ensureScheduled,
  obligations,
  reactions,
  routes,
  leaving: handBack,
};
