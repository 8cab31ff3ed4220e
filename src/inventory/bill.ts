import { Gathering } from './component.ts';
import { packageOf } from './purls.ts';

/** A component as a bill of materials states it. */
export interface Stated {
  readonly ref: string | null;
  readonly purl: string | null;
  readonly name: string | null;
  readonly version: string | null;
}

/** Gathers the components of a bill of materials, which names its own references. */
export class Bill extends Gathering {
  #unnamed = 0;
  #unplaced = 0;

  /** @returns its `ref`; null where nothing names it */
  state({ ref, purl, name, version }: Stated): string | null {
    const named = purl === null ? null : packageOf(purl);
    if (purl !== null && named === null) this.note(`"${purl.slice(0, 120)}" is no package URL`);
    const known = named?.name ?? name;
    if (!known) {
      this.#unnamed += 1;
      return null;
    }
    const ecosystem = named?.ecosystem ?? null;
    if (ecosystem === null) this.#unplaced += 1;
    const own = ref ?? purl ?? `${known}@${version ?? ''}`;
    if (this.has(own)) {
      if (ref !== null)
        this.note(`two components are called "${own.slice(0, 120)}": the first counts`);
      return own;
    }
    this.put({
      ref: own,
      ecosystem,
      name: known,
      version: named?.version ?? version,
      purl: named === null ? null : purl,
      isDevelopment: false,
    });
    return own;
  }

  override inventory(): ReturnType<Gathering['inventory']> {
    if (this.#unnamed > 0) this.note(`${this.#unnamed} components have no name`);
    if (this.#unplaced > 0) {
      this.note(`${this.#unplaced} components are of no ecosystem that advisories tell of`);
    }
    return super.inventory();
  }
}
