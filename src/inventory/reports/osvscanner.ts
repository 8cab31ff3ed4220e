import { z } from 'zod';
import { readAffected } from '../../advisories/affected.ts';
import { type OsvAdvisory, osvAdvisory } from '../../advisories/osv.ts';
import { packageKey } from '../../advisories/packages.ts';
import { ratingOf } from '../../advisories/severity.ts';
import { Findings, type FindingsReport } from './report.ts';
import { listOf, optionalText, shapedAs, text } from './shape.ts';

const scanned = z.object({
  results: listOf(
    z.object({
      source: z.object({ path: optionalText, type: optionalText }).nullish(),
      packages: listOf(
        z.object({
          package: z.object({
            name: text,
            version: optionalText,
            ecosystem: optionalText,
            commit: optionalText,
          }),
          vulnerabilities: listOf(z.object({ id: text, aliases: listOf(text) }).loose()),
          groups: listOf(z.object({ ids: listOf(text), aliases: listOf(text) })),
        }),
      ),
    }),
  ),
});
type Scanned = z.output<typeof scanned>['results'][number]['packages'][number];

const format = 'OSV-Scanner JSON';

/**
 * What osv-scanner prints with `--format json` (google.github.io/osv-scanner, "Output"): every package
 * that advisories affect, with the advisories whole and the groups that name one vulnerability.
 *
 * @throws ReportFault
 */
export function readOsvScanner(document: unknown): FindingsReport {
  const { results } = shapedAs(scanned, document, format);
  const found = new Findings(format);
  for (const { source, packages } of results) {
    for (const one of packages) addPackage(found, one, source?.path ?? null);
  }
  return found.report('osv-scanner', true);
}

function addPackage(found: Findings, one: Scanned, place: string | null): void {
  const { name, version, ecosystem, commit } = one.package;
  if (name === '' && commit) found.note(`commit ${commit} belongs to no package`);
  const grouped = new Set<string>();
  for (const { id, aliases, ...rest } of one.vulnerabilities) {
    if (grouped.has(id)) continue;
    const group = one.groups.find(({ ids }) => ids.includes(id));
    for (const other of group?.ids ?? []) grouped.add(other);
    const advisory = osvAdvisory.safeParse({ id, aliases, ...rest });
    if (!advisory.success) found.note(`${id}: its advisory cannot be read, only its name counts`);
    const said = advisory.success ? advisory.data : null;
    const rating = said ? ratingOf(said) : null;
    found.add({
      names: [id, ...(group?.ids ?? []), ...(group?.aliases ?? []), ...aliases],
      isRule: false,
      package: { ecosystem: ecosystem ?? '', name, version: version || null },
      place,
      summary: said?.summary ?? said?.details ?? '',
      vector: rating?.vector ?? null,
      severity: rating && rating.severity !== 'unknown' ? rating.severity : null,
      fixedIn: said && version ? fixFor(said, ecosystem ?? '', name, version) : null,
    });
  }
}

function fixFor(
  said: OsvAdvisory,
  ecosystem: string,
  name: string,
  version: string,
): string | null {
  const key = packageKey(ecosystem, name);
  for (const affected of said.affected ?? []) {
    const about = affected.package;
    if (!about || packageKey(about.ecosystem, about.name) !== key) continue;
    const fix = readAffected(affected).nextFix(version);
    if (fix !== null) return fix;
  }
  return null;
}
