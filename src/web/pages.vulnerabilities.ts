import type { Page } from './page.ts';

/** Pages of the clause `vulnerabilities` and of the registers it stands on: backlog, sources, advisories. */
export const vulnerabilityPages: readonly Page[] = [
  {
    path: '/console/sources',
    load: () => import('../registers/sources/page.tsx'),
    nav: {
      group: 'vulnerabilities',
      label: 'registers/sources:nav.sources',
      icon: 'systems',
      permission: 'readSources',
      searchable: true,
    },
  },
  { path: '/console/sources/$key', load: () => import('../registers/sources/page.source.tsx') },
];
