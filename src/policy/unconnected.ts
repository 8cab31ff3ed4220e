import type { Words } from '../kernel/language.ts';
import type { Source } from './check.ts';

/**
 * Facts that nobody has connected yet. What stands on them is unknown, and says which they are: the name of
 * such a source is a word of this list, so that every reader is told in their own language.
 */
export const unconnected = {
  signIn: {
    en: 'no identity provider is set up for signing in to Kept',
    ja: 'KeptへのサインインにIDプロバイダーが設定されていません',
  },
  entra: {
    en: 'no connection to Microsoft Entra ID reads who has an account there',
    ja: 'アカウントを読み取るMicrosoft Entra IDへの接続がありません',
  },
  identityProvider: {
    en: 'no connection reads the identity provider by which systems are entered',
    ja: '各システムへの入口となるIDプロバイダーを読み取る接続がありません',
  },
  aws: {
    en: 'no connection reads Amazon Web Services',
    ja: 'Amazon Web Servicesを読み取る接続がありません',
  },
  systems: {
    en: 'no system is registered and read',
    ja: '登録して読み取っているシステムがありません',
  },
  review: {
    en: 'no access review has been held yet',
    ja: 'アクセス権の棚卸しがまだ行われていません',
  },
  audited: {
    en: 'nothing has been audited for vulnerabilities yet',
    ja: '脆弱性の監査がまだ行われていません',
  },
  advisories: {
    en: 'no advisories have been imported yet',
    ja: '脆弱性情報がまだ取り込まれていません',
  },
} as const satisfies Record<string, Words>;

export type Unconnected = keyof typeof unconnected;

const mark = 'unconnected:';

/** A source that nobody has connected yet: without it there is nothing to judge by. */
export function notConnected(what: Unconnected): Source {
  return { name: `${mark}${what}`, readAt: null, staleAfterHours: 24 };
}

/** What is not connected, by the name of a source; null where the source is a real one. */
export function unconnectedOf(source: unknown): Unconnected | null {
  if (typeof source !== 'string' || !source.startsWith(mark)) return null;
  const what = source.slice(mark.length);
  return what in unconnected ? (what as Unconnected) : null;
}
