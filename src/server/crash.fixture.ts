import { setTimeout as pause } from 'node:timers/promises';

/** What a writer was told is done, by the key it asked with. */
export interface Acknowledged {
  readonly kind: Act['kind'];
  /** The id that the answer named. */
  readonly id: string;
}

interface Act {
  readonly kind: 'person' | 'read';
  /** Its idempotency key, and the name of what it makes: both never used by another. */
  readonly key: string;
}

/** Where Kept is now and how one gets in; it moves with every start. */
export interface Door {
  readonly url: string;
  readonly token: string;
}

/** Pairs of one reading: enough that a kill often finds it half-way. */
const pairsOfRead = 2_000;
export const systemOfReads = 'erp';

/**
 * Writers that never rest. Each asks for one act after the other; an act that was not acknowledged,
 * because Kept died over it, it asks for again with the same key, until it is.
 */
export class Load {
  readonly acknowledged = new Map<string, Acknowledged>();
  /** Answers that no crash explains. */
  readonly wrong: string[] = [];
  /** How often an act had to be asked for again. */
  repeated = 0;
  #door: Promise<Door>;
  #open: (door: Door) => void = () => undefined;
  #resting = false;
  readonly #writers: readonly Promise<void>[];

  constructor(writers: number, door: Door) {
    this.#door = Promise.resolve(door);
    this.#writers = Array.from({ length: writers }, (_, n) =>
      this.#write(n, n < 2 ? 'read' : 'person'),
    );
  }

  /** Said as Kept is killed: there is nobody to ask until `moved`. */
  lost(): void {
    this.#door = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  moved(door: Door): void {
    this.#open(door);
    this.#door = Promise.resolve(door);
  }

  /** Lets every writer finish the act it is at. */
  async rest(): Promise<void> {
    this.#resting = true;
    await Promise.all(this.#writers);
  }

  async #write(writer: number, kind: Act['kind']): Promise<void> {
    for (let n = 0; !this.#resting; n += 1) {
      const act: Act = { kind, key: `${kind} ${writer} ${n}` };
      let asked = 0;
      while (!(await this.#ask(act, await this.#door))) {
        asked += 1;
        // It may take a moment until the one that was killed is known to be.
        await pause(20);
      }
      this.repeated += asked;
    }
  }

  /** True once the act is acknowledged, or refused, which is wrong. */
  async #ask(act: Act, { url, token }: Door): Promise<boolean> {
    const { path, body } = requestOf(act);
    try {
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': act.key,
        },
        body: JSON.stringify(body),
      });
      const answer = (await response.json()) as { id?: string; readId?: string; code?: string };
      const id = answer.id ?? answer.readId;
      if (response.ok && id) {
        this.acknowledged.set(act.key, { kind: act.kind, id });
        return true;
      }
      // Kept without its PostgreSQL, or with a new token: not an answer to the act.
      if (response.status >= 500 || response.status === 401) return false;
      this.wrong.push(`${act.key}: ${response.status} ${answer.code ?? ''}`);
      return true;
    } catch {
      return false;
    }
  }
}

function requestOf({ kind, key }: Act): { readonly path: string; readonly body: object } {
  if (kind === 'person') return { path: '/api/v1/people', body: { name: key } };
  const pairs = Array.from({ length: pairsOfRead }, (_, n) => `user${n % 97} permission${n}`);
  return {
    path: `/api/v1/systems/${systemOfReads}/reads`,
    body: { text: pairs.join('\n'), format: 'pairs', source: key },
  };
}
