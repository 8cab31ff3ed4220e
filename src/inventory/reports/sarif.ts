import { z } from 'zod';
import {
  isPublishedName,
  packageOfPurl,
  publishedNamesIn,
  severityOfScore,
  severityWord,
} from './named.ts';
import { Findings, type FindingsReport, type Found, slugOf } from './report.ts';
import { listOf, optionalText, shapedAs, text } from './shape.ts';

const bag = z.record(z.string(), z.unknown()).nullish();
const message = z
  .object({ text: optionalText, markdown: optionalText, id: optionalText })
  .nullish();
const index = z.int().nullish();
const rule = z.object({
  id: text,
  name: optionalText,
  shortDescription: message,
  fullDescription: message,
  defaultConfiguration: z.object({ level: optionalText }).nullish(),
  properties: bag,
});
type Rule = z.output<typeof rule>;
const toolComponent = z.object({ name: text, rules: listOf(rule) });
const location = z.object({
  physicalLocation: z
    .object({
      artifactLocation: z.object({ uri: optionalText, index }).nullish(),
      region: z.object({ startLine: index }).nullish(),
    })
    .nullish(),
  logicalLocations: listOf(z.object({ fullyQualifiedName: optionalText, name: optionalText })),
});
const result = z.object({
  ruleId: optionalText,
  ruleIndex: index,
  rule: z
    .object({ id: optionalText, index, toolComponent: z.object({ index }).nullish() })
    .nullish(),
  kind: optionalText,
  level: optionalText,
  message,
  locations: listOf(location),
  suppressions: listOf(z.object({ status: optionalText })),
  baselineState: optionalText,
  properties: bag,
});
type Result = z.output<typeof result>;
const run = z.object({
  tool: z.object({ driver: toolComponent, extensions: listOf(toolComponent) }),
  artifacts: listOf(z.object({ location: z.object({ uri: optionalText }).nullish() })),
  results: listOf(result),
  invocations: listOf(z.object({ executionSuccessful: z.boolean().nullish() })),
});
type Run = z.output<typeof run>;
const log = z.object({ version: z.literal('2.1.0'), runs: z.array(run) });

const format = 'SARIF 2.1.0';

/**
 * SARIF 2.1.0 (OASIS). A rule that carries the name of a published vulnerability is that
 * vulnerability; every other is a rule of its tool.
 *
 * @throws ReportFault
 */
export function readSarif(document: unknown): FindingsReport {
  const { runs } = shapedAs(log, document, format);
  const found = new Findings(format);
  for (const one of runs) {
    const rules = new Map(one.tool.driver.rules.map((known) => [known.id, known]));
    for (const extension of one.tool.extensions)
      for (const known of extension.rules) if (!rules.has(known.id)) rules.set(known.id, known);
    let suppressed = 0;
    for (const entry of one.results) {
      if (!isProblem(entry)) continue;
      suppressed += entry.suppressions.length > 0 ? 1 : 0;
      const finding = findingOf(entry, one, rules);
      if (finding) found.add(finding);
      else found.note(`a result of ${one.tool.driver.name} names no rule`);
    }
    if (suppressed > 0)
      found.note(
        `${suppressed} results are suppressed in ${one.tool.driver.name}: here they are not`,
      );
  }
  const tools = new Set(runs.map(({ tool }) => slugOf(tool.driver.name)).filter(Boolean));
  const failed = runs.some(({ invocations }) =>
    invocations.some(({ executionSuccessful }) => executionSuccessful === false),
  );
  if (failed) found.note('the tool did not run to its end: what is missing is not taken as gone');
  return found.report([...tools].sort().join('-') || 'sarif', runs.length > 0 && !failed);
}

/** Results may also say that all is well (3.27.9), or that something is there no more (3.27.24). */
function isProblem({ kind, level, baselineState }: Result): boolean {
  if (baselineState === 'absent' || level === 'none') return false;
  return kind === null || kind === undefined || ['fail', 'open', 'review'].includes(kind);
}

function findingOf(entry: Result, one: Run, rules: ReadonlyMap<string, Rule>): Found | null {
  const known = ruleOf(entry, one, rules);
  const id = entry.ruleId ?? entry.rule?.id ?? known?.id ?? '';
  if (id === '') return null;
  const properties = { ...known?.properties, ...entry.properties };
  const names = namesOf(id, known);
  const isRule = names.length === 0;
  const [title] = [known?.shortDescription?.text, known?.fullDescription?.text].filter(Boolean);
  const said = entry.message?.text ?? '';
  return {
    names: isRule ? [`${slugOf(one.tool.driver.name) || 'sarif'}/${id}`] : names,
    isRule,
    package: packageOfPurl(wordOf(properties['purl'])) ?? null,
    place: placeOf(entry, one),
    summary: (isRule ? (title ?? said) : title) || said || (known?.name ?? ''),
    vector:
      wordOf(properties['cvssV4_vector']) ??
      wordOf(properties['cvssV3_vector']) ??
      wordOf(properties['vector']),
    severity:
      severityOfScore(wordOf(properties['security-severity'])) ??
      severityWord(entry.level ?? known?.defaultConfiguration?.level ?? 'warning'),
    fixedIn: wordOf(properties['fixedIn']) ?? fixedVersionIn(said),
  };
}

/** By reference, by index, or by its id, of which a part behind a slash may say more (3.27.5). */
function ruleOf(entry: Result, one: Run, rules: ReadonlyMap<string, Rule>): Rule | undefined {
  const part = entry.rule?.toolComponent?.index;
  const of = typeof part === 'number' && part >= 0 ? one.tool.extensions[part] : one.tool.driver;
  const at = entry.rule?.index ?? entry.ruleIndex ?? -1;
  const placed = at >= 0 ? of?.rules[at] : undefined;
  if (placed) return placed;
  const id = entry.ruleId ?? entry.rule?.id ?? '';
  return rules.get(id) ?? rules.get(id.slice(0, Math.max(0, id.lastIndexOf('/'))));
}

/** Scanners of packages put the name alone, or with the package behind it, and aliases among the tags. */
function namesOf(id: string, known: Rule | undefined): readonly string[] {
  const [first] = publishedNamesIn(id);
  if (first === undefined || !id.startsWith(first)) return [];
  const tags = known?.properties?.['tags'];
  const aliases = (Array.isArray(tags) ? tags : []).filter(
    (tag): tag is string => typeof tag === 'string' && isPublishedName(tag),
  );
  return [first, ...aliases];
}

function placeOf({ locations }: Result, one: Run): string | null {
  const [first] = locations;
  const physical = first?.physicalLocation;
  const at = physical?.artifactLocation;
  const uri =
    at?.uri ?? (typeof at?.index === 'number' ? one.artifacts[at.index]?.location?.uri : null);
  if (!uri) return first?.logicalLocations[0]?.fullyQualifiedName ?? null;
  const line = physical?.region?.startLine;
  const place = /^https?:/i.test(uri) ? uri : pathOf(uri);
  return typeof line === 'number' ? `${place}:${line}` : place;
}

/** The path of a file as people write it; as it stands where it cannot be decoded. */
function pathOf(uri: string): string {
  try {
    return decodeURI(uri);
  } catch {
    return uri;
  }
}

function fixedVersionIn(said: string): string | null {
  return /^Fixed Version: (\S+)/m.exec(said)?.[1]?.replace(/,$/, '') ?? null;
}

function wordOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}
