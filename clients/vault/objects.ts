import { type Caller, digestHeader, jsonOf, named, onceKey, orNull } from './calling.ts';
import { readOn } from './reading.ts';
import { type Source, type UploadOptions, upload } from './upload.ts';

/** What a write became. */
export interface Written {
  readonly id: string;
  readonly revision: number;
  /** RFC 3339. */
  readonly changedAt: string;
}

export interface ObjectItem {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly revision: number;
  readonly etag: string;
  readonly madeAt: string;
  readonly changedAt: string;
}

/** What is known of an object without reading it. */
export interface ObjectHead {
  readonly size: number;
  readonly etag: string;
  readonly mediaType: string;
  /** `sha-256=:…:` of the whole object. */
  readonly digest: string;
}

export interface ReadObject extends ObjectHead {
  /** Goes on by itself where the connection is cut. */
  readonly bytes: ReadableStream<Uint8Array>;
  text(): Promise<string>;
  all(): Promise<Uint8Array>;
}

export interface Conditions {
  /** Only where this is what is there: an entity tag, or `*` for anything. */
  readonly ifMatch?: string;
  /** Only where nothing is there yet. */
  readonly ifNew?: boolean;
}

export interface PutOptions extends Conditions {
  readonly mediaType?: string;
}

/** Bytes `from` up to, not including, `to`. */
export interface ByteRange {
  readonly from: number;
  readonly to?: number;
}

export interface Metadata {
  readonly mediaType: string | null;
  readonly fields: Readonly<Record<string, string>>;
}

export function conditionHeaders({
  ifMatch,
  ifNew,
}: Conditions): Record<string, string | undefined> {
  return { 'if-match': ifMatch, 'if-none-match': ifNew ? '*' : undefined };
}

/** Objects of one collection of one customer. */
export class Objects {
  readonly #call: Caller;
  readonly #customer: string;
  readonly #base: string;

  constructor(call: Caller, customer: string, base: string) {
    this.#call = call;
    this.#customer = customer;
    this.#base = base;
  }

  /**
   * Writes an object whole. Bytes are asked again where the network fails, and happen once; a stream
   * is sent once. For what is large, `upload` goes on where it was cut.
   */
  async put(
    name: string,
    body: Uint8Array | string | ReadableStream<Uint8Array>,
    options: PutOptions = {},
  ): Promise<Written> {
    const isStream = body instanceof ReadableStream;
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    return jsonOf(
      this.#call({
        method: 'PUT',
        path: named(`${this.#base}/objects`, name),
        body: bytes,
        headers: {
          'content-type': options.mediaType ?? 'application/octet-stream',
          'idempotency-key': onceKey(),
          'repr-digest': isStream ? undefined : await digestHeader(bytes as Uint8Array),
          ...conditionHeaders(options),
        },
      }),
    );
  }

  /** An object of up to 5 GB in parts, several at a time; resumable. */
  upload(name: string, source: Source, options: UploadOptions = {}): Promise<Written> {
    const places = { customer: this.#customer, collection: this.#base };
    return upload(this.#call, places, name, source, options);
  }

  /** Null where there is none. Of a range, `size` is still that of the whole object. */
  async get(name: string, range?: ByteRange): Promise<ReadObject | null> {
    const path = named(`${this.#base}/objects`, name);
    const from = range?.from ?? 0;
    const last = range?.to === undefined ? '' : range.to - 1;
    const headers = range ? { range: `bytes=${from}-${last}` } : {};
    const answer = await orNull('objectUnknown', this.#call({ method: 'GET', path, headers }));
    if (!answer) return null;
    const head = headOf(answer);
    const to = Math.min(range?.to ?? head.size, head.size);
    const bytes = readOn(this.#call, { path, etag: head.etag, from, to }, answer);
    const response = new Response(bytes as ReadableStream<Uint8Array<ArrayBuffer>>);
    return {
      ...head,
      bytes,
      text: () => response.text(),
      all: async () => new Uint8Array(await response.arrayBuffer()),
    };
  }

  async head(name: string): Promise<ObjectHead | null> {
    const path = named(`${this.#base}/objects`, name);
    const answer = await this.#call({ method: 'HEAD', path, also: [404] });
    return answer.status === 404 ? null : headOf(answer);
  }

  /** Removing twice is as good as once. */
  async remove(name: string, conditions: Conditions = {}): Promise<void> {
    const path = named(`${this.#base}/objects`, name);
    await this.#call({ method: 'DELETE', path, headers: conditionHeaders(conditions) });
  }

  /** All objects, or those whose name begins so, in the order in which they were first made. */
  async *list(prefix = ''): AsyncGenerator<ObjectItem> {
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = new URLSearchParams({ limit: '1000', prefix, cursor });
      const path = `${this.#base}/objects?${query}`;
      const page: { items: ObjectItem[]; next: string | null } = await jsonOf(
        this.#call({ method: 'GET', path }),
      );
      yield* page.items;
      cursor = page.next;
    }
  }

  metadata(name: string): Promise<Metadata | null> {
    const path = named(`${this.#base}/metadata`, name);
    return orNull('objectUnknown', jsonOf<Metadata>(this.#call({ method: 'GET', path })));
  }

  setMetadata(name: string, metadata: Metadata, conditions: Conditions = {}): Promise<Written> {
    const path = named(`${this.#base}/metadata`, name);
    const headers = conditionHeaders(conditions);
    return jsonOf(this.#call({ method: 'PUT', path, json: metadata, headers }));
  }

  /** Has the vault read an object through. @throws VaultProblem `storedObjectDamaged` with where */
  async verify(name: string): Promise<void> {
    await this.#call({ method: 'GET', path: named(`${this.#base}/verification`, name) });
  }
}

function headOf(answer: Response): ObjectHead {
  const whole = /\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1];
  return {
    size: Number(whole ?? answer.headers.get('content-length') ?? 0),
    etag: answer.headers.get('etag') ?? '',
    mediaType: answer.headers.get('content-type') ?? '',
    digest: answer.headers.get('repr-digest') ?? '',
  };
}
