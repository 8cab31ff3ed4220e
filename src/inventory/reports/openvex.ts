import { z } from 'zod';
import { packageOfPurl } from './named.ts';
import { Findings, type FindingsReport, justifications, type ReportedFinding } from './report.ts';
import { listOf, optionalText, shapedAs, text } from './shape.ts';

const identified = z.object({
  '@id': optionalText,
  identifiers: z.object({ purl: optionalText }).nullish(),
});
/** Before 0.2 products and vulnerabilities were their names alone. */
const subcomponent = z.union([
  text.transform((id) => ({ '@id': id, identifiers: null })),
  identified,
]);
const product = z.union([
  text.transform((id) => ({ '@id': id, identifiers: null, subcomponents: [] })),
  identified.extend({ subcomponents: listOf(subcomponent) }),
]);
const vulnerability = z.union([
  text.transform((name) => ({ '@id': null, name, description: null, aliases: [] as string[] })),
  z.object({
    '@id': optionalText,
    name: optionalText,
    description: optionalText,
    aliases: listOf(text),
  }),
]);
const statement = z.object({
  vulnerability,
  products: listOf(product),
  subcomponents: listOf(subcomponent),
  status: z.enum(['not_affected', 'affected', 'fixed', 'under_investigation']),
  justification: optionalText,
  timestamp: optionalText,
});
type Statement = z.output<typeof statement>;
const vex = z.object({
  '@context': text.regex(/^https:\/\/openvex\.dev\/ns/, 'is no context of OpenVEX'),
  author: optionalText,
  tooling: optionalText,
  statements: z.array(statement),
});

/**
 * OpenVEX, 0.2 and the forms before it (openvex/spec). A statement is about a part of a product, or the
 * product itself; it never tells of everything, so nothing is gone that it leaves out.
 *
 * @throws ReportFault
 */
export function readOpenVex(document: unknown): FindingsReport {
  const read = shapedAs(vex, document, 'OpenVEX');
  const found = new Findings(`OpenVEX ${/\/(v[\d.]+)/.exec(read['@context'])?.[1] ?? ''}`.trim());
  for (const one of newestLast(read.statements)) {
    const { name, aliases, description } = one.vulnerability;
    const id = name ?? /[^/]+$/.exec(one.vulnerability['@id'] ?? '')?.[0] ?? '';
    const about = one.products.flatMap(({ subcomponents, ...whole }) =>
      subcomponents.length > 0 ? subcomponents : [whole],
    );
    const parts = one.subcomponents.length > 0 ? one.subcomponents : about;
    if (parts.length === 0) found.note(`the statement about ${id} names no product`);
    for (const part of parts) {
      found.add({
        names: [id, ...aliases],
        isRule: false,
        ...placeOf(part),
        summary: description ?? '',
        statement: statementOf(one),
      });
    }
  }
  const author = /<?([\w.-]+@[\w.-]+)>?/.test(read.author ?? '') ? null : read.author;
  return found.report(`openvex ${author ?? read.tooling ?? ''}`.trim(), false);
}

/** Later statements about the same override earlier ones ("Updating VEX Documents"). */
function newestLast(statements: readonly Statement[]): readonly Statement[] {
  const last = new Map<string, Statement>();
  const at = (one: Statement) => one.timestamp ?? '';
  for (const one of statements) {
    const key = JSON.stringify([one.vulnerability, one.products, one.subcomponents]);
    const known = last.get(key);
    if (!known || at(known) <= at(one)) last.set(key, one);
  }
  return [...last.values()];
}

function placeOf(part: z.output<typeof identified>): Pick<ReportedFinding, 'package' | 'place'> {
  const id = part['@id'] ?? null;
  const named = packageOfPurl(part.identifiers?.purl) ?? packageOfPurl(id);
  return { package: named, place: named ? null : id };
}

function statementOf({ status, justification }: Statement): ReportedFinding['statement'] {
  const known = justifications.find((one) => one === justification) ?? null;
  switch (status) {
    case 'not_affected':
      return { kind: 'notAffected', justification: known };
    case 'fixed':
      return { kind: 'fixed', justification: null };
    case 'under_investigation':
      return { kind: 'underInvestigation', justification: null };
    default:
      return null;
  }
}
