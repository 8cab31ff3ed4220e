/**
 * Carries requests of the SDK by the house's own `fetch`, so that what holds for outgoing
 * connections (addresses checked, no redirects to elsewhere, cancelled with the run) holds here too.
 */

/** What the SDK hands over, as far as it is needed. */
interface SignedRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface Answered {
  readonly response: {
    readonly statusCode: number;
    readonly reason: string;
    readonly headers: Record<string, string>;
    readonly body: Uint8Array;
  };
}

/** A `requestHandler` for clients of the AWS SDK. */
export function transportBy(fetching: typeof fetch, signal: AbortSignal) {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: SignedRequest): Promise<Answered> {
      const answer = await fetching(addressOf(request), {
        method: request.method,
        // `fetch` names the host and counts the bytes itself.
        headers: Object.entries(request.headers).filter(
          ([name]) => !['host', 'content-length', 'expect'].includes(name.toLowerCase()),
        ),
        ...(hasBody(request) ? { body: request.body as BodyInit } : {}),
        redirect: 'error',
        signal,
      });
      return {
        response: {
          statusCode: answer.status,
          reason: answer.statusText,
          headers: Object.fromEntries(answer.headers),
          body: new Uint8Array(await answer.arrayBuffer()),
        },
      };
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}

function addressOf(request: SignedRequest): string {
  const port = request.port ? `:${request.port}` : '';
  const query = Object.entries(request.query ?? {}).flatMap(([name, values]) =>
    [values].flat().map((value) => {
      const key = encodeURIComponent(name);
      return value === null ? key : `${key}=${encodeURIComponent(String(value))}`;
    }),
  );
  const search = query.length > 0 ? `?${query.join('&')}` : '';
  return `${request.protocol}//${request.hostname}${port}${request.path}${search}`;
}

function hasBody({ method, body }: SignedRequest): boolean {
  return method !== 'GET' && method !== 'HEAD' && body !== undefined && body !== '';
}
