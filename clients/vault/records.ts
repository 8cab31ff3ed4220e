import { type Caller, jsonOf, named, onceKey, orNull } from './calling.ts';
import { type Conditions, conditionHeaders, type Written } from './objects.ts';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

export interface RecordItem {
  readonly id: string;
  readonly key: string;
  readonly revision: number;
  readonly etag: string;
  readonly madeAt: string;
  readonly changedAt: string;
}

export interface ReadRecord<Value> {
  readonly value: Value;
  readonly etag: string;
}

/** Records of one collection of one customer. */
export class Records {
  readonly #call: Caller;
  readonly #base: string;

  constructor(call: Caller, base: string) {
    this.#call = call;
    this.#base = base;
  }

  put(key: string, value: JsonObject, conditions: Conditions = {}): Promise<Written> {
    const path = named(`${this.#base}/records`, key);
    const headers = { 'idempotency-key': onceKey(), ...conditionHeaders(conditions) };
    return jsonOf(this.#call({ method: 'PUT', path, json: value, headers }));
  }

  /** Null where there is none. */
  async get<Value = JsonObject>(key: string): Promise<ReadRecord<Value> | null> {
    const path = named(`${this.#base}/records`, key);
    const answer = await orNull('recordUnknown', this.#call({ method: 'GET', path }));
    if (!answer) return null;
    return { value: (await answer.json()) as Value, etag: answer.headers.get('etag') ?? '' };
  }

  /** JSON merge patch (RFC 7396): members given replace, null removes, the rest stays. */
  merge(key: string, patch: JsonObject, conditions: Conditions = {}): Promise<Written> {
    const path = named(`${this.#base}/records`, key);
    const headers = { 'idempotency-key': onceKey(), ...conditionHeaders(conditions) };
    return jsonOf(this.#call({ method: 'PATCH', path, json: patch, headers }));
  }

  async remove(key: string, conditions: Conditions = {}): Promise<void> {
    const path = named(`${this.#base}/records`, key);
    await this.#call({ method: 'DELETE', path, headers: conditionHeaders(conditions) });
  }

  /** Up to 500 at once: all are written, or none. */
  async putMany(
    records: readonly { readonly key: string; readonly value: JsonObject }[],
  ): Promise<void> {
    const headers = { 'idempotency-key': onceKey() };
    await this.#call({
      method: 'POST',
      path: `${this.#base}/records-put`,
      json: { records },
      headers,
    });
  }

  /** Up to 500 at once, by key; those that are not there are left out. */
  async getMany<Value = JsonObject>(keys: readonly string[]): Promise<ReadonlyMap<string, Value>> {
    const path = `${this.#base}/records-get`;
    const { items } = await jsonOf<{ items: { key: string; value: Value }[] }>(
      this.#call({ method: 'POST', path, json: { keys } }),
    );
    return new Map(items.map(({ key, value }) => [key, value]));
  }

  /** All records, in the order in which they were first made. */
  async *list<Value = JsonObject>(): AsyncGenerator<RecordItem & { readonly value: Value }> {
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = new URLSearchParams({ limit: '500', values: 'true', cursor });
      const page: { items: (RecordItem & { value: Value })[]; next: string | null } = await jsonOf(
        this.#call({ method: 'GET', path: `${this.#base}/records?${query}` }),
      );
      yield* page.items;
      cursor = page.next;
    }
  }
}
