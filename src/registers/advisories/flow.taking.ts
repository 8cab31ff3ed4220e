import type { Instant } from '../../kernel/instant.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import { countedOf, type TakenAdvisory } from './facts.reading.ts';
import {
  type AdvisoriesTaken,
  type BatchPlace,
  type CalledBy,
  chainedDigest,
  type ImportCounts,
  type PlacedAdvisory,
  type TakeAdvisories,
  type TakingRefusal,
} from './facts.ts';
import {
  type KnownVulnerability,
  type MergedVulnerability,
  mergeAdvisories,
  type Speaking,
} from './flow.merging.ts';

/** An import that is under way. */
export interface OpenImport {
  readonly id: string;
  readonly origin: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly part: string;
  readonly position: number;
  readonly digest: string;
  /** Ecosystems that its file is said to be all of. */
  readonly covers: readonly string[];
}

export interface KnownAdvisory extends Speaking {
  readonly vulnerabilityId: string;
}

export interface StoredVulnerability extends KnownVulnerability {
  readonly names: readonly string[];
  readonly published: string | null;
  readonly withdrawn: string | null;
}

export interface TakingState {
  readonly current: OpenImport | null;
  /** When the advisories of the batch that are known were modified, by id. */
  readonly modified: ReadonlyMap<string, Instant>;
  /** Every advisory of every vulnerability that what is newer in the batch touches by a name or an id. */
  readonly advisories: readonly KnownAdvisory[];
  readonly vulnerabilities: readonly StoredVulnerability[];
}

export function decideTaking(
  state: TakingState,
  { place, advisories, setAside }: TakeAdvisories,
  context: Context,
): Result<readonly AdvisoriesTaken[], Refusal<TakingRefusal>> {
  const refusal = refusalOf(state.current, place);
  if (refusal) return refuse(refusal);
  const known = new Map(state.advisories.map((each) => [each.id, each]));
  const taken = [...newestOf(newerOf(advisories, state.modified)).values()];
  const counts = countsOf(taken, known, { read: place.to - place.from, refused: setAside.length });
  const digest = chainedDigest(
    state.current?.digest ?? '',
    taken.map(({ id, modified }) => `${id} ${modified}`),
  );
  const takenIds = new Set(taken.map(({ id }) => id));
  const rest = state.advisories.filter(({ id }) => !takenIds.has(id));
  const merged = mergeAdvisories([...rest, ...taken], state.vulnerabilities, context.newId);
  const placeOf = new Map(
    merged.vulnerabilities.flatMap(({ id, advisories: of }) => of.map((each) => [each, id])),
  );
  const inPlace = (each: TakenAdvisory): PlacedAdvisory => ({
    ...each,
    vulnerabilityId: placeOf.get(each.id) as string,
    isNew: !state.modified.has(each.id),
  });
  const vulnerabilities = differing(merged.vulnerabilities, state.vulnerabilities);
  return ok([
    {
      type: 'AdvisoriesTaken',
      subject: `advisories/${place.importId}`,
      body: bodyOf(place, counts, digest),
      place,
      counts,
      digest,
      setAside,
      taken: taken.map(inPlace),
      counted: countedOf(advisories, state.current?.covers ?? []),
      moved: rest.flatMap(({ id, vulnerabilityId: before }) => {
        const vulnerabilityId = placeOf.get(id) as string;
        return vulnerabilityId === before ? [] : [{ id, vulnerabilityId }];
      }),
      vulnerabilities,
      names: namesOf(vulnerabilities, state.vulnerabilities),
      joined: merged.joined,
    },
  ]);
}

/** Why a batch is not taken: nobody asked for it, it has ended, or another process is further. */
export function refusalOf(current: OpenImport | null, place: BatchPlace): TakingRefusal | null {
  if (!current) return 'importUnknown';
  if (current.state === 'done' || current.state === 'failed') return 'importEnded';
  const at = current.part === place.part ? current.position : 0;
  return at === place.from ? null : 'importMovedOn';
}

export function bodyOf(place: BatchPlace, counts: ImportCounts, digest: string): JsonObject {
  return { importId: place.importId, from: place.from, to: place.to, ...counts, digest };
}

/** Those of a batch that are new, or newer than what is known. */
export function newerOf(
  advisories: readonly TakenAdvisory[],
  modified: ReadonlyMap<string, Instant>,
): readonly TakenAdvisory[] {
  return advisories.filter((advisory) => {
    const before = modified.get(advisory.id);
    return !before || Temporal.Instant.compare(advisory.modified, before) > 0;
  });
}

/** One id may come twice in a batch; the newer says how it is. */
function newestOf(advisories: readonly TakenAdvisory[]): ReadonlyMap<string, TakenAdvisory> {
  const newest = new Map<string, TakenAdvisory>();
  for (const advisory of advisories) {
    const before = newest.get(advisory.id);
    if (!before || Temporal.Instant.compare(advisory.modified, before.modified) > 0)
      newest.set(advisory.id, advisory);
  }
  return newest;
}

function countsOf(
  taken: readonly TakenAdvisory[],
  known: ReadonlyMap<string, KnownAdvisory>,
  { read, refused }: { readonly read: number; readonly refused: number },
): ImportCounts {
  let [added, changed, withdrawn] = [0, 0, 0];
  for (const { id, withdrawn: at } of taken) {
    const before = known.get(id);
    if (at !== null && (before?.withdrawn ?? null) === null) withdrawn += 1;
    else if (before) changed += 1;
    else added += 1;
  }
  return { read, added, changed, withdrawn, refused, unchanged: read - refused - taken.length };
}

function differing(
  merged: readonly MergedVulnerability[],
  known: readonly StoredVulnerability[],
): readonly MergedVulnerability[] {
  const before = new Map(known.map((each) => [each.id, each]));
  return merged.filter((each) => {
    const was = before.get(each.id);
    return !was || seen(each) !== seen(was);
  });
}

/** Every name that is known to anybody and comes up here belongs to a vulnerability that was loaded. */
function namesOf(
  vulnerabilities: readonly MergedVulnerability[],
  known: readonly StoredVulnerability[],
): AdvisoriesTaken['names'] {
  const before = new Map(known.flatMap(({ id, names }) => names.map((name) => [name, id])));
  const [added, moved]: [CalledBy[], CalledBy[]] = [[], []];
  for (const { id: vulnerabilityId, names } of vulnerabilities) {
    for (const name of names) {
      const was = before.get(name);
      if (was === undefined) added.push({ name, vulnerabilityId });
      else if (was !== vulnerabilityId) moved.push({ name, vulnerabilityId });
    }
  }
  return { added, moved };
}

/** What others see of a vulnerability, as one text. */
function seen(it: MergedVulnerability | StoredVulnerability): string {
  const { name, summary, vector, score, severity } = it;
  const moments = [it.published, it.withdrawn].map((at) =>
    at === null ? null : Temporal.Instant.from(at).epochMilliseconds,
  );
  const lists = [it.names, it.advisories].map((list) => list.toSorted());
  return JSON.stringify([name, summary, vector, score, severity, moments, lists]);
}
