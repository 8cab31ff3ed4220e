import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { type CustodySettings, custodySettings } from './settings.custody.ts';

/** What an installation is told from outside. Every value is checked and complete. */
export interface Settings {
  /** TCP port; 0 asks for any free one. */
  readonly port: number;
  readonly host: string;
  /** Absolute. */
  readonly dataFolder: string;
  /** Origin under which people reach this installation, without a trailing slash; null: follows from host and port. */
  readonly url: string | null;
  /** Null: the PostgreSQL that ships with Kept, in the data folder. */
  readonly databaseUrl: string | null;
  /** File of the master key. Keep it apart from copies of the database. */
  readonly keyFile: string;
  readonly smtpUrl: string | null;
  /** Sender of Kept's mails, `Kept <kept@example.com>` or the address alone. */
  readonly mailFrom: string | null;
  /** Hosts inside, `name` or `name:port`, that Kept may ask although people entered their address. */
  readonly internalHosts: readonly string[];
  /** Addresses of proxies before Kept, whose word is taken for where a request comes from. */
  readonly trustedProxies: readonly string[];
  readonly custody: CustodySettings;
}

/** A setting that cannot be used, and what was expected instead. */
export interface WrongSetting {
  readonly name: string;
  readonly expected: string;
  /** As it was given; never the value of a secret. */
  readonly given: string | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export const defaultPort = 4747;

/**
 * Reads the settings from an environment. An empty variable counts as not set. All that is wrong is
 * answered at once, so that nobody corrects one mistake after the other.
 *
 * @param folder the folder that relative paths start from
 * @param defaultDataFolder where `KEPT_DATA` is not set
 */
export function readSettings(
  env: Environment,
  folder: string,
  defaultDataFolder = 'data',
):
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly wrong: readonly WrongSetting[] } {
  const wrong: WrongSetting[] = [];
  const read = readerOf(env, wrong);
  const dataFolder = read(
    'KEPT_DATA',
    resolve(folder, defaultDataFolder),
    (text) => pathOf(folder, text),
    'a folder',
  );
  const settings: Settings = {
    port: read('KEPT_PORT', defaultPort, portOf, 'a port from 0 to 65535'),
    host: read(
      'KEPT_HOST',
      '127.0.0.1',
      hostOf,
      'a host name or an IP address, such as 127.0.0.1 or 0.0.0.0',
    ),
    dataFolder,
    url: read(
      'KEPT_URL',
      null,
      originOf,
      'an origin without a path, such as https://kept.example.com',
    ),
    databaseUrl: read(
      'DATABASE_URL',
      null,
      databaseUrlOf,
      'a PostgreSQL URL, such as postgresql://user:password@host:5432/kept',
      true,
    ),
    keyFile: read(
      'KEPT_KEY_FILE',
      join(dataFolder, 'master.key'),
      (text) => pathOf(folder, text),
      'a file',
    ),
    ...mailSettings(read),
    ...networkSettings(read),
    custody: custodySettings(read, folder, dataFolder),
  };
  if (
    settings.smtpUrl &&
    !settings.mailFrom &&
    !wrong.some(({ name }) => name === 'KEPT_MAIL_FROM')
  ) {
    wrong.push({
      name: 'KEPT_MAIL_FROM',
      expected: 'an email address, because KEPT_SMTP_URL is set',
      given: '',
    });
  }
  return wrong.length > 0 ? { ok: false, wrong } : { ok: true, settings };
}

/** Reads one setting, or notes what is wrong with it. */
export type Read = <T>(
  name: string,
  fallback: T,
  parse: (text: string) => T | undefined,
  expected: string,
  secret?: boolean,
) => T;

function mailSettings(read: Read): Pick<Settings, 'smtpUrl' | 'mailFrom'> {
  return {
    smtpUrl: read(
      'KEPT_SMTP_URL',
      null,
      smtpUrlOf,
      'an SMTP URL, such as smtps://user:password@mail.example.com',
      true,
    ),
    mailFrom: read(
      'KEPT_MAIL_FROM',
      null,
      senderOf,
      'an email address, such as kept@example.com or Kept <kept@example.com>',
    ),
  };
}

function networkSettings(read: Read): Pick<Settings, 'internalHosts' | 'trustedProxies'> {
  return {
    internalHosts: read(
      'KEPT_INTERNAL_HOSTS',
      [],
      hostsOf,
      'hosts with commas between, such as login.internal.example.com,10.0.0.5:8443',
    ),
    trustedProxies: read(
      'KEPT_TRUSTED_PROXIES',
      [],
      addressesOf,
      'IP addresses with commas between, such as 10.0.0.2,fd00::2',
    ),
  };
}

/** Reads one setting after the other and collects what is wrong with them. */
function readerOf(env: Environment, wrong: WrongSetting[]): Read {
  return (name, fallback, parse, expected, secret = false) => {
    const text = env[name]?.trim();
    if (!text) return fallback;
    const value = parse(text);
    if (value !== undefined) return value;
    wrong.push({ name, expected, given: secret ? null : text });
    return fallback;
  };
}

/** One line for the operator about one wrong setting. */
export function wrongSettingText({ name, expected, given }: WrongSetting): string {
  const seen =
    given === null ? 'its value is not one' : given === '' ? 'it is not set' : `it is "${given}"`;
  return `${name} must be ${expected}; ${seen}`;
}

/**
 * The origin people use where no `KEPT_URL` says otherwise. A host of this machine is called
 * `localhost`, because passkeys are bound to a name and never to an address (Web Authentication, 5.1.2).
 */
export function defaultUrl(host: string, port: number): string {
  const name = isLoopback(host) || host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** Whether only programs of this machine can reach a host that is listened on. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

function pathOf(folder: string, text: string): string | undefined {
  return text.includes('\0') ? undefined : resolve(folder, text);
}

function portOf(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}

function hostOf(text: string): string | undefined {
  const address = text.replace(/^\[(.*)\]$/, '$1');
  // A name per RFC 1123, or an IPv6 address; Node says no to what is an address of nobody.
  const name = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(address);
  const ip6 = /^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(address);
  return (name || ip6) && !/^\d+$/.test(address) ? address : undefined;
}

function hostsOf(text: string): readonly string[] | undefined {
  const hosts = text.split(',').map((host) => host.trim().toLowerCase());
  const fit = hosts.every((host) => URL.canParse(`http://${host}`) && !/[/@?#\s]/.test(host));
  return fit ? hosts : undefined;
}

function addressesOf(text: string): readonly string[] | undefined {
  const addresses = text.split(',').map((address) => address.trim().toLowerCase());
  return addresses.every((address) => isIP(address) !== 0) ? addresses : undefined;
}

function originOf(text: string): string | undefined {
  const url = parseUrl(text);
  if (!url || !['http:', 'https:'].includes(url.protocol)) return undefined;
  const bare = url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
  return bare ? url.origin : undefined;
}

function databaseUrlOf(text: string): string | undefined {
  if (!/^postgres(ql)?:\/\//.test(text)) return undefined;
  // PostgreSQL's own form for a Unix socket has no host, which the URL standard does not know.
  const url = parseUrl(text.replace(/^(postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)(?=\/)/, '$1localhost'));
  return url && url.pathname.length > 1 ? text : undefined;
}

function smtpUrlOf(text: string): string | undefined {
  const url = parseUrl(text);
  return url && ['smtp:', 'smtps:'].includes(url.protocol) && url.hostname !== ''
    ? text
    : undefined;
}

function senderOf(text: string): string | undefined {
  const address = /^[^<>\r\n]*<([^<>\s]+)>$/.exec(text)?.[1] ?? text;
  return /^[^\s@<>]+@[^\s@<>]+$/.test(address) && !/[\r\n]/.test(text) ? text : undefined;
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
