import { type Clause, check, duty, guard } from '../../policy/clause.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import { signInsAskForASecondFactor } from './checks.enforcement.ts';
import { everyAccountHasASecondFactor } from './checks.factors.ts';
import { leaversHoldNothing } from './checks.leavers.ts';
import { passwordPoliciesAreStrong } from './checks.passwords.ts';
import {
  accessIsGivenByRole,
  entitlementsAllowNoMoreThanNeeded,
  everyGrantIsNamed,
  keysAreYoungAndUsed,
  rootUsersRest,
} from './checks.privilege.ts';
import { conflictingDutiesAreApart, emergenciesAreReviewed } from './checks.requests.ts';
import {
  loginsBelongToProvider,
  loginsHaveSecondFactor,
  staffAccountsBelongToProvider,
} from './checks.signin.ts';
import { everyQuarterIsReviewed, revokedAccessIsGone } from './checks.ts';
import * as flows from './flows.ts';
import { ensureScheduled, obligations, reactions } from './obligations.ts';
import { routes } from './routes.ts';
import { endAccess } from './store.leaving.ts';

/** Identity and access management: who may enter which system, and the proof that nobody else can. */
export const access: Clause = {
  id: 'access',
  promises: {
    'ACC-1': { iso27001: ['A.5.16'] },
    'ACC-2': { iso27001: ['A.5.17'] },
    'ACC-3': { iso27001: ['A.5.17', 'A.8.5'] },
    'ACC-4': { iso27001: ['A.5.15', 'A.5.18', 'A.8.2', 'A.8.3'] },
    'ACC-5': { iso27001: ['A.5.18', 'A.8.2'] },
    'ACC-6': { iso27001: ['A.5.18'] },
    'ACC-7': { iso27001: ['A.5.18', 'A.6.5'] },
  },
  upholders: [
    duty({
      kind: 'access.quarterlyReview',
      promise: 'ACC-5',
      states: {
        en: 'Once a quarter, every access to every system is decided on: keep, revoke or change.',
        ja: '四半期ごとに、すべてのシステムのすべてのアクセス権について、維持・取消・変更を判定する。',
      },
      rhythm: 'cadence',
      soonDays: 7,
    }),
    guard({
      id: 'nobodyReviewsTheirOwnAccess',
      promise: 'ACC-5',
      states: {
        en: 'Nobody can decide on their own access, alone, in bulk or by delegation.',
        ja: '自分のアクセス権は、個別でも一括でも委任によっても、自分では判定できない。',
      },
      leavesOut: [
        { type: 'ItemsDecided', counted: 'ownExcluded' },
        { type: 'ItemsDelegated', counted: 'ownExcluded' },
      ],
    }),
    guard({
      id: 'nobodyApprovesTheirOwnAccess',
      promise: 'ACC-4',
      states: {
        en: 'Nobody can approve, extend or review access of their own, nor what they asked for somebody else.',
        ja: '自分のアクセス権は、承認も延長も事後確認も自分ではできず、他人のために申請したものも承認できない。',
      },
      refuses: {
        codes: ['ownAccess', 'ownAccessInRows', 'ownRequest', 'ownEmergency', 'ownException'],
      },
      leavesOut: [{ type: 'RequestsDecided', counted: 'ownExcluded' }],
    }),
    guard({
      id: 'noConflictingDuties',
      promise: 'ACC-4',
      states: {
        en: 'Access that a rule keeps apart from what somebody holds cannot be granted to them without an exception.',
        ja: '兼務を禁じた権限は、例外の承認なしには、もう一方を持つ人に付与できない。',
      },
      refuses: { codes: ['conflictingDuties', 'conflictingDutiesInRows'] },
      leavesOut: [{ type: 'RequestsDecided', counted: 'conflictExcluded' }],
    }),
    guard({
      id: 'noAccessWithoutUndertaking',
      promise: 'PEO-4',
      states: {
        en: 'No access can be granted to a person whose undertaking is not on file.',
        ja: '誓約書を提出していない人には、アクセス権を付与できない。',
      },
      refuses: { codes: ['noUndertaking'], within: ['accounts', 'access'] },
      leavesOut: [{ type: 'RequestsDecided', counted: 'undertakingExcluded' }],
    }),
    guard({
      id: 'noSessionWithoutSecondFactor',
      promise: 'ACC-3',
      states: {
        en: 'Kept accepts no session that was not signed in with a second factor.',
        ja: 'Keptは、二要素で認証されていないセッションを受け付けない。',
      },
    }),
    check(loginsBelongToProvider),
    check(staffAccountsBelongToProvider),
    check(loginsHaveSecondFactor),
    guard({
      id: 'localPasswordsAreStrong',
      promise: 'ACC-2',
      states: {
        en: 'A password of Kept itself has at least twelve characters and nothing in it that guessers try first.',
        ja: 'Kept自身のパスワードは12文字以上で、推測されやすい語句に頼るものは設定できない。',
      },
    }),
    check(passwordPoliciesAreStrong),
    check(everyAccountHasASecondFactor),
    check(signInsAskForASecondFactor),
    check(entitlementsAllowNoMoreThanNeeded),
    check(accessIsGivenByRole),
    check(keysAreYoungAndUsed),
    check(rootUsersRest),
    check(everyGrantIsNamed),
    check(everyQuarterIsReviewed),
    check(revokedAccessIsGone),
    check(leaversHoldNothing),
    check(conflictingDutiesAreApart),
    check(emergenciesAreReviewed),
  ],
  flows: flows as unknown as Readonly<Record<string, AnyFlow>>,
  begin: ensureScheduled,
  obligations,
  reactions,
  routes,
  leaving: endAccess,
};
