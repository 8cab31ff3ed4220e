import { type AffectedVersions, readAffected } from '../../advisories/affected.ts';
import type { OsvAffected } from '../../advisories/osv.ts';
import { sameRelease } from '../../advisories/packages.ts';
import { schemeOf } from '../../advisories/versions/ecosystems.ts';

/** A package of an advisory beside the versions of it that are in use. */
export interface Pairing {
  readonly advisoryId: string;
  /** As the advisory writes it, with its release. */
  readonly ecosystem: string;
  readonly affected: OsvAffected;
  readonly versionIds: readonly number[];
  readonly versions: readonly string[];
  /** Of the versions in use, as their inventories write it. */
  readonly ecosystems: readonly string[];
}

/** A version in use that an advisory affects. */
export interface Affecting {
  readonly versionId: number;
  readonly advisoryId: string;
  /** The least fixed version above it; null where there is none. */
  readonly fixedIn: string | null;
}

/**
 * Which of the versions in use an advisory affects. An advisory may speak of a package several times, of each
 * release of a distribution; one that affects is enough.
 */
export function affectingOf(pairings: readonly Pairing[]): readonly Affecting[] {
  const found = new Map<string, Affecting>();
  for (const { advisoryId, ecosystem, affected, versionIds, versions, ecosystems } of pairings) {
    const told = readAffected(affected);
    for (const [n, versionId] of versionIds.entries()) {
      const version = versions[n] ?? '';
      if (version === '' || !sameRelease(ecosystems[n] ?? '', ecosystem)) continue;
      if (!told.includes(version)) continue;
      const key = `${versionId} ${advisoryId}`;
      const fixedIn = found.get(key)?.fixedIn ?? told.nextFix(version);
      found.set(key, { versionId, advisoryId, fixedIn });
    }
  }
  return [...found.values()];
}

/** What advisories say of one package, and what of it is in use in one asset. */
export interface Fixable {
  /** Of the package in use; versions are ordered by its rules. */
  readonly ecosystem: string;
  readonly versions: readonly string[];
  /** Packages of the advisories that affect it there and are to be put right. */
  readonly open: readonly OsvAffected[];
  /** Of all that is known of the package. */
  readonly known: readonly OsvAffected[];
}

/**
 * The smallest version that clears all open items of a package in an asset: above every version in use,
 * and affected by none of their advisories. One that no advisory at all affects is preferred; null where
 * nothing clears them.
 */
export function fixVersionOf({ ecosystem, versions, open, known }: Fixable): string | null {
  const scheme = schemeOf(ecosystem);
  if (!scheme) return null;
  const inUse = versions.flatMap((text) => scheme.read(text) ?? []);
  const mine = open.filter((each) => sameRelease(ecosystem, each.package?.ecosystem ?? ''));
  const told = mine.map(reading);
  const others = known
    .filter((each) => sameRelease(ecosystem, each.package?.ecosystem ?? ''))
    .map(reading);
  const candidates = [...new Set([...told, ...others].flatMap(({ fixed }) => fixed))]
    .flatMap((text) => {
      const version = scheme.read(text);
      return version === null ? [] : [{ text, version }];
    })
    .filter(({ version }) => inUse.every((one) => scheme.compare(version, one) > 0))
    .toSorted((a, b) => scheme.compare(a.version, b.version));
  const stillOpen = affectedBy(told);
  const stillKnown = affectedBy(others);
  let first: string | null = null;
  for (const { text } of candidates) {
    if (stillKnown(text)) {
      if (first === null && !stillOpen(text)) first = text;
    } else if (!stillOpen(text)) return text;
  }
  return first;
}

/**
 * Whether any of them affects a version. Asked of one version after the other, least first, the one that said
 * so last mostly says so again, or the one behind it: the search goes on from there, so that a package with
 * thousands of advisories does not cost their number squared.
 */
function affectedBy(told: readonly AffectedVersions[]): (version: string) => boolean {
  let at = 0;
  return (version) => {
    for (let n = 0; n < told.length; n++) {
      const asked = (at + n) % told.length;
      if (!told[asked]?.includes(version)) continue;
      at = asked;
      return true;
    }
    return false;
  };
}

const read = new WeakMap<OsvAffected, AffectedVersions>();

/** A package of an advisory is read once, of however many assets it is asked. */
function reading(affected: OsvAffected): AffectedVersions {
  const known = read.get(affected) ?? readAffected(affected);
  read.set(affected, known);
  return known;
}
