import type { Tx } from '../../kernel/db.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import type { Authorization, Flow } from '../../policy/flow.ts';
import * as facts from './facts.ts';
import * as closing from './flow.closing.ts';
import * as deciding from './flow.deciding.ts';
import * as opening from './flow.opening.ts';
import { isEmployed, securityOfficers } from './store.campaign.ts';
import { loadClosing, loadReminder, projectClosed, projectReminded } from './store.closing.ts';
import {
  loadDeciding,
  loadDelegating,
  projectDecided,
  projectDelegated,
} from './store.deciding.ts';
import { projectOpened } from './store.opening.ts';
import {
  loadSchedule,
  loadSettings,
  projectScheduled,
  projectSettings,
  quarterCovered,
  reviewSettings,
} from './store.settings.ts';
import { type SnapshotOrder, systemsExist, takeSnapshot } from './store.snapshot.ts';

export * from './flows.duties.ts';
export * from './flows.emergency.ts';
export * from './flows.mining.ts';
export * from './flows.orders.ts';
export * from './flows.requests.ts';

type Code = facts.RefusalCode;
const clause = 'access';
const may = (action: string) => (): Authorization => ({ action });

async function loadOpening(
  tx: Tx,
  order: SnapshotOrder,
  context: Context,
): Promise<opening.OpeningState> {
  const today = dateIn(context.now, context.zone);
  return {
    systemsExist: order.systems === 'all' || (await systemsExist(tx, order.systems)),
    fallbackAble: order.fallback === null || (await isEmployed(tx, order.fallback, today)),
    officers: await securityOfficers(tx, today),
    snapshot: await takeSnapshot(tx, order, context),
  };
}

export const openCampaign: Flow<
  opening.OpeningState,
  facts.OpenCampaign,
  facts.CampaignOpened,
  Code
> = {
  name: 'access.openCampaign',
  clause,
  command: facts.openCampaign,
  load: loadOpening,
  authorize: may('openCampaign'),
  decide: opening.decideOpening,
  project: projectOpened,
  effects: opening.mailsOfOpening,
};

export const openQuarter: Flow<
  opening.QuarterState,
  facts.OpenQuarter,
  facts.CampaignOpened,
  Code
> = {
  name: 'access.openQuarter',
  clause,
  command: facts.openQuarter,
  async load(tx, _command, context) {
    const settings = await reviewSettings(tx);
    const { reviewerRule, fallback } = settings;
    return {
      ...(await loadOpening(tx, { systems: 'all', reviewerRule, fallback }, context)),
      settings,
      covered: await quarterCovered(tx, context),
    };
  },
  authorize: may('openCampaign'),
  decide: opening.decideQuarter,
  project: projectOpened,
  effects: opening.mailsOfOpening,
};

export const scheduleQuarter: Flow<
  opening.ScheduleState,
  facts.ScheduleQuarter,
  facts.ReviewScheduled,
  Code
> = {
  name: 'access.scheduleQuarter',
  clause,
  command: facts.scheduleQuarter,
  load: loadSchedule,
  authorize: may('changeReviewSettings'),
  decide: opening.decideSchedule,
  project: projectScheduled,
};

export const changeSettings: Flow<
  opening.SettingsState,
  facts.Settings,
  facts.ReviewSettingsChanged,
  Code
> = {
  name: 'access.changeSettings',
  clause,
  command: facts.settings,
  load: loadSettings,
  authorize: may('changeReviewSettings'),
  decide: opening.decideSettings,
  project: projectSettings,
};

export const decideItems: Flow<
  deciding.DecidingState,
  facts.Decide,
  facts.ItemsDecided | facts.OrdersPlaced,
  Code
> = {
  name: 'access.decideItems',
  clause,
  command: facts.decide,
  load: loadDeciding,
  authorize: may('reviewAccess'),
  decide: deciding.decideItems,
  project: projectDecided,
};

export const delegateItems: Flow<
  deciding.DelegatingState,
  facts.Delegate,
  facts.ItemsDelegated,
  Code
> = {
  name: 'access.delegateItems',
  clause,
  command: facts.delegate,
  load: loadDelegating,
  authorize: may('reviewAccess'),
  decide: deciding.decideDelegation,
  project: projectDelegated,
  effects: deciding.mailsOfDelegation,
};

export const closeCampaign: Flow<
  closing.ClosingState,
  facts.CloseCampaign,
  facts.CampaignClosed,
  Code
> = {
  name: 'access.closeCampaign',
  clause,
  command: facts.closeCampaign,
  load: loadClosing,
  authorize: may('closeCampaign'),
  decide: closing.decideClosing,
  project: projectClosed,
  effects: closing.mailsOfClosing,
};

export const remindReviewers: Flow<
  closing.ReminderState,
  facts.Remind,
  facts.ReviewersReminded,
  Code
> = {
  name: 'access.remindReviewers',
  clause,
  command: facts.remind,
  load: loadReminder,
  authorize: may('closeCampaign'),
  decide: closing.decideReminder,
  project: projectReminded,
  effects: closing.mailsOfReminder,
};
