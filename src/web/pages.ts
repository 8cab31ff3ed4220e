import type { Page } from './page.ts';
import { accessPages } from './pages.access.ts';
import { vulnerabilityPages } from './pages.vulnerabilities.ts';

/** Every page of the console. A clause or register adds its lines here; the rail follows this order within a group. */
export const pages: readonly Page[] = [
  { path: '/sign-in', load: () => import('./pages/SignIn.tsx') },
  { path: '/invite', load: () => import('./pages/Invite.tsx') },
  { path: '/setup', load: () => import('./pages/SetUp.tsx') },
  { path: '/console/account', load: () => import('./pages/Account.tsx') },
  {
    path: '/console/policy',
    load: () => import('../clauses/publication/page.tsx'),
    nav: {
      group: 'policy',
      label: 'web:nav.policy',
      icon: 'policy',
      permission: 'readPolicy',
    },
  },
  {
    path: '/console/policy/versions',
    load: () => import('../clauses/publication/page.versions.tsx'),
  },
  { path: '/console/policy/edit', load: () => import('../clauses/publication/page.edit.tsx') },
  {
    path: '/console/policy/acknowledge',
    load: () => import('../clauses/publication/page.acknowledge.tsx'),
  },
  {
    path: '/console/policy/acknowledgements',
    load: () => import('../clauses/publication/page.acknowledgements.tsx'),
  },
  {
    path: '/console/policy/settings',
    load: () => import('../clauses/publication/page.settings.tsx'),
    nav: {
      group: 'settings',
      label: 'clauses/publication:nav.settings',
      icon: 'settings',
      permission: 'changePublicationSettings',
    },
  },
  {
    path: '/console/sign-in',
    load: () => import('../registers/identity/page.tsx'),
    nav: {
      group: 'settings',
      label: 'registers/identity:nav.signIn',
      icon: 'account',
      permission: 'manageSignIn',
    },
  },
  {
    path: '/console/provisioning',
    load: () => import('../registers/provisioning/page.tsx'),
    nav: {
      group: 'settings',
      label: 'registers/provisioning:nav.provisioning',
      icon: 'people',
      permission: 'readProvisioning',
    },
  },
  {
    path: '/console/policy/reports',
    load: () => import('../clauses/publication/page.reports.tsx'),
  },
  {
    path: '/console/today',
    load: () => import('../registers/tasks/page.tsx'),
    nav: {
      group: 'today',
      label: 'web:nav.today',
      icon: 'today',
      permission: 'readTasks',
    },
  },
  {
    path: '/console/people',
    load: () => import('../registers/people/page.tsx'),
    nav: {
      group: 'people',
      label: 'web:nav.people',
      icon: 'people',
      permission: 'readPeople',
      searchable: true,
    },
  },
  { path: '/console/people/import', load: () => import('../registers/people/page.import.tsx') },
  { path: '/console/people/$id', load: () => import('../registers/people/page.person.tsx') },
  {
    path: '/console/systems',
    load: () => import('../registers/systems/page.tsx'),
    nav: {
      group: 'access',
      label: 'web:nav.systems',
      icon: 'systems',
      permission: 'readSystems',
      searchable: true,
    },
  },
  { path: '/console/systems/import', load: () => import('../registers/systems/page.import.tsx') },
  { path: '/console/systems/$key', load: () => import('../registers/systems/page.system.tsx') },
  { path: '/console/systems/$key/read', load: () => import('../registers/accounts/page.read.tsx') },
  {
    path: '/console/systems/$key/grants',
    load: () => import('../registers/accounts/page.grants.tsx'),
  },
  {
    path: '/console/customers',
    load: () => import('../registers/customers/page.tsx'),
    nav: {
      group: 'customers',
      label: 'registers/customers:nav.customers',
      icon: 'account',
      permission: 'readCustomers',
      searchable: true,
    },
  },
  {
    path: '/console/customers/import',
    load: () => import('../registers/customers/page.import.tsx'),
  },
  {
    path: '/console/customers/$key',
    load: () => import('../registers/customers/page.customer.tsx'),
  },
  {
    path: '/console/customers/$key/vault',
    load: () => import('../registers/vault/page.holding.tsx'),
  },
  {
    path: '/console/vault',
    load: () => import('../registers/vault/page.tsx'),
    nav: {
      group: 'customers',
      label: 'registers/vault:nav.vault',
      icon: 'ledger',
      permission: 'readVault',
    },
  },
  { path: '/console/holds', load: () => import('../registers/customers/page.holds.tsx') },
  {
    path: '/console/products',
    load: () => import('../registers/customers/page.products.tsx'),
    nav: {
      group: 'customers',
      label: 'registers/customers:nav.products',
      icon: 'systems',
      permission: 'readProducts',
      searchable: true,
    },
  },
  {
    path: '/console/products/$key',
    load: () => import('../registers/customers/page.product.tsx'),
  },
  {
    path: '/console/customer-requests',
    load: () => import('../clauses/retention/page.requests.tsx'),
    nav: {
      group: 'customers',
      label: 'clauses/retention:nav.requests',
      icon: 'check',
      permission: 'readCustomerRequests',
      searchable: true,
    },
  },
  {
    path: '/console/provider-reports',
    load: () => import('../clauses/retention/page.provider.tsx'),
    nav: {
      group: 'customers',
      label: 'clauses/retention:nav.provider',
      icon: 'outside',
      permission: 'readProviderReports',
    },
  },
  {
    path: '/console/connections',
    load: () => import('../registers/connections/page.tsx'),
    nav: {
      group: 'access',
      label: 'registers/connections:nav.connections',
      icon: 'outside',
      permission: 'readConnections',
      searchable: true,
    },
  },
  {
    path: '/console/connections/new',
    load: () => import('../registers/connections/page.setup.tsx'),
  },
  {
    path: '/console/connections/$id',
    load: () => import('../registers/connections/page.connection.tsx'),
  },
  {
    path: '/console/closures',
    load: () => import('../clauses/retention/page.closures.tsx'),
    nav: {
      group: 'customers',
      label: 'clauses/retention:nav.closures',
      icon: 'findings',
      permission: 'readClosures',
      searchable: true,
    },
  },
  {
    path: '/console/retention',
    load: () => import('../clauses/retention/page.schedules.tsx'),
    nav: {
      group: 'settings',
      label: 'clauses/retention:nav.schedules',
      icon: 'settings',
      permission: 'readSchedules',
    },
  },
  {
    path: '/console/retention/plan',
    load: () => import('../clauses/retention/page.plan.tsx'),
  },
  {
    path: '/console/retention/disposals',
    load: () => import('../clauses/retention/page.disposed.tsx'),
  },
  {
    path: '/console/access',
    load: () => import('../registers/accounts/page.tsx'),
    nav: {
      group: 'access',
      label: 'web:nav.access',
      icon: 'access',
      permission: 'readAccess',
      searchable: true,
    },
  },
  { path: '/console/accounts/$id', load: () => import('../registers/accounts/page.account.tsx') },
  {
    path: '/console/findings',
    load: () => import('../registers/findings/page.tsx'),
    nav: {
      group: 'registers',
      label: 'web:nav.findings',
      icon: 'findings',
      permission: 'readFindings',
      searchable: true,
    },
  },
  {
    path: '/console/tasks',
    load: () => import('../registers/tasks/page.tasks.tsx'),
    nav: {
      group: 'registers',
      label: 'web:nav.tasks',
      icon: 'tasks',
      permission: 'readTasks',
      searchable: true,
    },
  },
  {
    path: '/console/training',
    load: () => import('../clauses/people/page.training.tsx'),
    nav: {
      group: 'today',
      label: 'clauses/people:nav.training',
      icon: 'reviews',
      permission: 'takeTraining',
    },
  },
  { path: '/console/training/$course', load: () => import('../clauses/people/page.course.tsx') },
  {
    path: '/console/undertakings',
    load: () => import('../clauses/people/page.undertakings.tsx'),
    nav: {
      group: 'today',
      label: 'clauses/people:nav.undertakings',
      icon: 'policy',
      permission: 'readUndertakings',
    },
  },
  {
    path: '/console/undertakings/signatures',
    load: () => import('../clauses/people/page.signatures.tsx'),
  },
  {
    path: '/console/undertakings/$document',
    load: () => import('../clauses/people/page.undertaking.tsx'),
  },
  {
    path: '/console/courses',
    load: () => import('../clauses/people/page.courses.tsx'),
    nav: {
      group: 'people',
      label: 'clauses/people:nav.courses',
      icon: 'reviews',
      permission: 'readTraining',
      searchable: true,
    },
  },
  { path: '/console/courses/$course', load: () => import('../clauses/people/page.editing.tsx') },
  {
    path: '/console/checklists',
    load: () => import('../clauses/people/page.checklists.tsx'),
    nav: {
      group: 'people',
      label: 'clauses/people:nav.checklists',
      icon: 'tasks',
      permission: 'readChecklists',
      searchable: true,
    },
  },
  {
    path: '/console/checklists/templates',
    load: () => import('../clauses/people/page.templates.tsx'),
  },
  { path: '/console/checklists/$id', load: () => import('../clauses/people/page.checklist.tsx') },
  {
    path: '/console/disposals',
    load: () => import('../clauses/people/page.disposals.tsx'),
    nav: {
      group: 'people',
      label: 'clauses/people:nav.disposals',
      icon: 'close',
      permission: 'recordDisposal',
    },
  },
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
  ...accessPages,
  ...vulnerabilityPages,
  {
    path: '/console/cases',
    load: () => import('../clauses/customer-data/page.tsx'),
    nav: {
      group: 'customers',
      label: 'clauses/customer-data:nav.cases',
      icon: 'access',
      permission: 'readCases',
      searchable: true,
    },
  },
  { path: '/console/cases/new', load: () => import('../clauses/customer-data/page.request.tsx') },
  { path: '/console/cases/$id', load: () => import('../clauses/customer-data/page.case.tsx') },
];
