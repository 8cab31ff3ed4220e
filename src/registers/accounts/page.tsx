import { lazy, Suspense } from 'react';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { useList, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column, Filter, ListQuery } from '../../ui/register/types.ts';
import { useWords, type Words } from '../../ui/words.ts';
import { useView, ViewTabs } from '../page.tabs.tsx';
import type { routes as peopleRoutes } from '../people/routes.ts';
import type { routes as systemRoutes } from '../systems/routes.ts';
import type { AccessItem } from './list.grants.ts';
import type { AccountItem } from './list.ts';
import type { routes } from './routes.ts';

// What a row opens weighs more than the list; it comes when one is opened.
const AccessSheet = lazy(() => import('./page.access.tsx'));
const AccountSheet = lazy(() => import('./page.sheet.tsx'));

const tabs = ['all', 'unapproved', 'unused', 'orphans'] as const;
type Tab = (typeof tabs)[number];

/** Who can enter what: observed and approved access side by side, and where the two differ. */
export default function AccessPage() {
  const t = useWords('registers/accounts');
  const api = useApi<typeof routes>();
  const counts = useRead(api.getReconciliation, {});
  const tab = useView(tabs);
  const { observed = 0, approved = 0, unapproved, unused, orphanAccounts } = counts.data ?? {};
  const count: Record<Tab, number | undefined> = {
    all: counts.data && observed + (unused ?? 0),
    unapproved,
    unused,
    orphans: orphanAccounts,
  };
  return (
    <Page wide>
      <PageHeader
        title={t('title')}
        sentence={counts.data ? t('sentence', { observed, approved }) : undefined}
      />
      <ViewTabs
        view={tab}
        views={tabs.map((id) => ({
          id,
          label:
            count[id] === undefined
              ? t(`tab.${id}`)
              : t('tabCount', { name: t(`tab.${id}`), count: count[id] }),
        }))}
      />
      {tab === 'orphans' ? <Orphans key={tab} /> : <AccessTable key={tab} tab={tab} />}
    </Page>
  );
}

function AccessTable({ tab }: { tab: Exclude<Tab, 'orphans'> }) {
  const t = useWords('registers/accounts');
  const api = useApi<typeof routes>();
  const systems = useSystems();
  const departments = useRead(useApi<typeof peopleRoutes>().listDepartments, {});
  const truth = (name: string) =>
    ['true', 'false'].map((value) => ({ value, label: t(`${name}.${value}`) }));
  const filters: Filter[] = [
    { id: 'system', label: t('system'), options: systems },
    {
      id: 'department',
      label: t('department'),
      options: (departments.data?.items ?? []).map(({ name }) => ({ value: name, label: name })),
    },
    { id: 'privileged', label: t('privileged.label'), options: truth('privileged') },
    { id: 'leaver', label: t('leaver.label'), options: truth('leaver') },
    { id: 'orphan', label: t('orphan.label'), options: truth('orphan') },
  ];
  const fixed: ListQuery = tab === 'all' ? {} : { state: tab };
  return (
    <RegisterTable
      name={`access-${tab}`}
      label={t(`tab.${tab}`)}
      list={api.listGrants}
      rowId={(access) => `${access.accountId}_${access.entitlementId}`}
      defaultSort="account"
      fixed={fixed}
      columns={accessColumns(t, tab === 'all')}
      filters={filters}
      sheet={(id) => (
        <Suspense>
          <AccessSheet id={id} />
        </Suspense>
      )}
      empty={
        <EmptyState
          title={t(`empty.${tab}`)}
          action={tab === 'all' && <Link to="/console/systems">{t('toSystems')}</Link>}
        >
          {t(`emptyFirst.${tab}`)}
        </EmptyState>
      }
    />
  );
}

function Orphans() {
  const t = useWords('registers/accounts');
  const api = useApi<typeof routes>();
  return (
    <RegisterTable
      name="orphans"
      label={t('tab.orphans')}
      list={api.listAccounts}
      rowId={(account) => account.id}
      defaultSort="name"
      fixed={{ orphan: true, present: true }}
      columns={accountColumns(t)}
      filters={[{ id: 'system', label: t('system'), options: useSystems() }]}
      sheet={(id) => (
        <Suspense>
          <AccountSheet id={id} />
        </Suspense>
      )}
      empty={<EmptyState title={t('empty.orphans')}>{t('emptyFirst.orphans')}</EmptyState>}
    />
  );
}

/** Systems as choices of a filter. */
function useSystems() {
  const systems = useList(useApi<typeof systemRoutes>().listSystems, { limit: 500, sort: 'name' });
  return (systems.data?.items ?? []).map(({ key, name }) => ({ value: key, label: name }));
}

function accessColumns(t: Words, withState: boolean): readonly Column<AccessItem>[] {
  const state: Column<AccessItem> = {
    id: 'state',
    label: t('state.label'),
    value: (access) => t(`state.${access.state}`),
    width: '9rem',
  };
  return [
    {
      id: 'account',
      label: t('account'),
      value: (access) => access.account,
      sort: true,
      width: 'minmax(9rem, 1.5fr)',
    },
    {
      id: 'person',
      label: t('person'),
      value: (access) => personOf(access, t),
      sort: true,
      width: 'minmax(9rem, 1.5fr)',
    },
    {
      id: 'entitlement',
      label: t('entitlement'),
      value: (access) =>
        access.privileged ? t('privilegedName', { name: access.entitlement }) : access.entitlement,
      sort: true,
      width: 'minmax(9rem, 1.5fr)',
      priority: 1,
    },
    {
      id: 'system',
      label: t('system'),
      value: (access) => access.systemName,
      sort: true,
      width: 'minmax(7rem, 1fr)',
    },
    {
      id: 'department',
      label: t('department'),
      value: (access) => access.department,
      sort: true,
      width: '8rem',
      hidden: true,
    },
    {
      id: 'observedSince',
      label: t('observedSince'),
      value: (access) => access.observedSince && <RelativeTime at={access.observedSince} />,
      sort: true,
      width: '9rem',
      priority: 3,
    },
    {
      id: 'endsOn',
      label: t('endsOn'),
      value: (access) => access.endsOn && <RelativeTime at={access.endsOn} />,
      sort: true,
      width: '8rem',
      priority: 3,
    },
    ...(withState ? [state] : []),
  ];
}

function personOf(access: AccessItem, t: Words): string {
  if (access.person === null)
    return access.accountKind === 'staff' ? t('nobody') : t(`kind.${access.accountKind}`);
  return access.personState === 'leaver' ? t('leaverName', { name: access.person }) : access.person;
}

function accountColumns(t: Words): readonly Column<AccountItem>[] {
  return [
    {
      id: 'name',
      label: t('account'),
      value: (account) => account.name,
      sort: true,
      width: 'minmax(10rem, 2fr)',
    },
    {
      id: 'system',
      label: t('system'),
      value: (account) => account.systemName,
      sort: true,
      width: 'minmax(8rem, 1fr)',
    },
    {
      id: 'kind',
      label: t('kind.label'),
      value: (account) => t(`kind.${account.kind}`),
      sort: true,
      width: '8rem',
    },
    {
      id: 'accesses',
      label: t('accesses'),
      value: (account) => t('number', { count: account.accesses }),
      width: '7rem',
      align: 'end',
    },
  ];
}
