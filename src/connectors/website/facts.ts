import type { Instant } from '../../kernel/instant.ts';

/** What the connector is given of the outside: to look at a site as a visitor sees it. */
export interface Look {
  readonly ask: (url: URL, signal: AbortSignal) => Promise<Answer>;
  readonly handshake: (
    url: URL,
    offer: 'current' | 'outdated',
    signal: AbortSignal,
  ) => Promise<Tls | null>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Whether there was more than may be read. */
  readonly cut: boolean;
}

export interface Tls {
  readonly protocol: string;
  readonly cipher: string;
  /** Why the certificate is not to be trusted; null where it is. */
  readonly problem: string | null;
  readonly chain: readonly {
    readonly subject: string;
    readonly issuer: string;
    readonly validFrom: Instant;
    readonly validTo: Instant;
    readonly rsaBits: number | null;
  }[];
}

/** A website as it was seen; what was not seen is null, and nothing is concluded from it. */
export interface SiteSeen {
  /** The page on which redirects ended. */
  readonly url: URL;
  readonly tls: Tls | null;
  /** Whether versions of TLS that RFC 8996 has ended are still taken. */
  readonly outdatedTls: boolean | null;
  /** Where plain HTTP leads: `https`, another address, or a page; null where nobody answers to it. */
  readonly plain: 'redirects' | 'serves' | null;
  readonly page: Answer | null;
  /** Scripts of the site itself, by address, the beginnings of them. */
  readonly scripts: ReadonlyMap<string, string>;
  /** Whether everything was seen that a look is about: only then is what is missing gone. */
  readonly whole: boolean;
  /** What could not be seen, and why. */
  readonly notes: readonly string[];
}
