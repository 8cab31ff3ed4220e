import { Bill } from './bill.ts';
import { type Inventory, InventoryFault } from './component.ts';
import { joined, versionOf } from './cyclonedx.ts';
import { JsonEvents, type JsonListener, type JsonScalar } from './json.events.ts';

/**
 * A bill of materials in CycloneDX JSON, 1.2 to 1.7, piece by piece: what is held is what it names, not
 * what else it says. Not held against the schema; a note says so.
 *
 * @throws InventoryFault with the place where it breaks: of a file that is cut, nothing is used
 */
export async function readCycloneDxPieces(
  pieces: Iterable<string> | AsyncIterable<string>,
): Promise<Inventory> {
  const reading = new Reading();
  const events = new JsonEvents(reading);
  for await (const piece of pieces) events.write(piece);
  events.end();
  return reading.inventory();
}

/** The text in pieces, so that nothing as long as itself is made of it. */
export function* piecesOf(text: string): Generator<string> {
  const length = 1_000_000;
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
}

type Role =
  | 'bill'
  | 'metadata'
  | 'components'
  | 'component'
  | 'dependencies'
  | 'dependency'
  | 'needs';

interface Frame {
  readonly role: Role | null;
  /** What the object says of itself, by key. */
  readonly fields: Map<string, string>;
  readonly needs: string[];
  readonly isDescribed: boolean;
}

const fieldsOf: Partial<Record<Role, readonly string[]>> = {
  bill: ['bomFormat', 'specVersion'],
  component: ['bom-ref', 'group', 'name', 'version', 'purl'],
  dependency: ['ref'],
};

class Reading implements JsonListener {
  readonly #bill = new Bill('CycloneDX JSON');
  readonly #frames: Frame[] = [];
  #described: string | null = null;
  readonly #edges: [string, readonly string[]][] = [];
  #version: string | null = null;

  open(kind: 'object' | 'array', key: string | null): void {
    const within = this.#frames.at(-1)?.role ?? null;
    const role = this.#frames.length === 0 ? 'bill' : roleOf(within, kind, key);
    this.#frames.push({
      role,
      fields: new Map(),
      needs: [],
      isDescribed: role === 'component' && within === 'metadata',
    });
  }

  scalar(value: JsonScalar, key: string | null): void {
    const frame = this.#frames.at(-1);
    if (!frame?.role || value === null || typeof value === 'boolean') return;
    if (frame.role === 'needs') frame.needs.push(ownCopy(value));
    else if (key !== null && fieldsOf[frame.role]?.includes(key))
      frame.fields.set(key, ownCopy(value));
  }

  close(): void {
    const frame = this.#frames.pop();
    const field = (key: string): string | null => frame?.fields.get(key) || null;
    if (frame?.role === 'bill') this.#finish(field('bomFormat'), field('specVersion'));
    else if (frame?.role === 'needs') this.#frames.at(-1)?.needs.push(...frame.needs);
    else if (frame?.role === 'dependency') this.#edges.push([field('ref') ?? '', frame.needs]);
    else if (frame?.role === 'component' && frame.isDescribed) this.#described = field('bom-ref');
    else if (frame?.role === 'component') {
      this.#bill.state({
        ref: field('bom-ref'),
        purl: field('purl'),
        name: joined(field('group'), field('name')),
        version: field('version'),
      });
    }
  }

  /** What the bill is about, and in which version, may stand at its end. */
  #finish(format: string | null, version: string | null): void {
    if (format !== 'CycloneDX') throw new InventoryFault('the JSON is no CycloneDX: no bomFormat');
    this.#version = versionOf(version);
    for (const [from, needs] of this.#edges) {
      if (from === '') continue;
      for (const need of needs) {
        if (from === this.#described) this.#bill.root(need);
        else this.#bill.depends(from, need);
      }
    }
    this.#bill.note(
      'the document is too large to be held against the schema; what was found counts',
    );
  }

  inventory(): Inventory {
    return { ...this.#bill.inventory(), format: `CycloneDX ${this.#version} JSON` };
  }
}

/** A part of a piece would keep the whole piece in memory. */
function ownCopy(value: string | number): string {
  return ` ${value}`.slice(1);
}

function roleOf(within: Role | null, kind: 'object' | 'array', key: string | null): Role | null {
  if (kind === 'array') {
    if (key === 'components' && (within === 'bill' || within === 'component')) return 'components';
    if (key === 'dependencies' && within === 'bill') return 'dependencies';
    return key === 'dependsOn' && within === 'dependency' ? 'needs' : null;
  }
  if (within === 'components' || (within === 'metadata' && key === 'component')) return 'component';
  if (within === 'dependencies') return 'dependency';
  return within === 'bill' && key === 'metadata' ? 'metadata' : null;
}
