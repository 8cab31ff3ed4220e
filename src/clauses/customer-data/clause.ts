import { type Clause, check, duty, guard } from '../../policy/clause.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import { contactsAreConfirmedByAnother } from './checks.contacts.ts';
import {
  everyCustomerHasOneKey,
  everythingIsUnderItsOwnKey,
  everyUseOfAKeyHasItsReason,
} from './checks.custody.ts';
import { tokensAreConfirmedByAnother } from './checks.tokens.ts';
import {
  casesAreApprovedByAnother,
  casesKeepWithinTheirBounds,
  customersAreTold,
  staffDecryptsOnlyUnderCase,
} from './checks.ts';
import * as flows from './flows.ts';
import { obligations, reactions } from './obligations.ts';
import { routes } from './routes.ts';
import { reconcileTask, reviewTask } from './store.cases.ts';
import { daysSinceStaffRead } from './store.figures.ts';
import { kinds } from './store.keeping.ts';
import { endCasesOf } from './store.leaving.ts';

/** Customers' data: a box that nobody of ours looks into, and the case for the exception. */
export const customerData: Clause = {
  id: 'customer-data',
  promises: {
    'CUS-1': { iso27001: ['A.8.24', 'A.5.34'] },
    'CUS-2': { iso27001: ['A.5.15', 'A.8.3'] },
    'CUS-3': { iso27001: ['A.5.15', 'A.5.18', 'A.8.3'] },
  },
  upholders: [
    guard({
      id: 'nobodyUnwrapsButTheDoor',
      promise: 'CUS-1',
      states: {
        en: 'A customer’s key is used at one place only, and there for the service, the customer or an open case.',
        ja: 'お客様の鍵を使う箇所はひとつだけで、そこではサービス、お客様ご本人、または開いている案件のためにしか使えない。',
      },
    }),
    check(everyCustomerHasOneKey),
    check(everythingIsUnderItsOwnKey),
    check(everyUseOfAKeyHasItsReason),
    guard({
      id: 'noRouteShowsCustomersContents',
      promise: 'CUS-2',
      states: {
        en: 'No operation gives a member of staff what a customer entrusted to us without an open case, whatever their role.',
        ja: 'どの役割の従業員も、案件が開いていなければ、どの操作によってもお客様のデータを得られない。',
      },
    }),
    check(staffDecryptsOnlyUnderCase),
    check(contactsAreConfirmedByAnother),
    check(tokensAreConfirmedByAnother),
    guard({
      id: 'nobodyApprovesTheirOwnCase',
      promise: 'CUS-3',
      states: {
        en: 'Nobody can approve, extend or review a case that they asked for, nor review an emergency that they confirmed.',
        ja: '自分が申請した案件は、承認も延長も事後確認も自分ではできない。緊急の案件を承認した人も、その事後確認はできない。',
      },
      refuses: { codes: ['ownCase', 'ownConfirmation'] },
    }),
    guard({
      id: 'nobodyReadsOutsideTheirCase',
      promise: 'CUS-3',
      states: {
        en: 'A case lets only its requester read, only until its end, and only what it names.',
        ja: '案件のもとで閲覧できるのは申請者だけであり、期限内に、明記された範囲に限られる。',
      },
      refuses: {
        codes: [
          'caseUnknown',
          'caseNotYours',
          'notYourCase',
          'caseOfAnother',
          'caseNotOpen',
          'caseExpired',
          'readerGone',
          'outsideScope',
          'copyNotGranted',
        ],
      },
    }),
    guard({
      id: 'nobodyReconcilesTheirOwnReads',
      promise: 'CUS-3',
      states: {
        en: 'Nobody can reconcile what they read themselves, and what differs needs a sentence.',
        ja: '自分の閲覧を自分で突合することはできず、承認との違いには必ず説明を要する。',
      },
      refuses: { codes: ['readerReconciles', 'deviationUnexplained'] },
    }),
    guard({
      id: 'noCaseWithoutUndertaking',
      promise: 'PEO-4',
      states: {
        en: 'Nobody can ask for a case, or open one, whose undertaking is not on file.',
        ja: '誓約書を提出していない人は、案件の申請も開始もできない。',
      },
      refuses: { codes: ['noUndertaking'], within: ['customer-data'] },
    }),
    check(casesAreApprovedByAnother),
    check(casesKeepWithinTheirBounds),
    check(customersAreTold),
    duty({
      kind: reconcileTask,
      promise: 'CUS-3',
      states: {
        en: 'What was read under a case is reconciled with what was approved, in time.',
        ja: '案件のもとで閲覧した内容を、期限内に、承認された範囲と突合する。',
      },
      rhythm: 'deadline',
      soonDays: 1,
      eachOwed: true,
    }),
    duty({
      kind: reviewTask,
      promise: 'CUS-3',
      states: {
        en: 'An emergency opening is reviewed within a day.',
        ja: '緊急に開かれた案件は、1日以内に事後確認する。',
      },
      rhythm: 'deadline',
      soonDays: 1,
      eachOwed: true,
    }),
  ],
  figures: [
    {
      id: 'customer-data.daysSinceStaffRead',
      promise: 'CUS-2',
      says: {
        en: '{value} days since a member of staff last read users’ data.',
        ja: '従業員が最後に利用者のデータを閲覧してから{value}日。',
      },
      exactly: {
        0: {
          en: 'A member of staff read users’ data today.',
          ja: '本日、従業員が利用者のデータを閲覧しました。',
        },
        1: {
          en: 'One day since a member of staff last read users’ data.',
          ja: '従業員が最後に利用者のデータを閲覧してから1日。',
        },
      },
      none: {
        en: 'No member of staff has ever read users’ data.',
        ja: '従業員が利用者のデータを閲覧したことは一度もありません。',
      },
      read: daysSinceStaffRead,
    },
  ],
  flows: flows as unknown as Readonly<Record<string, AnyFlow>>,
  obligations,
  reactions,
  routes,
  leaving: endCasesOf,
  kinds,
};
