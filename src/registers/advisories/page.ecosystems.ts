/** Ecosystems of the OSV bucket that are offered; any other may be typed. */
export const offeredEcosystems: readonly string[] = [
  'npm',
  'PyPI',
  'Go',
  'Maven',
  'NuGet',
  'RubyGems',
  'crates.io',
  'Packagist',
  'Hex',
  'Pub',
  'Debian',
  'Ubuntu',
  'Alpine',
  'Red Hat',
  'GitHub Actions',
];
