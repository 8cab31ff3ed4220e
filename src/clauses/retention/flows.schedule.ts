import type { Flow } from '../../policy/flow.ts';
import type { KeptKind } from '../../policy/keeping.ts';
import {
  type DisposalCommand,
  type DisposalEvent,
  disposalCommand,
  type ScheduleCommand,
  type ScheduleEvent,
  type ScheduleRefusal,
  scheduleCommand,
} from './facts.schedule.ts';
import {
  type DisposalState,
  decideDisposal,
  decideSchedule,
  type ScheduleState,
} from './flow.schedule.ts';
import { loadDisposal, loadSchedule, projectDisposal, projectSchedule } from './store.schedule.ts';

/** Kinds of record of all rooms, by then: a clause is put together before all of them are there. */
export type Kinds = () => readonly KeptKind[];

export type ScheduleFlow = Flow<ScheduleState, ScheduleCommand, ScheduleEvent, ScheduleRefusal>;
export type DisposalFlow = Flow<DisposalState, DisposalCommand, DisposalEvent, never>;

/** How long each kind of record is kept; officers decide. */
export const scheduleFlow = (kinds: Kinds): ScheduleFlow => ({
  name: 'retention.schedule',
  clause: 'retention',
  command: scheduleCommand,
  load: (tx, command) => loadSchedule(tx, command, kinds()),
  authorize: () => ({ action: 'changeSchedules' }),
  decide: decideSchedule,
  project: projectSchedule,
});

/** What is past its date goes, a batch at a time; the clock's. */
export const disposalFlow = (kinds: Kinds): DisposalFlow => ({
  name: 'retention.disposal',
  clause: 'retention',
  command: disposalCommand,
  load: (tx, _, context) => loadDisposal(tx, kinds(), context),
  authorize: () => ({ action: 'disposeByTheClock' }),
  decide: decideDisposal,
  project: (tx, event, context) => projectDisposal(tx, kinds(), event, context),
});
