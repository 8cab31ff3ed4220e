import type { RefusedEntry } from './exploited.ts';
import { CatalogueFault } from './exploited.ts';

/** A line of FIRST's Exploit Prediction Scoring System. */
export interface PredictedEntry {
  readonly cve: string;
  /** How likely it is exploited within 30 days, 0 to 1. */
  readonly score: number;
  /** Which part of all vulnerabilities scores at most that, 0 to 1. */
  readonly percentile: number;
}

interface Predictions {
  /** Day for which they were made, `YYYY-MM-DD`. */
  readonly scoredOn: string;
  readonly entries: readonly PredictedEntry[];
  readonly setAside: readonly RefusedEntry[];
}

/** More lines than this the list does not have: CVE numbers are some hundreds of thousands. */
const lineLimit = 5_000_000;
const setAsideLimit = 1_000;

/**
 * Reads the list of scores: a comment with model and date, a header, a line for every CVE. A line
 * that is malformed is set aside; of two of the same CVE the later counts.
 *
 * @throws CatalogueFault where header or date are missing
 */
export function readPredictions(csv: string): Predictions {
  const lines = csv.split(/\r?\n/, lineLimit);
  const [comment = '', header = ''] = lines;
  const scoredOn = /^#.*\bscore_date:(\d{4}-\d{2}-\d{2})/.exec(comment)?.[1];
  if (!scoredOn || !isDate(scoredOn) || header.trim() !== 'cve,epss,percentile') {
    throw new CatalogueFault('this is no list of exploit predictions');
  }
  const entries = new Map<string, PredictedEntry>();
  const setAside: RefusedEntry[] = [];
  for (const [at, line] of lines.entries()) {
    if (at < 2 || line === '') continue;
    const entry = entryOf(line);
    if (entry) entries.set(entry.cve, entry);
    else if (setAside.length < setAsideLimit) {
      setAside.push({ name: `line ${at + 1}`, reason: 'no CVE with two numbers from 0 to 1' });
    }
  }
  return { scoredOn, entries: [...entries.values()], setAside };
}

function entryOf(line: string): PredictedEntry | null {
  const [cve = '', score = '', percentile = '', ...more] = line.split(',');
  if (more.length > 0 || !/^CVE-\d{4}-\d{4,19}$/.test(cve)) return null;
  if (!isShare(score) || !isShare(percentile)) return null;
  return { cve, score: Number(score), percentile: Number(percentile) };
}

function isShare(text: string): boolean {
  const number = Number(text);
  return text.trim() !== '' && number >= 0 && number <= 1;
}

function isDate(text: string): boolean {
  try {
    Temporal.PlainDate.from(text);
    return true;
  } catch {
    return false;
  }
}
