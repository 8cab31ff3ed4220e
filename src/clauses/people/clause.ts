import { type Clause, check, duty, guard } from '../../policy/clause.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import {
  accessRestsOnUndertakings,
  everyGrantStatesItsPurpose,
  everyoneHasSigned,
  everyoneIsTrained,
  leaversAreErased,
  leaversDisposedOfTheirs,
  sensitiveSystemsHaveStrictEntry,
} from './checks.ts';
import * as flows from './flows.ts';
import { obligations, reactions } from './obligations.ts';
import { routes } from './routes.ts';
import { trainingTask } from './store.course.ts';
import { acknowledgeTask, signTask } from './store.undertaking.ts';

/** People and training; the acknowledgements of PEO-1 are upheld by `publication`. */
export const people: Clause = {
  id: 'people',
  promises: {
    'PEO-1': { iso27001: ['A.5.1', 'A.6.3'] },
    'PEO-2': { iso27001: ['A.5.10', 'A.5.15'] },
    'PEO-3': { iso27001: ['A.7.10', 'A.7.14', 'A.8.10'] },
    'PEO-4': { iso27001: ['A.6.2', 'A.6.6'] },
    'PEO-5': { iso27001: ['A.6.3'] },
    'PEO-6': { iso27001: ['A.5.15', 'A.8.5'] },
  },
  upholders: [
    check(everyGrantStatesItsPurpose),
    duty({
      kind: acknowledgeTask,
      promise: 'PEO-3',
      states: {
        en: 'Everyone acknowledges how personal data is disposed of.',
        ja: '全員が、個人データの廃棄方法を確認します。',
      },
      rhythm: 'deadline',
      soonDays: 3,
    }),
    check(leaversDisposedOfTheirs),
    check(leaversAreErased),
    guard({
      id: 'witnessIsAnother',
      promise: 'PEO-3',
      states: {
        en: 'Nobody witnesses the disposal of what was in their own hands.',
        ja: '自分の手元にあった物の廃棄には、自分では立ち会えません。',
      },
    }),
    duty({
      kind: signTask,
      promise: 'PEO-4',
      states: {
        en: 'Whoever is asked signs the undertakings in force.',
        ja: '署名を求められた人は、施行中の誓約書に署名します。',
      },
      rhythm: 'deadline',
      soonDays: 3,
    }),
    check(everyoneHasSigned),
    check(accessRestsOnUndertakings),
    guard({
      id: 'noRoleWithoutUndertaking',
      promise: 'PEO-4',
      states: {
        en: 'Nobody is given a role in Kept before their undertakings are on file.',
        ja: '誓約書が提出されるまで、Keptの役割は付けられません。',
      },
      refuses: { codes: ['noUndertaking'], within: ['people'] },
    }),
    guard({
      id: 'signedWithSecondFactor',
      promise: 'PEO-4',
      states: {
        en: 'A signature is accepted only from the person, signed in with a second factor, with their name typed.',
        ja: '署名は、本人が第二要素でサインインし、自分の氏名を入力したときに限り受け付けます。',
      },
      refuses: { codes: ['signatureNeedsSecondFactor'] },
    }),
    duty({
      kind: trainingTask,
      promise: 'PEO-5',
      states: {
        en: 'Whoever is assigned a course completes it by its day.',
        ja: '研修を割り当てられた人は、期限までに修了します。',
      },
      rhythm: 'deadline',
      soonDays: 7,
    }),
    check(everyoneIsTrained),
    check(sensitiveSystemsHaveStrictEntry),
  ],
  flows: flows as unknown as Readonly<Record<string, AnyFlow>>,
  obligations,
  reactions,
  routes,
};
