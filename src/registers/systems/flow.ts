import type { PersonId } from '../../kernel/id.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import { planSystems, refuseRows, systemsImported } from './facts.import.ts';
import type { System, SystemCommand, SystemEvent, SystemRefusal } from './facts.ts';

export interface SystemState {
  readonly system: (System & { readonly version: number; readonly retired: boolean }) | null;
  /** Whether the proposed owner is a person of the register; true where none is proposed. */
  readonly ownerKnown: boolean;
  /** Accesses and grants that retiring it would close. */
  readonly open: { readonly accesses: number; readonly grants: number };
  /** For imports: every system, and people by address. */
  readonly everySystem: readonly System[];
  readonly people: ReadonlyMap<string, PersonId>;
  readonly retiredKeys: ReadonlySet<string>;
}

type Decision = Result<readonly SystemEvent[], Refusal<SystemRefusal>>;

export function decideSystem(
  state: SystemState,
  command: SystemCommand,
  context: Context,
): Decision {
  switch (command.do) {
    case 'registerSystem':
      return register(state, command, context);
    case 'updateSystem':
      return update(state, command);
    case 'retireSystem':
      return retire(state, command.key);
    case 'importSystems':
      return bring(state, command, context);
  }
}

function register(
  state: SystemState,
  command: SystemCommand & { do: 'registerSystem' },
  context: Context,
): Decision {
  if (state.system) return refuse('keyTaken', { key: command.system.key });
  if (!state.ownerKnown) return refuse('ownerUnknown');
  const system: System = { id: context.newId(), ...command.system };
  return ok([
    { type: 'SystemRegistered', subject: `system/${system.id}`, body: bodyOf(system), system },
  ]);
}

function update(state: SystemState, command: SystemCommand & { do: 'updateSystem' }): Decision {
  const { system: known } = state;
  if (!known) return refuse('systemUnknown', { key: command.key });
  if (known.retired) return refuse('systemRetired', { key: command.key });
  if (known.version !== command.version) return refuse('versionConflict');
  if (!state.ownerKnown) return refuse('ownerUnknown');
  const { version: _, retired: __, ...before } = known;
  const system = { ...before, ...command.changes } as System;
  const old = bodyOf(before);
  const changed = Object.entries(bodyOf(system)).filter(([name, value]) => old[name] !== value);
  if (changed.length === 0) return refuse('nothingToChange');
  const body = Object.fromEntries(changed);
  return ok([{ type: 'SystemUpdated', subject: `system/${system.id}`, body, system }]);
}

/** What a system held is gone with it; its grants end. */
function retire({ system, open }: SystemState, key: string): Decision {
  if (!system) return refuse('systemUnknown', { key });
  if (system.retired) return refuse('systemRetired', { key });
  const body = { accesses: open.accesses, grants: open.grants };
  return ok([{ type: 'SystemRetired', subject: `system/${system.id}`, body, systemId: system.id }]);
}

function bring(
  state: SystemState,
  command: SystemCommand & { do: 'importSystems' },
  context: Context,
): Decision {
  const { everySystem, people, retiredKeys } = state;
  const plan = planSystems(command.rows, everySystem, people, retiredKeys, context.newId);
  const language = context.actor.kind === 'person' ? context.actor.language : 'en';
  if (plan.problems.length > 0) return refuseRows(plan.problems, language);
  if (plan.added.length + plan.changed.length === 0) return ok([]);
  return ok([systemsImported(plan, context.newId())]);
}

function bodyOf(system: System): JsonObject {
  const { id: _, ...body } = system;
  return { ...body };
}
