import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import {
  chainedDigest,
  type ImportCounts,
  type ScoresTaken,
  type TakeScores,
  type TakingRefusal,
} from './facts.ts';
import { bodyOf, type OpenImport, refusalOf } from './flow.taking.ts';

export interface ScoresState {
  readonly current: OpenImport | null;
  readonly added: number;
  readonly changed: number;
  /** Entries of the catalogue that are no longer in it. */
  readonly gone: number;
  /** Whether a catalogue was taken that was released later. */
  readonly isOlder: boolean;
}

export function decideScores(
  { current, isOlder, ...counted }: ScoresState,
  command: TakeScores,
): Result<readonly ScoresTaken[], Refusal<TakingRefusal>> {
  const { place, entries, setAside } = command;
  const refusal = refusalOf(current, place);
  if (refusal) return refuse(refusal);
  const { added, changed, gone } = isOlder ? { added: 0, changed: 0, gone: 0 } : counted;
  const counts: ImportCounts = {
    read: entries.length + setAside.length,
    added,
    changed,
    unchanged: entries.length - added - changed,
    withdrawn: gone,
    refused: setAside.length,
  };
  const digest = chainedDigest(current?.digest ?? '', linesOf(command));
  return ok([
    {
      type: 'AdvisoriesTaken',
      subject: `advisories/${place.importId}`,
      body: bodyOf(place, counts, digest),
      place,
      counts,
      digest,
      command,
      isOlder,
    },
  ]);
}

function linesOf(command: TakeScores): readonly string[] {
  return command.do === 'takeExploited'
    ? command.entries.map(({ cve, addedOn, ransomware }) => `${cve} ${addedOn} ${ransomware}`)
    : command.entries.map(({ cve, score }) => `${cve} ${score}`);
}
