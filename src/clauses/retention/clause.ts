import {
  type Clause,
  check,
  duty,
  guard,
  type Register,
  type Upholder,
} from '../../policy/clause.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import { reviewTask } from '../../registers/customers/store.holds.ts';
import {
  closedAccountsAreGoneInTime,
  closedAccountsHaveNoKey,
  goneAccountsHoldNothing,
  reopenedAccountsAreWhole,
} from './checks.closure.ts';
import { exportsArriveWhole } from './checks.exports.ts';
import {
  everyCollectionIsOnItsMap,
  everyCustomerHasATerm,
  everyProductIsMapped,
  holdsAreReviewed,
  installedProductsHoldNothing,
  nothingOutlastsItsTerm,
} from './checks.holds.ts';
import { providerReportIsCurrent } from './checks.provider.ts';
import { requestsAnsweredInTime } from './checks.requests.ts';
import { nothingPastItsDate, whatRemainsHasItsDate } from './checks.schedule.ts';
import { renewalTask } from './facts.provider.ts';
import { requestTask } from './facts.requests.ts';
import { behalfFlow } from './flows.behalf.ts';
import { closureFlow } from './flows.closure.ts';
import { providerFlow, providerObligations } from './flows.provider.ts';
import { requestFlow } from './flows.requests.ts';
import { disposalFlow, scheduleFlow } from './flows.schedule.ts';
import { begin, nightOf, reactions } from './obligations.ts';
import { closureRoutes } from './routes.closures.ts';
import { providerRoutes } from './routes.provider.ts';
import { requestRoutes } from './routes.requests.ts';
import { scheduleRoutes } from './routes.schedules.ts';
import { kinds } from './store.kinds.ts';

/** What upholds RET-2, RET-3, RET-4 and RET-7: terms and holds, data maps, requests, the provider. */
const ofCustomers: readonly Upholder[] = [
  check(everyCustomerHasATerm),
  check(holdsAreReviewed),
  duty({
    kind: reviewTask,
    promise: 'RET-2',
    states: {
      en: 'Whoever answers for holds looks at each again by its day.',
      ja: '保全措置の担当者は、それぞれを期日までに見直す。',
    },
    rhythm: 'deadline',
    soonDays: 7,
  }),
  guard({
    id: 'anotherLiftsTheHold',
    promise: 'RET-2',
    states: {
      en: 'Nobody lifts a hold that they placed themselves.',
      ja: '自分で行った保全措置は、自分では解除できない。',
    },
  }),
  check(everyProductIsMapped),
  check(everyCollectionIsOnItsMap),
  check(installedProductsHoldNothing),
  guard({
    id: 'installedHoldsNothing',
    promise: 'RET-3',
    states: {
      en: 'An installed product cannot be given custody of data or keys with us.',
      ja: 'インストール型製品について、データや鍵を当社に置く設定はできない。',
    },
  }),
  check(requestsAnsweredInTime),
  duty({
    kind: requestTask,
    promise: 'RET-4',
    states: {
      en: 'Whoever is given a request about data answers it by its day.',
      ja: 'データに関する請求の担当者は、期限までに回答する。',
    },
    rhythm: 'deadline',
    soonDays: 5,
  }),
  guard({
    id: 'identityBeforeAnswer',
    promise: 'RET-4',
    states: {
      en: 'No request is answered before it was made sure of who asks.',
      ja: '請求者の本人確認が済むまで、請求には回答できない。',
    },
  }),
  guard({
    id: 'identityBeforeActing',
    promise: 'RET-4',
    states: {
      en: 'Nothing is done on behalf of a customer without a request whose sender was identified; what cannot be taken back is done by another than who identified them.',
      ja: '本人確認を済ませた請求がなければ、お客様に代わって何も行えない。元に戻せない操作は、本人確認をした者とは別の者が行う。',
    },
  }),
  check(exportsArriveWhole),
  check(providerReportIsCurrent),
  duty({
    kind: renewalTask,
    promise: 'RET-7',
    states: {
      en: 'The provider’s report is renewed before it expires.',
      ja: '事業者の報告書を、有効期限が切れる前に更新する。',
    },
    rhythm: 'deadline',
    soonDays: 30,
  }),
];

/**
 * Data retention and disposal: how long what is kept, and the end of an account.
 *
 * @param rooms every room, by then: each says which kinds of record it keeps
 */
export function retention(rooms: () => readonly Pick<Register, 'kinds'>[]): Clause {
  const every = () => rooms().flatMap((room) => room.kinds ?? []);
  return {
    id: 'retention',
    promises: {
      'RET-1': { iso27001: ['A.5.33', 'A.5.34', 'A.8.10'] },
      'RET-2': { iso27001: ['A.5.31', 'A.5.33'] },
      'RET-3': { iso27001: ['A.5.9', 'A.5.23'] },
      'RET-4': { iso27001: ['A.5.34'] },
      'RET-5': { iso27001: ['A.8.10'] },
      'RET-6': { iso27001: ['A.5.33'] },
      'RET-7': { iso27001: ['A.7.14', 'A.5.23'] },
    },
    upholders: [
      check(nothingPastItsDate(every)),
      check(nothingOutlastsItsTerm(every)),
      ...ofCustomers,
      check(closedAccountsHaveNoKey),
      check(closedAccountsAreGoneInTime),
      check(reopenedAccountsAreWhole),
      check(goneAccountsHoldNothing),
      guard({
        id: 'noErasureBeforeItsDay',
        promise: 'RET-5',
        states: {
          en: 'No key can be destroyed before the end of day 30, nor while a legal hold stands.',
          ja: '30日目が終わるまで、また法的保全の間は、鍵を破棄できない。',
        },
      }),
      check(whatRemainsHasItsDate(every)),
    ],
    flows: {
      closure: closureFlow as unknown as AnyFlow,
      schedule: scheduleFlow(every) as unknown as AnyFlow,
      disposal: disposalFlow(every) as unknown as AnyFlow,
      request: requestFlow as unknown as AnyFlow,
      behalf: behalfFlow as unknown as AnyFlow,
      provider: providerFlow as unknown as AnyFlow,
    },
    begin,
    obligations: { ...nightOf(every), ...providerObligations },
    reactions,
    routes: {
      ...requestRoutes,
      ...providerRoutes,
      ...closureRoutes(every),
      ...scheduleRoutes(every),
    },
    kinds,
  };
}
