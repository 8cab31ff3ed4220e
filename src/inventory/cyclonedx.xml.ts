import { SaxesParser } from 'saxes';
import { Bill } from './bill.ts';
import { type Inventory, InventoryFault } from './component.ts';
import { joined, versionOf } from './cyclonedx.ts';

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
  const { write, end } = xmlReading();
  // Half of a pair of code units, which no decoded file has, would be taken for the end of the text.
  write(text.toWellFormed());
  return end();
}

/** The same, piece by piece: what is held is what the bill names. */
export async function readCycloneDxXmlPieces(pieces: AsyncIterable<string>): Promise<Inventory> {
  const { write, end } = xmlReading();
  for await (const piece of pieces) write(piece);
  return end();
}

function xmlReading(): { write: (piece: string) => void; end: () => Inventory } {
  const reading = new Reading();
  const parser = new SaxesParser({ xmlns: true, position: true });
  parser.on('opentag', ({ local, uri, attributes }) => {
    const written = new Map(Object.values(attributes).map(({ local: key, value }) => [key, value]));
    reading.open(local, uri, written);
  });
  parser.on('text', (piece) => reading.text(piece));
  parser.on('cdata', (piece) => reading.text(piece));
  parser.on('closetag', ({ local }) => reading.close(local));
  parser.on('doctype', () => {
    throw new InventoryFault('CycloneDX XML cannot be read: a document type is not allowed');
  });
  parser.on('error', (cause) => {
    throw new InventoryFault(`CycloneDX XML cannot be read: ${cause.message}`, { cause });
  });
  return {
    write: (piece) => void parser.write(piece),
    end: () => {
      parser.close();
      return reading.inventory();
    },
  };
}

const namespace = /^http:\/\/cyclonedx\.org\/schema\/bom\/(\d\.\d)$/;

class Reading {
  #bill: Bill | null = null;
  readonly #path: string[] = [];
  readonly #components: Open[] = [];
  readonly #dependencies: string[] = [];
  #described: string | null = null;
  #content = '';

  open(name: string, uri: string, written: ReadonlyMap<string, string>): void {
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
      const ref = written.get('bom-ref') ?? null;
      if (isDescribed) this.#described = ref;
      this.#components.push({
        ref,
        group: null,
        name: null,
        version: null,
        purl: null,
        isDescribed,
      });
    } else if (name === 'dependency') this.#depend(written.get('ref') ?? '');
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
