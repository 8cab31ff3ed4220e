import { dateIn, startOfDay } from '../../kernel/instant.ts';
import { type Clause, check, duty, guard } from '../../policy/clause.ts';
import type { AnyFlow, ObligationHandler, ReactionHandler } from '../../policy/flow.ts';
import { isScheduled, schedule } from '../../registers/tasks/store.ts';
import { contactIsPublished, everyoneAcknowledged, policyIsPublished } from './checks.ts';
import { acknowledgementFlow, approvalFlow, draftFlow, officeFlow } from './flows.ts';
import { routes } from './routes.ts';
import { acknowledgeTask } from './store.acknowledgement.ts';
import { reportTask, reviewTask } from './store.office.ts';

const publishDue: ObligationHandler = async ({ execute }, due) => {
  await execute(approvalFlow, {
    do: 'publishDue',
    versionId: due.subject.slice('policyVersion/'.length),
  });
};

const remind: ObligationHandler = async ({ execute }, due) => {
  await execute(acknowledgementFlow, {
    do: 'remind',
    dueAt: due.subject.slice('acknowledgements/'.length),
  });
};

/** Once a day, as soon as it begins: who joined, who left. Plans the next day itself, once. */
const readRoster: Handler = async ({ db, execute, context }) => {
  await execute(acknowledgementFlow, { do: 'readRoster' });
  const tomorrow = dateIn(context.now, context.zone).add({ days: 1 });
  const next = {
    clause: 'publication',
    kind: 'publication.readRoster',
    subject: `roster/${tomorrow}`,
  };
  if (await isScheduled(db, next.kind, next.subject)) return;
  const dueAt = startOfDay(tomorrow, context.zone);
  await db.transaction().execute((tx) => schedule(tx, [{ ...next, id: context.newId(), dueAt }]));
};

const rosterChanged: ReactionHandler = async ({ execute }) => {
  await execute(acknowledgementFlow, { do: 'readRoster' });
};

/** What obligations and reactions have in common. */
type Handler = (room: Parameters<ObligationHandler>[0]) => Promise<void>;

/** Updates and contact: the policy's own life, and everyone's acknowledgement of it. */
export const publication: Clause = {
  id: 'publication',
  promises: {
    'PUB-1': { iso27001: ['5.2', '7.5', 'A.5.1'] },
    'PUB-2': { iso27001: ['7.4', 'A.6.8', 'A.8.8'] },
  },
  upholders: [
    check(policyIsPublished),
    duty({
      kind: reviewTask,
      promise: 'PUB-1',
      states: {
        en: 'The whole policy is reviewed at least once a year.',
        ja: '方針全体を少なくとも年に一度見直します。',
      },
      rhythm: 'cadence',
      soonDays: 30,
    }),
    guard({
      id: 'authorDoesNotApprove',
      promise: 'PUB-1',
      states: {
        en: 'Nobody who created, edited or proposed a version can approve it.',
        ja: '版の作成、編集、提案に関わった者は、その版を承認できません。',
      },
    }),
    check(contactIsPublished),
    duty({
      kind: reportTask,
      promise: 'PUB-2',
      states: {
        en: 'Every report of a vulnerability is answered within five days.',
        ja: '脆弱性のご報告には、5日以内にお答えします。',
      },
      rhythm: 'deadline',
      soonDays: 2,
    }),
    check(everyoneAcknowledged),
    duty({
      kind: acknowledgeTask,
      promise: 'PEO-1',
      states: {
        en: 'Whoever is asked acknowledges the policy in force.',
        ja: '確認を求められた人は、施行中の方針の確認を行います。',
      },
      rhythm: 'deadline',
      soonDays: 3,
    }),
    guard({
      id: 'acknowledgedWithSecondFactor',
      promise: 'PEO-1',
      states: {
        en: 'An acknowledgement is accepted only from the person and with a second factor.',
        ja: '確認は、本人が第二要素でサインインしているときに限り受け付けます。',
      },
    }),
  ],
  flows: {
    draft: draftFlow as AnyFlow,
    approval: approvalFlow as AnyFlow,
    acknowledgement: acknowledgementFlow as AnyFlow,
    office: officeFlow as AnyFlow,
  },
  obligations: {
    'publication.publish': publishDue,
    'publication.remind': remind,
    'publication.readRoster': readRoster,
  },
  reactions: {
    // The first publication starts the daily reading; later ones find it planned.
    PolicyPublished: readRoster,
    PersonRegistered: rosterChanged,
    PersonUpdated: rosterChanged,
    EmploymentEnded: rosterChanged,
    EmploymentContinued: rosterChanged,
    PeopleImported: rosterChanged,
  },
  routes,
};
