import type { Page } from './page.ts';

/** Every page of the console. A clause or register adds its lines here; the rail follows this order within a group. */
export const pages: readonly Page[] = [
  { path: '/sign-in', load: () => import('./pages/SignIn.tsx') },
  { path: '/invite', load: () => import('./pages/Invite.tsx') },
  { path: '/setup', load: () => import('./pages/SetUp.tsx') },
  { path: '/console/account', load: () => import('./pages/Account.tsx') },
  {
    path: '/console/ledger',
    load: () => import('../registers/evidence/page.ledger.tsx'),
    nav: { group: 'ledger', label: 'web:nav.ledger', icon: 'ledger', permission: 'readLedger', searchable: true },
  },
];
