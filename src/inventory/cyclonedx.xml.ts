import { Bill } from './bill.ts';
import { type Inventory, InventoryFault } from './component.ts';
import { joined, versionOf } from './cyclonedx.ts';
import { readXml, type XmlEvents, xmlFault, xmlReading } from './xml.ts';

interface Open {
  ref: string | null;
  group: string | null;
  name: string | null;
  version: string | null;
  purl: string | null;
  /** What the bill is about, not a part of it. */
  readonly isDescribed: boolean;
}

/**
 * A bill of materials in CycloneDX XML, 1.2 to 1.7: read once from end to end. Its form is checked, its
 * schema is not.
 *
 * @throws InventoryFault naming line and column
 */
export function readCycloneDxXml(text: string): Inventory {
  const reading = new Reading();
  readXml(text, reading, fault);
  return reading.inventory();
}

/** The same, piece by piece: what is held is what the bill names. */
export async function readCycloneDxXmlPieces(pieces: AsyncIterable<string>): Promise<Inventory> {
  const reading = new Reading();
  const { write, end } = xmlReading(reading, fault);
  for await (const piece of pieces) write(piece);
  end();
  return reading.inventory();
}

const fault = xmlFault('CycloneDX XML');

const namespace = /^http:\/\/cyclonedx\.org\/schema\/bom\/(\d\.\d)$/;

class Reading implements XmlEvents {
  #bill: Bill | null = null;
  readonly #path: string[] = [];
  readonly #components: Open[] = [];
  readonly #dependencies: string[] = [];
  #described: string | null = null;
  #content = '';

  open(name: string, written: Readonly<Record<string, string>>, uri: string): void {
    if (this.#path.length === 0) {
      const version = versionOf(namespace.exec(uri)?.[1] ?? null);
      if (name !== 'bom') throw new InventoryFault(`CycloneDX XML begins with bom, not ${name}`);
      this.#bill = new Bill(`CycloneDX ${version} XML`);
    }
    const parent = this.#path.at(-1);
    this.#path.push(name);
    this.#content = '';
    if (name === 'component') {
      const isDescribed = parent === 'metadata';
      const ref = written['bom-ref'] ?? null;
      if (isDescribed) this.#described = ref;
      this.#components.push({
        ref,
        group: null,
        name: null,
        version: null,
        purl: null,
        isDescribed,
      });
    } else if (name === 'dependency') this.#depend(written['ref'] ?? '');
  }

  #depend(ref: string): void {
    const from = this.#dependencies.at(-1);
    this.#dependencies.push(ref);
    if (from === undefined || from === '' || ref === '') return;
    if (from === this.#described) this.#bill?.root(ref);
    else this.#bill?.depends(from, ref);
  }

  text(piece: string): void {
    this.#content += piece;
  }

  close(name: string): void {
    this.#path.pop();
    const value = this.#content.trim();
    this.#content = '';
    const component = this.#components.at(-1);
    if (name === 'dependency') this.#dependencies.pop();
    else if (name === 'component') {
      this.#components.pop();
      if (component && !component.isDescribed) this.#state(component);
    } else if (component && this.#path.at(-1) === 'component' && isField(name)) {
      component[name] = value === '' ? null : value;
    }
  }

  #state({ ref, group, name, version, purl }: Open): void {
    this.#bill?.state({ ref, purl, name: joined(group, name), version });
  }

  inventory(): Inventory {
    if (!this.#bill) throw new InventoryFault('CycloneDX XML cannot be read: it is empty');
    return this.#bill.inventory();
  }
}

function isField(name: string): name is 'group' | 'name' | 'version' | 'purl' {
  return name === 'group' || name === 'name' || name === 'version' || name === 'purl';
}
