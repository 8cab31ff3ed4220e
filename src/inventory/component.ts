import { purlTypeOf } from '../advisories/packages.ts';
import { formatPurl, PurlFault } from '../advisories/purl.ts';

/** One package of a piece of software, as a lockfile or a bill of materials names it. */
export interface Component {
  /** Names it within its inventory: what edges point to. */
  readonly ref: string;
  /** As OSV writes it: `npm`, `PyPI`, `Debian:12`. Null where no advisories tell of it. */
  readonly ecosystem: string | null;
  readonly name: string;
  /** Null where the file does not say: nothing can then be told of it. */
  readonly version: string | null;
  readonly purl: string | null;
  /** Needed to build or to test, not to run. */
  readonly isDevelopment: boolean;
}

/** What a file says a piece of software is made of. */
export interface Inventory {
  /** Name of the format, for people: `package-lock.json`. */
  readonly format: string;
  readonly components: readonly Component[];
  /** What the software itself asks for, by `ref`; empty where the file does not tell. */
  readonly roots: readonly string[];
  /** Who asks for whom, by `ref`. */
  readonly dependsOn: ReadonlyMap<string, readonly string[]>;
  /** What could not be taken in, and why; empty where everything was. */
  readonly notes: readonly string[];
}

/** Why a file is no inventory: nothing of it is used. */
export class InventoryFault extends Error {
  override readonly name = 'InventoryFault';
}

/** Most components of one file: more is no lockfile but an attack. */
export const limitComponents = 1_000_000;

/** Gathers what a reader finds, each component once. */
export class Gathering {
  readonly #format: string;
  readonly #components = new Map<string, Component>();
  readonly #roots = new Set<string>();
  readonly #dependsOn = new Map<string, Set<string>>();
  readonly #notes: string[] = [];
  #elsewhere = 0;

  constructor(format: string) {
    this.#format = format;
  }

  /** @returns its `ref`; the same name and version are the same component */
  add(
    ecosystem: string,
    name: string,
    version: string,
    options: { readonly ref?: string; readonly isDevelopment?: boolean } = {},
  ): string {
    const ref = options.ref ?? `${name}@${version}`;
    const isDevelopment = options.isDevelopment ?? false;
    const known = this.#components.get(ref);
    if (known && (!known.isDevelopment || isDevelopment)) return ref;
    const purl = this.#purlOf(ecosystem, name, version);
    if (purl !== null) this.put({ ref, ecosystem, name, version, purl, isDevelopment });
    return ref;
  }

  /**
   * A package from a repository or an address instead of its registry: a part of the software, but what
   * advisories say of the registry's package of that name is not said of it.
   *
   * @param source where it comes from, as the file has it; a password in it is not kept
   */
  addElsewhere(
    name: string,
    version: string | null,
    source: string,
    options: { readonly ref?: string; readonly isDevelopment?: boolean } = {},
  ): string {
    const from = source.replace(/\/\/[^/@]*@/, '//');
    const ref = options.ref ?? `${name}@${from}`;
    if (this.#components.has(ref)) return ref;
    this.#elsewhere += 1;
    const isDevelopment = options.isDevelopment ?? false;
    this.put({ ref, ecosystem: null, name, version, purl: null, isDevelopment });
    return ref;
  }

  /** A package that the file asks for without saying which version there is. */
  addUnversioned(ecosystem: string, name: string): string {
    if (this.#components.has(name)) return name;
    const purl = this.#purlOf(ecosystem, name, null);
    if (purl !== null) {
      this.put({ ref: name, ecosystem, name, version: null, purl, isDevelopment: false });
    }
    return name;
  }

  /** Takes a component as it is; one of the same `ref` is replaced. */
  put(component: Component): void {
    if (this.#components.size >= limitComponents) {
      throw new InventoryFault(`${this.#format}: more than ${limitComponents} components`);
    }
    this.#components.set(component.ref, component);
  }

  has(ref: string): boolean {
    return this.#components.has(ref);
  }

  root(ref: string): void {
    this.#roots.add(ref);
  }

  depends(from: string, to: string): void {
    const edges = this.#dependsOn.get(from);
    if (edges) edges.add(to);
    else this.#dependsOn.set(from, new Set([to]));
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  /** Null, and a note, where the name is none: the rest of the file counts all the same. */
  #purlOf(ecosystem: string, name: string, version: string | null): string | null {
    const mark = ecosystem === 'Maven' ? name.indexOf(':') : name.lastIndexOf('/');
    try {
      return formatPurl({
        type: purlTypeOf(ecosystem) ?? 'generic',
        namespace: mark < 0 ? null : name.slice(0, mark),
        name: name.slice(mark + 1),
        version,
      });
    } catch (error) {
      if (!(error instanceof PurlFault)) throw error;
      this.note(`"${name.slice(0, 80)}" is no name of a package: ${error.message}`);
      return null;
    }
  }

  inventory(): Inventory {
    const known = (ref: string) => this.#components.has(ref);
    if (this.#elsewhere > 0) {
      this.note(
        `${this.#elsewhere} components come from a repository or an address: advisories of the registry are not held against them`,
      );
    }
    return {
      format: this.#format,
      components: [...this.#components.values()],
      roots: [...this.#roots].filter(known),
      dependsOn: new Map(
        [...this.#dependsOn]
          .filter(([from]) => known(from))
          .map(([from, to]) => [from, [...to].filter(known)]),
      ),
      notes: this.#notes,
    };
  }
}
