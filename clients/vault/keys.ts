import { base64Of, bytesOf, type Caller, jsonOf } from './calling.ts';

export interface IssuedKey {
  /** 32 bytes, secret: use it and forget it. */
  readonly plaintext: Uint8Array;
  /** To be stored beside what it protects. */
  readonly wrapped: Uint8Array;
}

/** Keys of one customer, for a product that stores elsewhere. The purpose is in every record of their use. */
export class Keys {
  readonly #call: Caller;
  readonly #base: string;

  constructor(call: Caller, base: string) {
    this.#call = call;
    this.#base = base;
  }

  async issue(purpose: string): Promise<IssuedKey> {
    const key = await this.#post<{ plaintext: string; wrapped: string }>('', { purpose });
    return { plaintext: bytesOf(key.plaintext), wrapped: bytesOf(key.wrapped) };
  }

  /** Wraps a key that the product has. */
  async wrap(purpose: string, plaintext: Uint8Array): Promise<Uint8Array> {
    const body = { purpose, plaintext: base64Of(plaintext) };
    return bytesOf((await this.#post<{ wrapped: string }>('/wrap', body)).wrapped);
  }

  async unwrap(purpose: string, wrapped: Uint8Array): Promise<Uint8Array> {
    const body = { purpose, wrapped: base64Of(wrapped) };
    return bytesOf((await this.#post<{ plaintext: string }>('/unwrap', body)).plaintext);
  }

  /** Wraps anew what an older key of the customer wrapped. */
  async rewrap(purpose: string, wrapped: Uint8Array): Promise<Uint8Array> {
    const body = { purpose, wrapped: base64Of(wrapped) };
    return bytesOf((await this.#post<{ wrapped: string }>('/rewrap', body)).wrapped);
  }

  /** Says that all was wrapped anew: replaced keys of the customer may go. */
  async allRewrapped(): Promise<void> {
    await this.#call({ method: 'POST', path: `${this.#base}/keys/rewrapped` });
  }

  #post<T>(path: string, json: object): Promise<T> {
    return jsonOf(this.#call({ method: 'POST', path: `${this.#base}/keys${path}`, json }));
  }
}
