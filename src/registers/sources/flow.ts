import type { JsonObject } from '../../kernel/json.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type { Source, SourceCommand, SourceEvent, SourceRefusal } from './facts.ts';

/** What a decision about a source stands on. */
export interface SourceState {
  readonly source: (Source & { readonly version: number; readonly retired: boolean }) | null;
  /** Whether another source, retired or not, has the key. */
  readonly keyTaken: boolean;
  /** Whether the system that the command names is one of the register; true where it names none. */
  readonly systemKnown: boolean;
  readonly ownerKnown: boolean;
}

type Decision = Result<readonly SourceEvent[], Refusal<SourceRefusal>>;
type Of<Do extends SourceCommand['do']> = SourceCommand & { readonly do: Do };

/** Decides one command on a source. */
export function decideSource(
  state: SourceState,
  command: SourceCommand,
  context: Context,
): Decision {
  if (command.do === 'registerSource') return register(state, command, context);
  const { source } = state;
  if (!source) return refuse('notFound');
  switch (command.do) {
    case 'changeSource':
      return change(state, source, command);
    case 'retireSource':
      return source.retired
        ? refuse('sourceRetired', { key: source.key })
        : ok([turned('SourceRetired', source.id)]);
    case 'restoreSource':
      return source.retired
        ? ok([turned('SourceRestored', source.id)])
        : refuse('sourceNotRetired', { key: source.key });
  }
}

function register(
  { keyTaken, systemKnown, ownerKnown }: SourceState,
  { source: given }: Of<'registerSource'>,
  context: Context,
): Decision {
  if (keyTaken) return refuse('sourceKeyTaken', { key: given.key });
  if (!systemKnown) return refuse('assetUnknown');
  if (!ownerKnown) return refuse('ownerUnknown');
  return ok([written('SourceRegistered', { id: context.newId(), ...given })]);
}

function change(
  { systemKnown, ownerKnown }: SourceState,
  known: NonNullable<SourceState['source']>,
  { version, changes }: Of<'changeSource'>,
): Decision {
  if (known.retired) return refuse('sourceRetired', { key: known.key });
  if (known.version !== version) return refuse('versionConflict');
  if (!systemKnown) return refuse('assetUnknown');
  if (!ownerKnown) return refuse('ownerUnknown');
  const { version: _, retired: __, ...before } = known;
  const source = { ...before, ...changes } as Source;
  const same = Object.entries(source).every(
    ([name, value]) => before[name as keyof Source] === value,
  );
  return same ? refuse('nothingToChange') : ok([written('SourceChanged', source)]);
}

function written(type: 'SourceRegistered' | 'SourceChanged', source: Source): SourceEvent {
  const { id, name, location, ...rest } = source;
  const body: JsonObject = { sourceId: id, ...rest };
  return { type, subject: `source/${id}`, body, private: { name, location }, source };
}

function turned(type: 'SourceRetired' | 'SourceRestored', sourceId: string): SourceEvent {
  return { type, subject: `source/${sourceId}`, body: { sourceId }, sourceId };
}
