import type { ComponentType } from 'react';
import type { IconName } from '../ui/icons.tsx';

/** Order of the rail. */
export const navGroups = [
  'policy',
  'today',
  'people',
  'access',
  'reviews',
  'customers',
  'vulnerabilities',
  'registers',
  'ledger',
  'settings',
] as const;
export type NavGroup = (typeof navGroups)[number];

/** One page: where it is, how its chunk is fetched, and whether the rail shows it. */
export type Page = {
  /** Below `/console` inside the shell, else by itself. Parameters as `$id`. */
  readonly path: string;
  readonly load: () => Promise<{ default: ComponentType }>;
  readonly nav?: {
    readonly group: NavGroup;
    /** Word as `room:key`: of the shell, e.g. `web:nav.people`, or below `nav` of another room's words. */
    readonly label: string;
    readonly icon: IconName;
    /** Readers without it do not see the entry. */
    readonly permission?: string;
    /** Takes `?q=`: the palette offers to search here. */
    readonly searchable?: boolean;
  };
};

/** Where the words are that a label names: those of other rooms than the shell lie in `everywhere`. */
export function navWord(label: string): string {
  const [room = '', key = ''] = label.split(':');
  return room === 'web' || room === 'ui' ? label : `everywhere:${room}.${key}`;
}
