import { z } from 'zod';
import { isPublishedName, severityWord } from './named.ts';
import { Findings, type FindingsReport, type ReportedFinding, slugOf } from './report.ts';
import { optionalText, shapedAs, text } from './shape.ts';

const instance = z.object({
  state: optionalText,
  location: z.object({ path: optionalText, start_line: z.int().nullish() }).nullish(),
  message: z.object({ text: optionalText }).nullish(),
});
const codeAlert = z.object({
  number: z.int(),
  state: optionalText,
  rule: z.object({
    id: text,
    name: optionalText,
    severity: optionalText,
    security_severity_level: optionalText,
    description: optionalText,
  }),
  tool: z.object({ name: optionalText }),
  most_recent_instance: instance.nullish(),
  dismissed_reason: optionalText,
});
type Alert = z.output<typeof codeAlert>;

const format = 'GitHub code scanning alerts';

/**
 * Alerts of GitHub code scanning: a list as the REST API answers it, or the payload of the webhook
 * `code_scanning_alert` (docs.github.com). A page of a list is not known to be all of it.
 *
 * @throws ReportFault
 */
export function readCodeScanning(document: unknown): FindingsReport {
  const alerts = Array.isArray(document)
    ? shapedAs(z.array(codeAlert), document, format)
    : [shapedAs(z.object({ alert: codeAlert }), document, format).alert];
  const found = new Findings(format);
  for (const alert of alerts) found.add(findingOf(alert));
  return found.report('github-code-scanning', false);
}

function findingOf(alert: Alert) {
  const { rule, tool, most_recent_instance: seen } = alert;
  const isRule = !isPublishedName(rule.id);
  const path = seen?.location?.path ?? null;
  const line = seen?.location?.start_line;
  return {
    names: [isRule ? `${slugOf(tool.name ?? '') || 'code-scanning'}/${rule.id}` : rule.id],
    isRule,
    place: path && line ? `${path}:${line}` : path,
    summary: rule.description || seen?.message?.text || rule.name || '',
    severity: severityWord(rule.security_severity_level ?? rule.severity),
    statement: statementOf(alert),
  };
}

function statementOf({ state, dismissed_reason: reason }: Alert): ReportedFinding['statement'] {
  if (state === 'fixed') return { kind: 'fixed', justification: null };
  if (state !== 'dismissed') return null;
  return reason === 'false positive' ? { kind: 'notAffected', justification: null } : null;
}
