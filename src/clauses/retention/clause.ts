import { type Clause, check, guard, type Register } from '../../policy/clause.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import {
  closedAccountsAreGoneInTime,
  closedAccountsHaveNoKey,
  goneAccountsHoldNothing,
  reopenedAccountsAreWhole,
} from './checks.closure.ts';
import { nothingPastItsDate, whatRemainsHasItsDate } from './checks.schedule.ts';
import { closureFlow } from './flows.closure.ts';
import { disposalFlow, scheduleFlow } from './flows.schedule.ts';
import { begin, nightOf, reactions } from './obligations.ts';
import { kinds } from './store.kinds.ts';

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
    },
    begin,
    obligations: nightOf(every),
    reactions,
    kinds,
  };
}
