import { ecosystemOf } from '../advisories/packages.ts';
import { type Purl, PurlFault, parsePurl } from '../advisories/purl.ts';

/** A package as OSV names it. */
export interface NamedPackage {
  /** With its release where advisories have one: `Debian:12`. Null where no advisories tell of it. */
  readonly ecosystem: string | null;
  readonly name: string;
  readonly version: string | null;
}

/** Distributions by the namespace of their packages, with how a release is written behind the name. */
const distributions: Readonly<Record<string, { name: string; release: RegExp; prefix: string }>> = {
  'deb/debian': { name: 'Debian', release: /(\d+)/, prefix: '' },
  'deb/ubuntu': { name: 'Ubuntu', release: /(\d+\.\d+)/, prefix: '' },
  'apk/alpine': { name: 'Alpine', release: /(\d+\.\d+)/, prefix: 'v' },
  'apk/wolfi': { name: 'Wolfi', release: /$^/, prefix: '' },
  'apk/chainguard': { name: 'Chainguard', release: /$^/, prefix: '' },
  'rpm/redhat': { name: 'Red Hat', release: /$^/, prefix: '' },
  'rpm/rocky': { name: 'Rocky Linux', release: /(\d+)/, prefix: '' },
  'rpm/almalinux': { name: 'AlmaLinux', release: /(\d+)/, prefix: '' },
  'rpm/opensuse': { name: 'openSUSE', release: /$^/, prefix: '' },
  'rpm/suse': { name: 'SUSE', release: /$^/, prefix: '' },
};

/** What advisories call the package that a package URL names; null where the text is no package URL. */
export function packageOf(purl: string): NamedPackage | null {
  try {
    return named(parsePurl(purl));
  } catch (error) {
    if (error instanceof PurlFault) return null;
    throw error;
  }
}

function named({ type, namespace, name, version, qualifiers }: Purl): NamedPackage {
  const distribution = distributions[`${type}/${namespace ?? ''}`];
  if (distribution) {
    const release = distribution.release.exec(qualifiers?.['distro'] ?? '')?.[1];
    const epoch = qualifiers?.['epoch'];
    return {
      ecosystem: release
        ? `${distribution.name}:${distribution.prefix}${release}`
        : distribution.name,
      // Advisories of distributions are about source packages.
      name: sourceOf(qualifiers) ?? name,
      version: version !== null && epoch ? `${epoch}:${version}` : version,
    };
  }
  const ecosystem = ecosystemOf(type);
  const joint = type === 'maven' ? ':' : '/';
  return { ecosystem, name: namespace ? `${namespace}${joint}${name}` : name, version };
}

/** `upstream=openssl` or `upstream=openssl@3.0.0`, as Syft and Trivy write it. */
function sourceOf(qualifiers: Purl['qualifiers']): string | null {
  return qualifiers?.['upstream']?.split('@')[0] ?? null;
}
