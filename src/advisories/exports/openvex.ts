import {
  actionFor,
  type ExportedItem,
  type ExportHead,
  jsonLines,
  openObject,
  purlsOf,
  standingOf,
} from './exported.ts';

const statuses = {
  affected: 'affected',
  notAffected: 'not_affected',
  fixed: 'fixed',
  underInvestigation: 'under_investigation',
} as const;

/**
 * Whether OpenVEX says anything of an item: not of one that lapsed, nor of a rule of a tool, which is no
 * vulnerability of a product that others could look up.
 */
export function isStated(item: ExportedItem): boolean {
  return standingOf(item) !== null && !item.isRule && item.names.length > 0;
}

/**
 * The backlog as OpenVEX 0.2 (openvex/spec): a statement an item, about packages of an asset. A document
 * has one statement or more: whoever asks for it looks beforehand whether there is any.
 */
export async function* openVex(
  { at, organisation, url }: ExportHead,
  items: AsyncIterable<ExportedItem>,
): AsyncGenerator<string> {
  const head = {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': `${url}/exports/openvex/${encodeURIComponent(at)}`,
    author: organisation,
    role: 'Document Creator',
    timestamp: at,
    version: 1,
    tooling: 'Kept',
  };
  yield openObject(head, 'statements');
  yield* jsonLines(statements(items, url));
  yield '\n]}\n';
}

async function* statements(
  items: AsyncIterable<ExportedItem>,
  url: string,
): AsyncGenerator<object> {
  for await (const item of items) {
    const standing = standingOf(item);
    const [name, ...aliases] = item.names;
    if (!isStated(item) || standing === null || name === undefined) continue;
    const subcomponents = purlsOf(item).map((purl) => ({ '@id': purl, identifiers: { purl } }));
    yield {
      '@id': `${url}/vulnerabilities/${item.id}`,
      vulnerability: {
        name,
        ...(item.summary === '' ? {} : { description: item.summary }),
        ...(aliases.length === 0 ? {} : { aliases: [...new Set(aliases)] }),
      },
      timestamp: item.closedAt ?? item.openedAt,
      products: [{ '@id': `${url}/systems/${encodeURIComponent(item.system.key)}`, subcomponents }],
      status: statuses[standing],
      ...(standing === 'affected' ? { action_statement: actionFor(item) } : {}),
      ...(standing === 'notAffected' ? reasonOf(item) : {}),
    };
  }
}

/** Either a justification or a sentence, never both. */
function reasonOf({ decision }: ExportedItem): object {
  return decision?.justification
    ? { justification: decision.justification, status_notes: decision.reason }
    : { impact_statement: decision?.reason || 'It is not affected.' };
}
