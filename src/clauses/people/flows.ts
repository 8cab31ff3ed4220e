import type { Effect, Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import {
  type ChecklistCommand,
  type ChecklistEvent,
  type ChecklistRefusal,
  type ChecklistState,
  checklistCommand,
} from './facts.checklist.ts';
import {
  type CourseCommand,
  type CourseEvent,
  type CourseRefusal,
  type CourseState,
  courseCommand,
} from './facts.course.ts';
import {
  type DisposalCommand,
  type DisposalEvent,
  type DisposalRefusal,
  type DisposalState,
  disposalCommand,
} from './facts.disposal.ts';
import {
  type RosterCommand,
  type RosterEvent,
  type RosterState,
  rosterCommand,
} from './facts.roster.ts';
import {
  type TrainingCommand,
  type TrainingEvent,
  type TrainingRefusal,
  type TrainingState,
  trainingCommand,
} from './facts.training.ts';
import { type SettingsCommand, type SettingsEvent, settingsCommand } from './facts.ts';
import {
  type UndertakingCommand,
  type UndertakingEvent,
  type UndertakingRefusal,
  type UndertakingState,
  undertakingCommand,
} from './facts.undertaking.ts';
import { decideChecklist } from './flow.checklist.ts';
import { decideCourse } from './flow.course.ts';
import { decideDisposal } from './flow.disposal.ts';
import { decideRoster } from './flow.roster.ts';
import { decideSettings } from './flow.settings.ts';
import { decideTraining } from './flow.training.ts';
import { decideUndertaking } from './flow.undertaking.ts';
import { loadChecklist, projectChecklist } from './store.checklist.ts';
import { loadCourse, projectCourse } from './store.course.ts';
import { loadDisposal, projectDisposal } from './store.disposal.ts';
import { loadRoster, projectRoster } from './store.roster.ts';
import { projectSettings } from './store.settings.ts';
import { loadTraining, projectTraining } from './store.training.ts';
import { loadUndertaking, projectUndertaking } from './store.undertaking.ts';

/** The ways of a command in this clause: who decides, what is read before, what is written after. */

/** An action for each command of a flow. */
function by<Command extends { readonly do: string }>(
  actions: Readonly<Record<Command['do'], string>>,
) {
  return (_state: unknown, command: Command) => ({
    action: actions[command.do as Command['do']],
  });
}

export const undertakingFlow: Flow<
  UndertakingState,
  UndertakingCommand,
  UndertakingEvent,
  UndertakingRefusal
> = {
  name: 'people.undertaking',
  clause: 'people',
  command: undertakingCommand,
  load: loadUndertaking,
  authorize: by<UndertakingCommand>({
    publish: 'publishUndertaking',
    withdraw: 'publishUndertaking',
    sign: 'signUndertaking',
    file: 'fileUndertaking',
  }),
  decide: decideUndertaking,
  project: projectUndertaking,
};

export const courseFlow: Flow<CourseState, CourseCommand, CourseEvent, CourseRefusal> = {
  name: 'people.course',
  clause: 'people',
  command: courseCommand,
  load: loadCourse,
  authorize: () => ({ action: 'editCourses' }),
  decide: decideCourse,
  project: projectCourse,
};

export const trainingFlow: Flow<TrainingState, TrainingCommand, TrainingEvent, TrainingRefusal> = {
  name: 'people.training',
  clause: 'people',
  command: trainingCommand,
  load: loadTraining,
  authorize: () => ({ action: 'takeTraining' }),
  decide: decideTraining,
  project: projectTraining,
};

export const checklistFlow: Flow<
  ChecklistState,
  ChecklistCommand,
  ChecklistEvent,
  ChecklistRefusal
> = {
  name: 'people.checklist',
  clause: 'people',
  command: checklistCommand,
  load: loadChecklist,
  authorize: by<ChecklistCommand>({
    saveTemplate: 'editChecklists',
    retireTemplate: 'editChecklists',
    openChecklists: 'openChecklists',
    completeItem: 'completeChecklistItem',
  }),
  decide: decideChecklist,
  project: projectChecklist,
};

export const disposalFlow: Flow<DisposalState, DisposalCommand, DisposalEvent, DisposalRefusal> = {
  name: 'people.disposal',
  clause: 'people',
  command: disposalCommand,
  load: loadDisposal,
  authorize: () => ({ action: 'recordDisposal' }),
  decide: decideDisposal,
  project: projectDisposal,
};

export const settingsFlow: Flow<null, SettingsCommand, SettingsEvent, never> = {
  name: 'people.settings',
  clause: 'people',
  command: settingsCommand,
  load: async () => null,
  authorize: () => ({ action: 'changePeopleSettings' }),
  decide: decideSettings,
  project: projectSettings,
};

export const rosterFlow: Flow<RosterState, RosterCommand, RosterEvent, never> = {
  name: 'people.roster',
  clause: 'people',
  command: rosterCommand,
  load: loadRoster,
  // Only Kept itself looks through the staff; no role holds that action.
  authorize: () => ({ action: 'readStaffRoster' }),
  decide: decideRoster,
  project: projectRoster,
  effects: mailsOf,
};

function mailsOf(event: Event): readonly Effect[] {
  const roster = event as RosterEvent;
  switch (roster.type) {
    case 'TrainingAssigned':
      return roster.assigned.map(({ personId, course, titles, dueOn }) =>
        mail('trainingAssigned', personId, `/console/training/${course}`, {
          en: titles.en,
          ja: titles.ja,
          dueOn: dueOn.toString(),
        }),
      );
    case 'TrainingReminded':
      return roster.reminded.map(({ personId, course, titles, days }) =>
        mail('trainingReminder', personId, `/console/training/${course}`, {
          en: titles.en,
          ja: titles.ja,
          days,
        }),
      );
    // One a manager, without names: those are on Today, where they can be forgotten.
    case 'LatenessTold':
      return [...Map.groupBy(roster.told, ({ managerId }) => managerId)].flatMap(
        ([managerId, of]) =>
          managerId ? mail('trainingLate', managerId, '/console', { count: of.length }) : [],
      );
    case 'SignaturesAsked':
      return roster.asked.map(({ personId, document, titles, dueOn }) =>
        mail('signatureAsked', personId, `/console/undertakings/${document}`, {
          en: titles.en,
          ja: titles.ja,
          dueOn: dueOn.toString(),
        }),
      );
    default:
      return [];
  }
}

function mail(
  name: string,
  to: string,
  path: string,
  params: Readonly<Record<string, string | number>>,
): Effect {
  return { kind: 'mail', to, template: `people.${name}`, params, path };
}
