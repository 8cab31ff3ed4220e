import type { Answer, Look, Tls } from '../../connectors/website/facts.ts';

/** A site as a test wants it, seen without sockets: those are tested beside the connector. */
export const site: { page: Answer; tls: Tls; fails: boolean } = {
  tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', problem: null, chain: [] },
  page: { status: 200, headers: new Headers(), body: '', cut: false },
  fails: false,
};
export const look: Look = {
  ask: async (url) => {
    if (url.protocol === 'http:')
      return {
        ...site.page,
        status: 301,
        headers: new Headers({ location: 'https://www.example.com/' }),
      };
    return site.page;
  },
  handshake: async (_, offer) => {
    if (site.fails) throw new Error('cannot be reached');
    return offer === 'current' ? site.tls : null;
  },
};
