import { z } from 'zod';
import { newestVector, severityWord } from './named.ts';
import { Findings, type FindingsReport, type ReportedFinding } from './report.ts';
import { listOf, optionalText, shapedAs, text } from './shape.ts';

const named = z.object({ ecosystem: text, name: text });
const vectored = z.object({ vector_string: optionalText }).nullish();
const dependabotAlert = z.object({
  number: z.int(),
  state: text,
  dependency: z.object({ package: named.nullish(), manifest_path: optionalText }),
  security_advisory: z.object({
    ghsa_id: text,
    cve_id: optionalText,
    summary: optionalText,
    severity: optionalText,
    cvss: vectored,
    cvss_severities: z.object({ cvss_v4: vectored, cvss_v3: vectored }).nullish(),
    identifiers: listOf(z.object({ type: text, value: text })),
  }),
  security_vulnerability: z.object({
    package: named.nullish(),
    severity: optionalText,
    first_patched_version: z.object({ identifier: optionalText }).nullish(),
  }),
  dismissed_reason: optionalText,
});
type Alert = z.output<typeof dependabotAlert>;

const format = 'Dependabot alerts';

/** Ecosystems as GitHub names them, as OSV does. */
const ecosystems: Readonly<Record<string, string>> = {
  npm: 'npm',
  pip: 'PyPI',
  maven: 'Maven',
  nuget: 'NuGet',
  composer: 'Packagist',
  rubygems: 'RubyGems',
  go: 'Go',
  rust: 'crates.io',
  actions: 'GitHub Actions',
  pub: 'Pub',
  erlang: 'Hex',
  swift: 'SwiftURL',
};

/**
 * Alerts of Dependabot: a list as the REST API answers it, one alert, or the payload of the webhook
 * `dependabot_alert` (docs.github.com). A page of a list is not known to be all of it.
 *
 * @throws ReportFault
 */
export function readDependabot(document: unknown): FindingsReport {
  const alerts = Array.isArray(document)
    ? shapedAs(z.array(dependabotAlert), document, format)
    : [shapedAs(z.object({ alert: dependabotAlert }), document, format).alert];
  const found = new Findings(format);
  for (const alert of alerts) found.add(findingOf(alert));
  return found.report('dependabot', false);
}

function findingOf(alert: Alert) {
  const { security_advisory: about, security_vulnerability: said, dependency } = alert;
  const what = dependency.package ?? said.package ?? null;
  const word = what?.ecosystem.toLowerCase() ?? '';
  return {
    names: [about.ghsa_id, about.cve_id ?? '', ...about.identifiers.map(({ value }) => value)],
    isRule: false,
    package: what && {
      ecosystem: (Object.hasOwn(ecosystems, word) ? ecosystems[word] : undefined) ?? word,
      name: what.name,
      version: null,
    },
    place: dependency.manifest_path ?? null,
    summary: about.summary ?? '',
    vector: newestVector([
      about.cvss_severities?.cvss_v4?.vector_string,
      about.cvss_severities?.cvss_v3?.vector_string,
      about.cvss?.vector_string,
    ]),
    severity: severityWord(said.severity ?? about.severity),
    fixedIn: said.first_patched_version?.identifier ?? null,
    statement: statementOf(alert),
  };
}

/**
 * Reasons that say something about the software are statements; a lack of time, or a risk that
 * somebody bore on GitHub, is none: here it is there.
 */
function statementOf({ state, dismissed_reason: reason }: Alert): ReportedFinding['statement'] {
  if (state === 'fixed') return { kind: 'fixed', justification: null };
  if (state !== 'dismissed') return null;
  if (reason === 'not_used')
    return { kind: 'notAffected', justification: 'vulnerable_code_not_in_execute_path' };
  return reason === 'inaccurate' ? { kind: 'notAffected', justification: null } : null;
}
