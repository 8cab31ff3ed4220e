import type { Page } from './page.ts';

/** Pages of the clause `vulnerabilities` and of the registers it stands on: backlog, sources, advisories. */
export const vulnerabilityPages: readonly Page[] = [
  {
    path: '/console/backlog',
    load: () => import('../clauses/vulnerabilities/page.tsx'),
    nav: {
      group: 'vulnerabilities',
      label: 'clauses/vulnerabilities:nav.backlog',
      icon: 'tasks',
      permission: 'readBacklog',
      searchable: true,
    },
  },
  { path: '/console/backlog/$id', load: () => import('../clauses/vulnerabilities/page.item.tsx') },
  {
    path: '/console/backlog-decisions',
    load: () => import('../clauses/vulnerabilities/page.asked.tsx'),
    nav: {
      group: 'vulnerabilities',
      label: 'clauses/vulnerabilities:nav.decisions',
      icon: 'check',
      permission: 'readBacklog',
    },
  },
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
  {
    path: '/console/sources/$key/findings',
    load: () => import('../clauses/vulnerabilities/page.findings.tsx'),
  },
  {
    path: '/console/vulnerabilities',
    load: () => import('../registers/advisories/page.tsx'),
    nav: {
      group: 'vulnerabilities',
      label: 'registers/advisories:nav.vulnerabilities',
      icon: 'findings',
      permission: 'readVulnerabilities',
      searchable: true,
    },
  },
  {
    path: '/console/vulnerabilities/$id',
    load: () => import('../registers/advisories/page.vulnerability.tsx'),
  },
  {
    path: '/console/advisory-imports',
    load: () => import('../registers/advisories/page.imports.tsx'),
    nav: {
      group: 'vulnerabilities',
      label: 'registers/advisories:nav.imports',
      icon: 'download',
      permission: 'readVulnerabilities',
    },
  },
  {
    path: '/console/advisory-imports/$id',
    load: () => import('../registers/advisories/page.import.tsx'),
  },
  {
    path: '/console/patch-policy',
    load: () => import('../clauses/vulnerabilities/page.policy.tsx'),
    nav: {
      group: 'vulnerabilities',
      label: 'clauses/vulnerabilities:nav.policy',
      icon: 'policy',
      permission: 'readPatchPolicy',
    },
  },
];
