import { problemOf, VaultProblem } from './problem.ts';

export interface VaultSettings {
  /** Origin of Kept, such as `https://kept.example.com`. */
  readonly url: string;
  /** `kept_vault_…`, from the security officer. Bound to one product. */
  readonly token: string;
  /** Why keys are unwrapped, in the record of the customer; `service` where nothing is said. */
  readonly purpose?: string;
  /** Attempts at what may be asked again; 5 where nothing is said. */
  readonly attempts?: number;
  readonly fetch?: typeof fetch;
}

/** One request. `body` is sent again as it is when it is asked again, so it is no stream. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: Uint8Array | string | ReadableStream<Uint8Array>;
  readonly json?: unknown;
  /** What is answered besides success without throwing. */
  readonly also?: readonly number[];
  readonly signal?: AbortSignal;
}

export type Caller = (call: Call) => Promise<Response>;

const firstPauseMs = 200;
const longestPauseMs = 10_000;

/** Calls the vault; asks again where the network or the vault failed for a moment. */
export function callerOf(settings: VaultSettings): Caller {
  const origin = settings.url.replace(/\/$/, '');
  const attempts = settings.attempts ?? 5;
  const send = settings.fetch ?? fetch;
  return async (call) => {
    const request = requestOf(settings, call);
    // A stream has been read when an attempt fails: there is one.
    const most = call.body instanceof ReadableStream ? 1 : attempts;
    for (let attempt = 1; ; attempt++) {
      const answer = await send(`${origin}/vault/v1${call.path}`, request).catch(
        (error: unknown) => {
          if (attempt >= most || call.signal?.aborted) throw error;
          return null;
        },
      );
      if (answer?.ok || (answer && call.also?.includes(answer.status))) return answer;
      if (answer && (!isPassing(answer.status) || attempt >= most)) throw await problemOf(answer);
      await answer?.body?.cancel();
      await pause(pauseMs(answer, attempt));
    }
  };
}

function requestOf({ token, purpose }: VaultSettings, call: Call): RequestInit {
  const given = Object.entries(call.headers ?? {}).filter(([, value]) => value !== undefined);
  const headers = {
    authorization: `Bearer ${token}`,
    ...(purpose === undefined ? {} : { 'kept-purpose': encodeURIComponent(purpose) }),
    ...(call.json === undefined ? {} : { 'content-type': 'application/json' }),
    ...Object.fromEntries(given),
  } as Record<string, string>;
  const body = call.json === undefined ? call.body : JSON.stringify(call.json);
  return {
    method: call.method,
    headers,
    ...(body === undefined ? {} : { body: body as string }),
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    ...(call.signal ? { signal: call.signal } : {}),
  } as RequestInit;
}

const isPassing = (status: number): boolean => [429, 502, 503, 504].includes(status);

function pauseMs(answer: Response | null, attempt: number): number {
  const asked = Number(answer?.headers.get('retry-after') ?? Number.NaN) * 1_000;
  const ours = firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random());
  return Math.min(longestPauseMs, Number.isFinite(asked) ? asked : ours);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whether a write is asked again under a key of its own, so that it happens once. */
export function onceKey(): string {
  return crypto.randomUUID();
}

/** The last segment of a path; `.` and `..`, which every URL tidies away, go as a parameter. */
export function named(base: string, name: string): string {
  return name === '.' || name === '..'
    ? `${base}?name=${encodeURIComponent(name)}`
    : `${base}/${encodeURIComponent(name)}`;
}

export async function jsonOf<T>(answer: Promise<Response>): Promise<T> {
  return (await (await answer).json()) as T;
}

/** Null instead of a problem of this code. */
export async function orNull<T>(code: string, asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (thrown) {
    if (thrown instanceof VaultProblem && thrown.code === code) return null;
    throw thrown;
  }
}

/** `sha-256=:…:` of bytes (RFC 9530). */
export async function digestHeader(bytes: Uint8Array): Promise<string> {
  const hash = new Uint8Array(
    await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>),
  );
  return `sha-256=:${base64Of(hash)}:`;
}

export function base64Of(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
}
