import { readXml, type XmlEvents } from '../xml.ts';
import { ReportFault } from './report.ts';

/** Elements that are lists in JSON, and what their entries are called. */
const entries: Readonly<Record<string, string>> = {
  affects: 'target',
  components: 'component',
  ratings: 'rating',
  references: 'reference',
  tools: 'tool',
  versions: 'version',
  vulnerabilities: 'vulnerability',
};
/** What of a bill tells of vulnerabilities; the rest is passed over. */
const told = new Set(['metadata', 'components', 'vulnerabilities']);
const namespace = /^http:\/\/cyclonedx\.org\/schema\/bom\/(\d\.\d)$/;

/** An element that is being read. */
interface Open {
  readonly name: string;
  readonly fields: Map<string, unknown>;
  readonly list: unknown[];
  text: string;
}

/**
 * A CycloneDX bill of materials in XML as it stands in JSON (ECMA-424), as far as it tells of
 * vulnerabilities: from 1.4, which brought them into the bill itself.
 *
 * @throws ReportFault naming line and column
 */
export function cycloneDxOfXml(text: string): unknown {
  const reading = new Reading();
  readXml(text, reading, (problem) => new ReportFault(`CycloneDX XML: ${problem.slice(0, 300)}`));
  return reading.document();
}

class Reading implements XmlEvents {
  readonly #open: Open[] = [];
  #uri = '';
  #version = '';
  /** How many elements deep within what is passed over. */
  #passed = 0;
  #document: object = {};

  open(name: string, { 'bom-ref': ref }: Readonly<Record<string, string>>, uri: string): void {
    if (this.#open.length === 0) this.#begin(name, uri);
    const isTold = uri === this.#uri && (this.#open.length !== 1 || told.has(name));
    if (this.#passed > 0 || !isTold) {
      this.#passed += 1;
      return;
    }
    const fields = new Map<string, unknown>(ref === undefined ? [] : [['bom-ref', ref]]);
    this.#open.push({ name, fields, list: [], text: '' });
  }

  #begin(name: string, uri: string): void {
    const version = namespace.exec(uri)?.[1];
    if (name !== 'bom' || version === undefined) {
      throw new ReportFault(
        'of reports in XML only CycloneDX is read: a bom of the namespace http://cyclonedx.org/schema/bom/1.4 or later',
      );
    }
    this.#uri = uri;
    this.#version = version;
  }

  text(piece: string): void {
    const open = this.#open.at(-1);
    if (open && this.#passed === 0) open.text += piece;
  }

  close(): void {
    if (this.#passed > 0) {
      this.#passed -= 1;
      return;
    }
    const done = this.#open.pop();
    if (!done) return;
    const value = toldOf(done);
    const parent = this.#open.at(-1);
    if (!parent) this.#document = Object.fromEntries(done.fields);
    else if (entries[parent.name] === done.name) parent.list.push(value ?? {});
    else if (value !== null) parent.fields.set(done.name, value);
  }

  document(): unknown {
    return { ...this.#document, bomFormat: 'CycloneDX', specVersion: `${this.#version} XML` };
  }
}

/** @returns null of what is empty, as if it were not there */
function toldOf({ name, fields, list, text }: Open): unknown {
  if (fields.size > 0) return Object.fromEntries(fields);
  if (Object.hasOwn(entries, name)) return list;
  const written = text.trim();
  if (written === '') return null;
  return name === 'score' ? Number(written) : written;
}
