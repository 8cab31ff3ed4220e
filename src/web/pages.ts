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
    nav: {
      group: 'ledger',
      label: 'web:nav.ledger',
      icon: 'ledger',
      permission: 'readLedger',
      searchable: true,
    },
  },
  {
    path: '/console/reviews',
    load: () => import('../clauses/access/page.tsx'),
    nav: {
      group: 'reviews',
      label: 'clauses/access:nav.reviews',
      icon: 'reviews',
      permission: 'readCampaigns',
      searchable: true,
    },
  },
  {
    path: '/console/reviews/orders',
    load: () => import('../clauses/access/page.orders.tsx'),
    nav: {
      group: 'reviews',
      label: 'clauses/access:nav.orders',
      icon: 'access',
      permission: 'readCampaigns',
      searchable: true,
    },
  },
  { path: '/console/reviews/$id', load: () => import('../clauses/access/page.campaign.tsx') },
];
