/**
 * Who is reading: name, permissions, language and zone. The shell fills it from `GET /api/v1/me`.
 *
 * @example
 * const mayRevoke = useMay('access:revoke');
 * const { zone } = useReader();
 */
import { createContext, type ReactNode, useContext } from 'react';

export type Reader = {
  readonly person: { readonly id: string; readonly name: string } | null;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly language: 'en' | 'ja';
  /** IANA zone of the organisation; every time on screen is shown in it. */
  readonly zone: string;
  readonly organisation: string;
  readonly demo: boolean;
  readonly secondFactor: boolean;
};

const stranger: Reader = {
  person: null,
  roles: [],
  permissions: [],
  language: 'en',
  zone: 'UTC',
  organisation: '',
  demo: false,
  secondFactor: false,
};

const ReaderContext = createContext<Reader>(stranger);

export function ReaderProvider({ reader, children }: { reader: Reader; children: ReactNode }) {
  return <ReaderContext value={reader}>{children}</ReaderContext>;
}

export function useReader(): Reader {
  return useContext(ReaderContext);
}

/** Whether the reader holds a permission. The server decides again; this only hides what would be refused. */
export function useMay(permission: string): boolean {
  return useContext(ReaderContext).permissions.includes(permission);
}
