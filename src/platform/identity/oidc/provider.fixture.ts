import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';

/** Somebody who has an account at the provider. */
export interface ProviderAccount {
  readonly sub: string;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What its sign-in goes through. */
  readonly amr: readonly string[];
}

export interface RunningProvider {
  readonly issuer: string;
  readonly client: { readonly id: string; readonly secret: string };
  readonly accounts: Map<string, ProviderAccount>;
  end(): Promise<void>;
}

const client = { id: 'kept', secret: 'a secret between the two' } as const;

/**
 * A real provider, `oidc-provider`, on a port of its own. Its page asks for a name and a code as a
 * provider's page does; it signs in whoever has an account, and says by what (`amr`).
 *
 * @param kept origin of the Kept that people sign in to
 * @param send delivers its back-channel messages; `fetch` where nothing is said
 */
export async function startProvider(
  kept: string,
  send: typeof fetch = fetch,
): Promise<RunningProvider> {
  const accounts = new Map<string, ProviderAccount>();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, configuration(kept, accounts, send));
  const callback = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/')) {
      interact(provider, accounts, request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    } else void callback(request, response);
  });
  return {
    issuer,
    client,
    accounts,
    async end() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function configuration(
  kept: string,
  accounts: ReadonlyMap<string, ProviderAccount>,
  send: typeof fetch,
): Configuration {
  return {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [`${kept}/api/auth/provider/callback`],
        post_logout_redirect_uris: [`${kept}/sign-in`],
        backchannel_logout_uri: `${kept}/api/auth/provider/logout`,
        backchannel_logout_session_required: true,
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
    claims: {
      acr: null,
      amr: null,
      sid: null,
      auth_time: null,
      iss: null,
      openid: ['sub'],
      profile: ['name', 'groups'],
      email: ['email'],
    },
    cookies: { keys: ['a key of the test'] },
    findAccount: (_, sub) => {
      const account = [...accounts.values()].find((each) => each.sub === sub);
      return account && { accountId: sub, claims: () => ({ sub, ...account.claims }) };
    },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    fetch: (url, options) => send(url, { ...options, dispatcher: undefined } as RequestInit),
  } as Configuration;
}

/** The page of the provider: whoever has an account here, and then the second factor. */
async function interact(
  provider: Provider,
  accounts: ReadonlyMap<string, ProviderAccount>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (request.method === 'GET' && prompt.name === 'login') {
    response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    return;
  }
  if (prompt.name === 'login') {
    const form = new URLSearchParams(await textOf(request));
    const account = accounts.get(form.get('name') ?? '');
    if (!account) {
      response.writeHead(401, { 'content-type': 'text/html' }).end(page);
      return;
    }
    const login = { accountId: account.sub, amr: [...account.amr] };
    await provider.interactionFinished(request, response, { login });
    return;
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({
        accountId: session?.accountId ?? '',
        clientId: String(params['client_id']),
      });
  grant?.addOIDCScope(String(params['scope']));
  const saved = (await grant?.save()) ?? '';
  await provider.interactionFinished(
    request,
    response,
    { consent: { grantId: saved } },
    { mergeWithLastSubmission: true },
  );
}

const page = `<!doctype html><html lang="en"><title>Example ID</title>
<form method="post"><label>Name <input name="name"></label> <label>Code <input name="code"></label>
<button>Sign in</button></form></html>`;

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
