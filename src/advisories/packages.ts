/** Ecosystem without its release: `Debian` of `Debian:12`. */
export function familyOf(ecosystem: string): string {
  const colon = ecosystem.indexOf(':');
  return colon < 0 ? ecosystem : ecosystem.slice(0, colon);
}

/**
 * Name by which a package is looked up: as its ecosystem tells names apart. PyPI knows no capitals
 * and takes `-`, `_` and `.` for one (PEP 503); NuGet and Packagist know no capitals.
 */
export function packageKey(ecosystem: string, name: string): string {
  const family = familyOf(ecosystem);
  return `${family}/${plainName(family, name)}`;
}

function plainName(family: string, name: string): string {
  switch (family) {
    case 'PyPI':
      return name.toLowerCase().replace(/[-_.]+/g, '-');
    case 'NuGet':
    case 'Packagist':
    case 'Hex':
    case 'Pub':
      return name.toLowerCase();
    default:
      return name;
  }
}

/**
 * Whether what is told of one ecosystem counts for what is asked of another of the same family:
 * `Debian` says nothing of the release and is met by every one; `Debian:12` only by itself.
 */
export function sameRelease(asked: string, told: string): boolean {
  return asked === told || asked === familyOf(asked) || told === familyOf(told);
}

/** Types of package URLs by the ecosystem whose packages they name (PURL-TYPES). */
const purlTypes: ReadonlyMap<string, string> = new Map([
  ['npm', 'npm'],
  ['PyPI', 'pypi'],
  ['Go', 'golang'],
  ['crates.io', 'cargo'],
  ['RubyGems', 'gem'],
  ['Packagist', 'composer'],
  ['Maven', 'maven'],
  ['NuGet', 'nuget'],
  ['Hex', 'hex'],
  ['Pub', 'pub'],
  ['SwiftURL', 'swift'],
  ['GitHub Actions', 'githubactions'],
  ['Hackage', 'hackage'],
  ['CRAN', 'cran'],
  ['ConanCenter', 'conan'],
]);
const ecosystems: ReadonlyMap<string, string> = new Map(
  [...purlTypes].map(([ecosystem, type]) => [type, ecosystem]),
);

/** Type of the package URLs of an ecosystem, a distribution aside; null where it has none. */
export function purlTypeOf(family: string): string | null {
  return purlTypes.get(family) ?? null;
}

/** Ecosystem whose packages a type of package URL names; null where it is none of one ecosystem. */
export function ecosystemOf(purlType: string): string | null {
  return ecosystems.get(purlType) ?? null;
}
