import { alpine } from './alpine.ts';
import { debian } from './debian.ts';
import { go } from './go.ts';
import { maven } from './maven.ts';
import { packagist } from './packagist.ts';
import { pep440 } from './pep440.ts';
import { redhat } from './redhat.ts';
import { rubygems } from './rubygems.ts';
import type { Scheme } from './scheme.ts';
import { nuget, pub, semver } from './semver.ts';

/** Schemes by the name of the ecosystem as OSV writes it, without its release (`Debian:12`). */
const schemes = {
  npm: semver,
  'crates.io': semver,
  Hex: semver,
  SwiftURL: semver,
  'GitHub Actions': semver,
  Pub: pub,
  Go: go,
  NuGet: nuget,
  PyPI: pep440,
  RubyGems: rubygems,
  Packagist: packagist,
  Maven: maven,
  Debian: debian,
  Ubuntu: debian,
  Alpine: alpine,
  Alpaquita: alpine,
  Wolfi: alpine,
  Chainguard: alpine,
  'Red Hat': redhat,
  'Rocky Linux': redhat,
  AlmaLinux: redhat,
  openSUSE: redhat,
  SUSE: redhat,
  Mageia: redhat,
  openEuler: redhat,
} satisfies Readonly<Record<string, unknown>>;

/** The scheme of an ecosystem, release or not; null for one whose order we do not know. */
export function schemeOf(ecosystem: string): Scheme | null {
  const colon = ecosystem.indexOf(':');
  const name = colon < 0 ? ecosystem : ecosystem.slice(0, colon);
  if (!Object.hasOwn(schemes, name)) return null;
  // What one scheme reads is only ever given back to the same scheme.
  return schemes[name as keyof typeof schemes] as unknown as Scheme;
}
