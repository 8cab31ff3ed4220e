import type { Page } from './page.ts';

/** Pages of the clause `access`: reviews, requests, emergencies, duties, leavers. */
export const accessPages: readonly Page[] = [
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
    path: '/console/revoke-orders',
    load: () => import('../clauses/access/page.orders.tsx'),
    nav: {
      group: 'reviews',
      label: 'clauses/access:nav.orders',
      icon: 'access',
      permission: 'readCampaigns',
      searchable: true,
    },
  },
  {
    path: '/console/roles',
    load: () => import('../clauses/access/page.roles.tsx'),
    nav: {
      group: 'access',
      label: 'clauses/access:nav.roles',
      icon: 'people',
      permission: 'readReviews',
    },
  },
  { path: '/console/reviews/$id', load: () => import('../clauses/access/page.campaign.tsx') },
  {
    path: '/console/my-access',
    load: () => import('../clauses/access/page.mine.tsx'),
    nav: {
      group: 'today',
      label: 'clauses/access:nav.mine',
      icon: 'access',
      permission: 'readMyAccess',
      searchable: true,
    },
  },
  {
    path: '/console/access-requests',
    load: () => import('../clauses/access/page.requests.tsx'),
    nav: {
      group: 'access',
      label: 'clauses/access:nav.requests',
      icon: 'check',
      permission: 'readRequests',
      searchable: true,
    },
  },
  {
    path: '/console/emergencies',
    load: () => import('../clauses/access/page.emergencies.tsx'),
    nav: {
      group: 'access',
      label: 'clauses/access:nav.emergencies',
      icon: 'findings',
      permission: 'readRequests',
      searchable: true,
    },
  },
  {
    path: '/console/duties',
    load: () => import('../clauses/access/page.duties.tsx'),
    nav: {
      group: 'access',
      label: 'clauses/access:nav.duties',
      icon: 'columns',
      permission: 'readDuties',
      searchable: true,
    },
  },
  {
    path: '/console/leavers',
    load: () => import('../clauses/access/page.leavers.tsx'),
    nav: {
      group: 'people',
      label: 'clauses/access:nav.leavers',
      icon: 'people',
      permission: 'readLeavers',
      searchable: true,
    },
  },
  { path: '/console/offers', load: () => import('../clauses/access/page.offers.tsx') },
];
