import { personOf } from '../../kernel/actor.ts';
import type { Language } from '../../kernel/language.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type { DraftCommand, DraftEvent, RefusalCode, Version } from './facts.ts';
import { digestOfText } from './facts.version.ts';

/** What a decision on a draft needs to know. */
export interface DraftState {
  /** The version being worked on, if any. */
  readonly open: Version | null;
  readonly inForce: Version | null;
  /** Texts that this version of Kept ships. */
  readonly shipped: number;
  /** Clauses of the open version, in order. */
  readonly clauses: readonly string[];
  /** The text that a `saveText` names, as it is now. */
  readonly text: { readonly revision: number; readonly markdown: string } | null;
}

type Decision = Result<readonly DraftEvent[], Refusal<RefusalCode>>;

/** Drafts: one at a time, created from what there is, edited text by text. */
export function decideDraft(state: DraftState, command: DraftCommand, context: Context): Decision {
  switch (command.do) {
    case 'createDraft':
    case 'importDraft':
      return create(state, command, context);
    case 'saveText':
      return onDraft(state, command.versionId, (draft) => saveText(state, command, draft));
    case 'addClause':
      return onDraft(state, command.versionId, (draft) => addClause(state, command, draft));
    case 'removeClause':
      return onDraft(state, command.versionId, (draft) =>
        state.clauses.includes(command.clause)
          ? ok([
              {
                type: 'ClauseRemoved',
                subject: subjectOf(draft),
                body: { clause: command.clause },
              },
            ])
          : refuse('clauseNotFound', { clause: command.clause }),
      );
    case 'orderClauses':
      return onDraft(state, command.versionId, (draft) =>
        orderClauses(state, command.clauses, draft),
      );
    case 'discardDraft':
      return onDraft(state, command.versionId, (draft) =>
        ok([{ type: 'DraftDiscarded', subject: subjectOf(draft), body: { number: draft.number } }]),
      );
  }
}

/** `kind/id` of a version in the ledger. */
export function subjectOf(version: { readonly id: string }): string {
  return `policyVersion/${version.id}`;
}

function onDraft(
  state: DraftState,
  versionId: string,
  decide: (draft: Version) => Decision,
): Decision {
  if (state.open?.id !== versionId) return refuse('versionNotFound');
  if (state.open.state !== 'draft') return refuse('notADraft', { number: state.open.number });
  return decide(state.open);
}

function create(
  state: DraftState,
  command: Extract<DraftCommand, { do: 'createDraft' | 'importDraft' }>,
  context: Context,
): Decision {
  if (state.open) return refuse('draftExists', { number: state.open.number });
  const origin = command.do === 'importDraft' ? 'import' : command.from;
  if (origin === 'shipped' && state.shipped === 0) return refuse('nothingShipped');
  if (origin === 'published' && !state.inForce) return refuse('nothingPublished');
  // Kept itself creates only the first policy, from the texts that ship.
  if (!personOf(context.actor) && (context.actor.kind !== 'system' || origin !== 'shipped')) {
    return refuse('needsPerson');
  }
  const texts = command.do === 'importDraft' ? command.texts : [];
  return ok([
    {
      type: 'DraftCreated',
      subject: subjectOf({ id: context.newId() }),
      body: {
        number: (state.inForce?.number ?? 0) + 1,
        origin,
        from: origin === 'published' ? (state.inForce?.id ?? null) : null,
        texts: origin === 'shipped' ? state.shipped : texts.length,
      },
      private: { texts },
    },
  ]);
}

function saveText(
  state: DraftState,
  command: Extract<DraftCommand, { do: 'saveText' }>,
  draft: Version,
): Decision {
  const { clause, language, markdown } = command;
  if (!state.clauses.includes(clause)) return refuse('clauseNotFound', { clause });
  // Saved by itself every few seconds: what changed nothing is not an event.
  if (state.text?.markdown === markdown) return ok([]);
  if ((state.text?.revision ?? 0) !== command.revision) return refuse('versionConflict');
  return ok([
    {
      type: 'ClauseTextSaved',
      subject: subjectOf(draft),
      body: { clause, language, revision: command.revision + 1, digest: digestOfText(markdown) },
      private: { markdown },
    },
  ]);
}

function addClause(
  state: DraftState,
  command: Extract<DraftCommand, { do: 'addClause' }>,
  draft: Version,
): Decision {
  const { clause } = command;
  if (state.clauses.includes(clause)) return refuse('clauseExists', { clause });
  const position = Math.min(command.position ?? state.clauses.length, state.clauses.length);
  const text = Object.fromEntries(
    Object.entries(command.text).filter(
      (entry): entry is [Language, string] => entry[1] !== undefined,
    ),
  );
  return ok([
    {
      type: 'ClauseAdded',
      subject: subjectOf(draft),
      body: { clause, position },
      private: { text },
    },
  ]);
}

function orderClauses(state: DraftState, clauses: readonly string[], draft: Version): Decision {
  const same =
    clauses.length === state.clauses.length &&
    new Set([...clauses, ...state.clauses]).size === clauses.length;
  if (!same) return refuse('orderIncomplete');
  if (clauses.every((clause, at) => state.clauses[at] === clause)) return ok([]);
  return ok([{ type: 'ClausesOrdered', subject: subjectOf(draft), body: { clauses } }]);
}
