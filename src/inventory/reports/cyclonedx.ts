import { z } from 'zod';
import { newestVector, packageOfPurl, severityOfScore, severityWord } from './named.ts';
import {
  Findings,
  type FindingsReport,
  type Justification,
  type ReportedFinding,
} from './report.ts';
import { listOf, optionalText, shapedAs, text } from './shape.ts';

const rating = z.object({
  score: z.number().nullish(),
  severity: optionalText,
  vector: optionalText,
});
const affected = z.object({
  ref: text,
  versions: listOf(z.object({ version: optionalText, range: optionalText, status: optionalText })),
});
type Affected = z.output<typeof affected>;
const vulnerability = z.object({
  id: optionalText,
  references: listOf(z.object({ id: optionalText })),
  ratings: listOf(rating),
  description: optionalText,
  detail: optionalText,
  recommendation: optionalText,
  analysis: z.object({ state: optionalText, justification: optionalText }).nullish(),
  affects: listOf(affected),
});
type Vulnerability = z.output<typeof vulnerability>;
interface Component {
  readonly 'bom-ref'?: string | null | undefined;
  readonly group?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly version?: string | null | undefined;
  readonly purl?: string | null | undefined;
  readonly components?: unknown;
}
const component = z.object({
  'bom-ref': optionalText,
  group: optionalText,
  name: optionalText,
  version: optionalText,
  purl: optionalText,
  components: z.unknown().optional(),
});
const bill = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: text,
  metadata: z
    .object({
      tools: z.unknown().optional(),
      component: z.unknown().optional(),
      timestamp: z.unknown().optional(),
    })
    .nullish(),
  components: listOf(component),
  vulnerabilities: z.array(
    vulnerability,
    'a report has a list of vulnerabilities; an inventory has none',
  ),
});

/** CycloneDX tells more ways apart than VEX does. */
const justifications: Readonly<Record<string, Justification>> = {
  code_not_present: 'vulnerable_code_not_present',
  code_not_reachable: 'vulnerable_code_not_in_execute_path',
  requires_configuration: 'vulnerable_code_cannot_be_controlled_by_adversary',
  requires_dependency: 'component_not_present',
  requires_environment: 'vulnerable_code_cannot_be_controlled_by_adversary',
  protected_by_compiler: 'inline_mitigations_already_exist',
  protected_at_runtime: 'inline_mitigations_already_exist',
  protected_at_perimeter: 'inline_mitigations_already_exist',
  protected_by_mitigating_control: 'inline_mitigations_already_exist',
};

/**
 * Vulnerabilities of a CycloneDX bill of materials (ECMA-424): with components a disclosure
 * report (VDR), which is all that its maker knows; without them an exploitability exchange (VEX).
 *
 * @throws ReportFault
 */
export function readCycloneDxFindings(document: unknown): FindingsReport {
  const read = shapedAs(bill, document, 'CycloneDX');
  const format = `CycloneDX ${read.specVersion.slice(0, 10)}`;
  const found = new Findings(format);
  const packages = packagesOf([read.metadata?.component, ...read.components]);
  for (const one of read.vulnerabilities) {
    const names = [one.id, ...one.references.map(({ id }) => id)].filter((name) => !!name);
    const known = {
      names: names as string[],
      isRule: false,
      summary: one.description ?? one.detail ?? '',
      ...rated(one),
      statement: statementOf(one),
      fixedIn: fixOf(one),
    };
    const about = one.affects.flatMap((affects) => packagesAffected(affects, packages));
    if (one.affects.length === 0) found.add({ ...known, package: null });
    for (const place of about) found.add({ ...known, ...place });
  }
  return found.report(makerOf(read.metadata?.tools), read.components.length > 0);
}

type Place = Pick<ReportedFinding, 'package' | 'place'>;

function packagesOf(components: readonly unknown[]): ReadonlyMap<string, Place['package']> {
  const packages = new Map<string, Place['package']>();
  const waiting = [...components];
  while (waiting.length > 0) {
    const read = component.safeParse(waiting.pop());
    if (!read.success) continue;
    const one: Component = read.data;
    const ref = one['bom-ref'];
    if (ref && !packages.has(ref)) packages.set(ref, packageOfComponent(one));
    if (Array.isArray(one.components)) waiting.push(...one.components.slice(0, 100_000));
  }
  return packages;
}

function packageOfComponent({ purl, group, name, version }: Component): Place['package'] {
  const named = packageOfPurl(purl);
  if (named) return { ...named, version: named.version ?? version ?? null };
  if (!name) return null;
  return {
    ecosystem: 'unknown',
    name: group ? `${group}/${name}` : name,
    version: version ?? null,
  };
}

/** A reference within the bill, a link into another (`urn:cdx:…#ref`), or a package URL itself. */
function packagesAffected(
  { ref, versions }: Affected,
  packages: ReadonlyMap<string, Place['package']>,
): readonly Place[] {
  const link = /^urn:cdx:[^#]+#(.+)$/.exec(ref)?.[1];
  const behind = link === undefined ? ref : decoded(link);
  const named = packages.get(ref) ?? packages.get(behind) ?? packageOfPurl(behind);
  if (!named) return [{ package: null, place: behind }];
  const hit = versions.filter(
    ({ status, version }) => version && (status ?? 'affected') === 'affected',
  );
  if (named.version !== null || hit.length === 0) return [{ package: named, place: null }];
  return hit.map(({ version }) => ({
    package: { ...named, version: version ?? null },
    place: null,
  }));
}

function decoded(link: string): string {
  try {
    return decodeURIComponent(link);
  } catch {
    return link;
  }
}

function rated({ ratings }: Vulnerability): Pick<ReportedFinding, 'vector' | 'severity'> {
  const [first] = ratings;
  return {
    vector: newestVector(ratings.map(({ vector }) => vector)),
    severity: severityWord(first?.severity) ?? severityOfScore(first?.score),
  };
}

/** What the maker says of it (ECMA-424, "vulnerabilities[].analysis.state"). */
function statementOf({ analysis }: Vulnerability): ReportedFinding['statement'] {
  switch (analysis?.state) {
    case 'not_affected':
    case 'false_positive': {
      const word = analysis.justification ?? '';
      const known = Object.hasOwn(justifications, word) ? justifications[word] : undefined;
      return { kind: 'notAffected', justification: known ?? null };
    }
    case 'resolved':
    case 'resolved_with_pedigree':
      return { kind: 'fixed', justification: null };
    case 'in_triage':
      return { kind: 'underInvestigation', justification: null };
    default:
      return null;
  }
}

function fixOf({ affects, recommendation }: Vulnerability): string | null {
  const unaffected = affects
    .flatMap(({ versions }) => versions)
    .find(({ status, version }) => status === 'unaffected' && version);
  return unaffected?.version ?? /^Upgrade to (\S+)$/.exec(recommendation ?? '')?.[1] ?? null;
}

/** Tools are a list until 1.4, and `{components}` since. */
function makerOf(tools: unknown): string {
  const listed = Array.isArray(tools)
    ? tools
    : z.object({ components: z.array(z.unknown()) }).safeParse(tools).data?.components;
  const named = z.object({ name: text }).safeParse(listed?.[0]);
  return named.success ? named.data.name : 'cyclonedx';
}
