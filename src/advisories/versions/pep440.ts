import { compareDigits, compareText, type Scheme } from './scheme.ts';
import { compareNumbers } from './semver.ts';

/** A version by PEP 440, taken apart; what is not there sorts where PEP 440 puts it. */
export interface PythonVersion {
  readonly epoch: number;
  readonly release: readonly number[];
  /** a 0, b 1, rc 2, none 3, and a bare development release -1. */
  readonly phase: number;
  readonly phaseNumber: number;
  /** -1 where it is no post-release. */
  readonly post: number;
  /** Infinity where it is no development release. */
  readonly dev: number;
  readonly local: readonly string[];
}

// The pattern of PEP 440, appendix B, in our own order; case does not matter.
const pattern =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;

const phases: Readonly<Record<string, number>> = {
  a: 0,
  alpha: 0,
  b: 1,
  beta: 1,
  c: 2,
  rc: 2,
  pre: 2,
  preview: 2,
};

/**
 * PyPI, by PEP 440 ("Version Identification and Dependency Specification"), sections "Normalization"
 * and "Summary of permitted suffixes and relative ordering". What PEP 440 does not allow is no version.
 */
export const pep440: Scheme<PythonVersion> = { read: readPython, compare: comparePython };

function readPython(text: string): PythonVersion | null {
  const found = pattern.exec(text.trim().toLowerCase());
  if (!found) return null;
  const [
    ,
    epoch,
    release = '',
    label,
    labelNumber,
    implicitPost,
    post,
    postNumber,
    dev,
    devNumber,
  ] = found;
  const isPost = implicitPost !== undefined || post !== undefined;
  const isDev = dev !== undefined;
  return {
    epoch: Number(epoch ?? 0),
    release: release.split('.').map(Number),
    phase: phaseOf(label, isPost, isDev),
    phaseNumber: Number(labelNumber || 0),
    post: isPost ? Number(implicitPost ?? (postNumber || 0)) : -1,
    dev: isDev ? Number(devNumber || 0) : Number.POSITIVE_INFINITY,
    local: found[10]?.split(/[-_.]/) ?? none,
  };
}

const none: readonly string[] = [];

/** `1.0.dev1` comes before `1.0a1`, which its missing phase alone would not say. */
function phaseOf(label: string | undefined, isPost: boolean, isDev: boolean): number {
  if (label !== undefined) return phases[label] ?? 3;
  return isDev && !isPost ? -1 : 3;
}

function comparePython(a: PythonVersion, b: PythonVersion): number {
  return (
    a.epoch - b.epoch ||
    compareNumbers(a.release, b.release) ||
    a.phase - b.phase ||
    a.phaseNumber - b.phaseNumber ||
    a.post - b.post ||
    (a.dev === b.dev ? 0 : a.dev - b.dev) ||
    compareLocal(a.local, b.local)
  );
}

/** None is least; numbers follow words; a longer one follows its own beginning. */
function compareLocal(a: readonly string[], b: readonly string[]): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [x, y] = [a[at] ?? '', b[at] ?? ''];
    const [numberX, numberY] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (numberX !== numberY) return numberX ? 1 : -1;
    const difference = numberX ? compareDigits(x, y) : compareText(x, y);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
