import { familyOf, purlTypeOf } from '../packages.ts';
import { formatPurl, PurlFault } from '../purl.ts';

/** An item of the backlog as it is handed to other tools: one vulnerability in one package of one asset. */
export interface ExportedItem {
  readonly id: string;
  /** As people call it: `V-123`. */
  readonly label: string;
  /** The name shown first, then every other it goes by. */
  readonly names: readonly string[];
  /** Of a tool's rule instead of a published vulnerability. */
  readonly isRule: boolean;
  readonly summary: string;
  readonly state: 'open' | 'working' | 'notAffected' | 'accepted' | 'fixed' | 'lapsed';
  readonly class: 'critical' | 'high' | 'medium' | 'low' | 'none' | 'unrated';
  /** With the asset's requirements; null where nobody has given a vector. */
  readonly score: number | null;
  readonly vector: string | null;
  readonly exploited: boolean;
  /** Ecosystem as OSV writes it and name; null of a rule. */
  readonly package: { readonly ecosystem: string; readonly name: string } | null;
  /** Of a package the versions in which it is seen, of a rule the places. */
  readonly versions: readonly string[];
  /** Of those versions, as the inventory gives them, in their order; null where it does not. */
  readonly purls: readonly (string | null)[];
  readonly system: { readonly key: string; readonly name: string };
  readonly fixVersion: string | null;
  /** RFC 3339. */
  readonly openedAt: string;
  readonly dueAt: string;
  readonly closedAt: string | null;
  /** That holds. */
  readonly decision: {
    readonly kind: 'notAffected' | 'accepted';
    /** VEX status justification; null of an accepted risk. */
    readonly justification: string | null;
    readonly reason: string;
    readonly until: string;
  } | null;
}

/** What stands over an export, given by whoever makes it: nothing here reads a clock. */
export interface ExportHead {
  /** Origin of this installation, without a trailing slash. */
  readonly url: string;
  /** Whose backlog it is, and whose word: the author of the document. */
  readonly organisation: string;
  /** RFC 3339. */
  readonly at: string;
}

/** Distributions have several: by the family, type and namespace. */
const distributions: ReadonlyMap<string, readonly [type: string, namespace: string]> = new Map([
  ['Debian', ['deb', 'debian']],
  ['Ubuntu', ['deb', 'ubuntu']],
  ['Alpine', ['apk', 'alpine']],
  ['Red Hat', ['rpm', 'redhat']],
]);
/** Package URLs of an item, one a version; where the inventory gave none they are made of name and version. */
export function purlsOf(item: ExportedItem): readonly string[] {
  const about = item.package;
  if (!about) return [];
  const versions = item.versions.length > 0 ? item.versions : [''];
  return [...new Set(versions.map((version, n) => item.purls[n] ?? purlOf(about, version)))];
}

function purlOf(
  { ecosystem, name }: NonNullable<ExportedItem['package']>,
  version: string,
): string {
  const family = familyOf(ecosystem);
  const mark = family === 'Maven' ? name.indexOf(':') : name.lastIndexOf('/');
  const [, namespace = null] = distributions.get(family) ?? [];
  try {
    return formatPurl({
      type: typeOf(family),
      namespace: namespace ?? (mark < 0 ? null : name.slice(0, mark)),
      name: namespace ? name : name.slice(mark + 1),
      version: version === '' ? null : version,
    });
  } catch (error) {
    if (!(error instanceof PurlFault)) throw error;
    return formatPurl({ type: 'generic', name, version: version === '' ? null : version });
  }
}

/** What no advisories tell of is named by the type of its package URL, or by nothing that is known. */
function typeOf(family: string): string {
  const known = distributions.get(family)?.[0] ?? purlTypeOf(family);
  if (known) return known;
  return family !== 'unknown' && /^[a-z][a-z0-9.+-]*$/.test(family) ? family : 'generic';
}

/** What an exploitability exchange says of an item; null where it says nothing: the item lapsed. */
export function standingOf(
  item: ExportedItem,
): 'affected' | 'notAffected' | 'fixed' | 'underInvestigation' | null {
  switch (item.state) {
    case 'notAffected':
      return 'notAffected';
    case 'fixed':
      return 'fixed';
    case 'lapsed':
      return null;
    default:
      // Nobody has said yet how bad it is.
      return item.class === 'unrated' && item.state === 'open' ? 'underInvestigation' : 'affected';
  }
}

/** What is to be done about it, and by when. */
export function actionFor({ fixVersion, dueAt, decision, state }: ExportedItem): string {
  const day = (instant: string) => instant.slice(0, 10);
  if (state === 'accepted' && decision) return `The risk is accepted until ${day(decision.until)}.`;
  return fixVersion === null
    ? `No version that clears it is known yet; it is due by ${day(dueAt)}.`
    : `Upgrade to ${fixVersion}, by ${day(dueAt)}.`;
}

/** Joins the parts of a list in JSON, each on a line of its own, as they come. */
export async function* jsonLines(parts: AsyncIterable<unknown>): AsyncGenerator<string> {
  let first = true;
  for await (const part of parts) {
    yield `${first ? '\n' : ',\n'}${JSON.stringify(part)}`;
    first = false;
  }
}

/** The beginning of an object in JSON, left open so that a list may follow under `key`. */
export function openObject(head: object, key: string): string {
  return `${JSON.stringify(head).slice(0, -1)},${JSON.stringify(key)}:[`;
}
