import {
  actionFor,
  type ExportedItem,
  type ExportHead,
  jsonLines,
  openObject,
  purlsOf,
  standingOf,
} from './exported.ts';

/** Where VEX and CycloneDX name the reasons why something is not affected otherwise. */
const justifications: Readonly<Record<string, string>> = {
  component_not_present: 'requires_dependency',
  vulnerable_code_not_present: 'code_not_present',
  vulnerable_code_not_in_execute_path: 'code_not_reachable',
  vulnerable_code_cannot_be_controlled_by_adversary: 'requires_environment',
  inline_mitigations_already_exist: 'protected_by_mitigating_control',
};

const states = {
  affected: 'exploitable',
  notAffected: 'not_affected',
  fixed: 'resolved',
  underInvestigation: 'in_triage',
} as const;

/**
 * The backlog as CycloneDX 1.6 in JSON (ECMA-424): each item a vulnerability with its analysis, each
 * asset an application with the packages that items speak of. Written as items come; what they speak
 * of stands behind them. Rules of tools are left out: no package of others has them.
 */
export async function* cycloneDxVex(
  { at, organisation }: ExportHead,
  items: AsyncIterable<ExportedItem>,
): AsyncGenerator<string> {
  const assets = new Assets();
  const head = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: at,
      tools: { components: [{ type: 'application', name: 'Kept' }] },
      manufacturer: { name: organisation },
    },
  };
  yield openObject(head, 'vulnerabilities');
  yield* jsonLines(vulnerabilities(items, assets));
  yield `\n],"components":${JSON.stringify(assets.components())}}\n`;
}

async function* vulnerabilities(
  items: AsyncIterable<ExportedItem>,
  assets: Assets,
): AsyncGenerator<object> {
  for await (const item of items) {
    const standing = standingOf(item);
    if (standing !== null && !item.isRule) yield vulnerability(item, standing, assets.refsOf(item));
  }
}

function vulnerability(
  item: ExportedItem,
  standing: keyof typeof states,
  refs: readonly string[],
): object {
  const [name = item.label, ...aliases] = item.names;
  const score = item.score === null ? {} : { score: item.score };
  const severity = item.class === 'unrated' ? 'unknown' : item.class;
  return {
    'bom-ref': item.id,
    id: name,
    ...(aliases.length === 0
      ? {}
      : {
          references: aliases.map((alias) => ({ id: alias, source: { name: publisherOf(alias) } })),
        }),
    ratings: [{ ...score, severity, ...methodOf(item.vector) }],
    ...(item.summary === '' ? {} : { description: item.summary }),
    ...(item.fixVersion === null ? {} : { recommendation: `Upgrade to ${item.fixVersion}` }),
    created: item.openedAt,
    analysis: analysisOf(item, standing),
    affects: refs.map((ref) => ({ ref })),
    properties: [
      { name: 'kept:item', value: item.label },
      { name: 'kept:due', value: item.dueAt },
      ...(item.exploited ? [{ name: 'kept:exploited', value: 'true' }] : []),
    ],
  };
}

function analysisOf(item: ExportedItem, standing: keyof typeof states): object {
  const { decision, state, fixVersion } = item;
  const justification = decision?.justification
    ? justifications[decision.justification]
    : undefined;
  const response =
    state === 'accepted' ? ['will_not_fix'] : fixVersion === null ? ['can_not_fix'] : ['update'];
  return {
    state: states[standing],
    ...(standing === 'notAffected' && justification ? { justification } : {}),
    ...(standing === 'affected' ? { response } : {}),
    detail: standing === 'affected' ? actionFor(item) : (decision?.reason ?? ''),
    firstIssued: item.openedAt,
  };
}

function methodOf(vector: string | null): object {
  if (vector === null) return {};
  const method = /^CVSS:4/.test(vector)
    ? 'CVSSv4'
    : /^CVSS:3\.1/.test(vector)
      ? 'CVSSv31'
      : /^CVSS:3/.test(vector)
        ? 'CVSSv3'
        : 'CVSSv2';
  return { method, vector };
}

function publisherOf(name: string): string {
  if (name.startsWith('CVE-')) return 'NVD';
  return name.startsWith('GHSA-') ? 'GitHub Advisories' : 'OSV';
}

/** Assets that items speak of, and what of each they speak of. */
class Assets {
  readonly #assets = new Map<string, { name: string; purls: Map<string, ExportedItem> }>();

  /** References to what an item is about: packages within its asset, or the asset itself. */
  refsOf(item: ExportedItem): readonly string[] {
    const { key, name } = item.system;
    const asset = this.#assets.get(key) ?? { name, purls: new Map<string, ExportedItem>() };
    this.#assets.set(key, asset);
    const purls = purlsOf(item);
    for (const purl of purls) asset.purls.set(purl, item);
    return purls.length === 0 ? [`asset/${key}`] : purls.map((purl) => `asset/${key}#${purl}`);
  }

  components(): readonly object[] {
    return [...this.#assets].map(([key, { name, purls }]) => ({
      type: 'application',
      'bom-ref': `asset/${key}`,
      name,
      components: [...purls].map(([purl, item]) => {
        const version = /@([^?#]+)/.exec(purl.slice(purl.lastIndexOf('/')))?.[1];
        return {
          type: 'library',
          'bom-ref': `asset/${key}#${purl}`,
          name: item.package?.name ?? purl,
          ...(version === undefined ? {} : { version: decodeURIComponent(version) }),
          purl,
        };
      }),
    }));
  }
}
