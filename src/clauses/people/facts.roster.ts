import { z } from 'zod';
import type { PersonId } from '../../kernel/id.ts';
import type { Event } from '../../policy/event.ts';
import { personId } from '../../registers/people/facts.ts';
import type {
  ChecklistCancelled,
  ChecklistOpened,
  ChecklistPerson,
  ChecklistRedated,
  StoredTemplate,
} from './facts.checklist.ts';
import type { Because, TrainingRecord } from './facts.training.ts';
import type { PeopleSettings, Words } from './facts.ts';

export const rosterCommand = z.discriminatedUnion('do', [
  /** Looks who joined, who leaves, and what everyone owes by now. */
  z.object({ do: z.literal('readStaff') }),
  /** Notes why a leaver cannot be erased yet. */
  z.object({
    do: z.literal('noteErasureBlocked'),
    personId,
    code: z.string().max(60),
    count: z.int(),
  }),
]);
export type RosterCommand = z.output<typeof rosterCommand>;

export interface Candidate extends TrainingRecord {
  readonly personId: PersonId;
  readonly course: string;
  readonly titles: Words;
}

export interface OwedSignature {
  readonly personId: PersonId;
  readonly document: string;
  readonly kind: 'undertaking' | 'guidance';
  readonly titles: Words;
  readonly number: number;
  readonly dueOn: Temporal.PlainDate;
}

export interface Reminding {
  readonly personId: PersonId;
  readonly trainingId: string;
  readonly course: string;
  readonly titles: Words;
  readonly days: number;
}

/** A training that is late, and who is to be told. */
export interface Late {
  readonly trainingId: string;
  readonly personId: PersonId;
  readonly person: string;
  readonly course: string;
  readonly titles: Words;
  readonly dueOn: Temporal.PlainDate;
  readonly managerId: PersonId | null;
}

export interface RosterState {
  readonly settings: PeopleSettings;
  readonly readToday: boolean;
  /** People on the staff, with each course they may owe. */
  readonly candidates: readonly Candidate[];
  /** Open occurrences of people who are no longer on the staff. */
  readonly released: readonly { readonly personId: PersonId; readonly course: string }[];
  /** Signatures that are owed and that no task asks for yet. */
  readonly unasked: readonly OwedSignature[];
  readonly signersGone: readonly { readonly personId: PersonId; readonly document: string }[];
  readonly reminding: readonly Reminding[];
  /** Late trainings of which whoever is the manager now has not been told. */
  readonly untold: readonly Late[];
  /** Joiners, movers and leavers without the checklist of a template. */
  readonly openings: readonly {
    readonly person: ChecklistPerson;
    readonly template: StoredTemplate;
    readonly on: Temporal.PlainDate;
  }[];
  /** Leavers' open checklists whose day is another one now, or none. */
  readonly moved: readonly {
    readonly checklistId: string;
    readonly personId: PersonId;
    readonly on: Temporal.PlainDate | null;
  }[];
  /** How many people are elsewhere than when the staff was last read, or new. */
  readonly unplaced: number;
}

export interface Assigned {
  readonly id: string;
  readonly personId: PersonId;
  readonly course: string;
  readonly titles: Words;
  readonly because: Because;
  readonly dueOn: Temporal.PlainDate;
}

export type TrainingAssigned = Event & {
  readonly type: 'TrainingAssigned';
  readonly assigned: readonly Assigned[];
};

export type RosterEvent =
  | (Event & { readonly type: 'StaffRead' })
  | TrainingAssigned
  | (Event & { readonly type: 'TrainingReleased'; readonly released: RosterState['released'] })
  | (Event & { readonly type: 'SignaturesAsked'; readonly asked: readonly OwedSignature[] })
  | (Event & { readonly type: 'SignaturesReleased'; readonly released: RosterState['signersGone'] })
  | (Event & { readonly type: 'TrainingReminded'; readonly reminded: readonly Reminding[] })
  | (Event & { readonly type: 'LatenessTold'; readonly told: readonly Late[] })
  | ChecklistOpened
  | ChecklistRedated
  | ChecklistCancelled
  | (Event & {
      readonly type: 'ErasureBlocked';
      readonly block: {
        readonly personId: PersonId;
        readonly code: string;
        readonly count: number;
      };
    });
