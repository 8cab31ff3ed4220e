import { actionFor, type ExportedItem, type ExportHead, jsonLines, purlsOf } from './exported.ts';

const levels = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  none: 'note',
  unrated: 'warning',
} as const;

/**
 * The backlog as SARIF 2.1.0 (OASIS): each item that is not closed by proof a result, what was decided a
 * suppression with its reason. Written as items come; the rules stand behind the results.
 */
export async function* sarif(
  { url }: ExportHead,
  items: AsyncIterable<ExportedItem>,
): AsyncGenerator<string> {
  const rules = new Map<string, object>();
  yield '{"$schema":"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",';
  yield '"version":"2.1.0","runs":[{"columnKind":"utf16CodeUnits","results":[';
  yield* jsonLines(results(items, rules, url));
  const driver = { name: 'Kept', rules: [...rules.values()] };
  yield `\n],"tool":${JSON.stringify({ driver })}}]}\n`;
}

async function* results(
  items: AsyncIterable<ExportedItem>,
  rules: Map<string, object>,
  url: string,
): AsyncGenerator<object> {
  for await (const item of items) {
    if (item.state === 'fixed' || item.state === 'lapsed') continue;
    const ruleId = item.names[0] ?? item.label;
    if (!rules.has(ruleId)) rules.set(ruleId, ruleOf(ruleId, item));
    yield resultOf(ruleId, item, url);
  }
}

function ruleOf(id: string, { summary, names, isRule, score, class: worst }: ExportedItem): object {
  return {
    id,
    shortDescription: { text: summary === '' ? id : summary },
    ...(isRule ? {} : { helpUri: `https://osv.dev/vulnerability/${encodeURIComponent(id)}` }),
    defaultConfiguration: { level: levels[worst] },
    properties: {
      tags: ['security', ...(isRule ? [] : ['vulnerability']), ...names.slice(1)],
      ...(score === null ? {} : { 'security-severity': score.toFixed(1) }),
    },
  };
}

function resultOf(ruleId: string, item: ExportedItem, url: string): object {
  const purls = purlsOf(item);
  const about =
    item.package === null ? item.system.name : `${item.package.name} in ${item.system.name}`;
  return {
    ruleId,
    kind: 'fail',
    level: levels[item.class],
    message: { text: `${item.label}: ${about} is affected by ${ruleId}. ${actionFor(item)}` },
    locations: item.package === null ? item.versions.slice(0, 10).map(placeOf) : [],
    ...(item.package === null
      ? {}
      : {
          relatedLocations: purls.map((purl) => ({
            logicalLocations: [
              { fullyQualifiedName: `${item.system.key}/${purl}`, name: purl, kind: 'package' },
            ],
          })),
        }),
    hostedViewerUri: `${url}/vulnerabilities/${item.id}`,
    partialFingerprints: { 'kept/v1': item.id },
    suppressions: suppressionsOf(item),
    properties: {
      ...(purls[0] === undefined ? {} : { purl: purls[0] }),
      ...(item.fixVersion === null ? {} : { fixedIn: item.fixVersion }),
      ...(item.vector === null ? {} : { vector: item.vector }),
      system: item.system.key,
      due: item.dueAt,
      exploited: item.exploited,
    },
  };
}

/** `src/orders.js:42` is a line of a file; what is an address stays one. */
function placeOf(place: string): object {
  const line = /^(.*):(\d{1,9})$/.exec(place);
  const uri = line && !/^https?:\/\/[^/]*$/.test(line[1] ?? '') ? (line[1] ?? place) : place;
  const startLine = uri === place ? 0 : Number(line?.[2]);
  return {
    physicalLocation: {
      artifactLocation: { uri: addressOf(uri) },
      ...(startLine > 0 ? { region: { startLine } } : {}),
    },
  };
}

/** An address stays as it is; the path of a file is encoded as one (RFC 3986). */
function addressOf(place: string): string {
  return URL.canParse(place) && /^https?:/i.test(place)
    ? new URL(place).href
    : encodeURI(place.toWellFormed());
}

function suppressionsOf({ decision, state }: ExportedItem): readonly object[] {
  if (!decision || (state !== 'accepted' && state !== 'notAffected')) return [];
  return [{ kind: 'external', status: 'accepted', justification: decision.reason }];
}
