import { lazy, Suspense } from 'react';
import { useView, ViewTabs } from '../../registers/page.tabs.tsx';
import type { routes as peopleRoutes } from '../../registers/people/routes.ts';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import { useWords } from '../../ui/words.ts';
import classes from './page.roles.module.css';
import type { RoleSearch } from './page.roles.tsx';
import type { routes } from './routes.ts';

// What a row opens weighs more than the list; it comes when one is opened.
const SuggestionSheet = lazy(async () => ({
  default: (await import('./page.suggestion.tsx')).SuggestionSheet,
}));
const AdoptedSheet = lazy(async () => ({
  default: (await import('./page.suggestion.tsx')).AdoptedSheet,
}));

const tabs = ['roles', 'people', 'lone', 'adopted'] as const;

/** What a search found: the roles, what changes for whom, what stands alone, what was adopted. */
export function FoundRoles({ search }: { search: RoleSearch }) {
  const t = useWords('clauses/access');
  const tab = useView(tabs);
  const counts = { roles: search.roles, people: search.holders, lone: search.lone, adopted: null };
  return (
    <>
      <Summary search={search} />
      <ViewTabs
        view={tab}
        views={tabs.map((id) => ({ id, label: t(`roles.tab.${id}`, { count: counts[id] ?? 0 }) }))}
      />
      {tab === 'roles' && <Suggestions search={search} />}
      {tab === 'people' && <Holders search={search} />}
      {tab === 'lone' && <Lone search={search} />}
      {tab === 'adopted' && <Adopted search={search} />}
    </>
  );
}

function Summary({ search }: { search: RoleSearch }) {
  const t = useWords('clauses/access');
  const { roles, accesses, assignments, holders, atLeast, leftOut, readSince, endedAt } = search;
  const least = atLeast === roles ? t('roles.found.fewest') : t('roles.found.atLeast', { atLeast });
  return (
    <div className={classes.summary}>
      <p>
        {t('sentences', {
          first: t('roles.found.instead', { roles, accesses, assignments }),
          second: t('roles.found.same', { count: holders }),
        })}
      </p>
      <p className={classes.soft}>
        {leftOut > 0
          ? t('sentences', { first: least, second: t('roles.found.leftOut', { count: leftOut }) })
          : least}{' '}
        {endedAt && (
          <>
            {t('roles.found.made')} <RelativeTime at={endedAt} />
          </>
        )}
      </p>
      {readSince && <p>{t('roles.found.readSince')}</p>}
    </div>
  );
}

function Suggestions({ search }: { search: RoleSearch }) {
  const t = useWords('clauses/access');
  const truth = (name: string) =>
    ['true', 'false'].map((value) => ({ value, label: t(`roles.${name}.${value}`) }));
  return (
    <RegisterTable
      name="suggested-roles"
      label={t('roles.tab.roles', { count: search.roles })}
      list={useApi<typeof routes>().listSuggestedRoles}
      rowId={(role) => role.id}
      defaultSort="-holders"
      fixed={{ id: search.id }}
      columns={[
        {
          id: 'name',
          label: t('roles.role'),
          value: (role) => role.name,
          sort: true,
          width: 'minmax(11rem, 2fr)',
        },
        {
          id: 'holders',
          label: t('roles.holders'),
          value: (role) => t('roles.people', { count: role.holders }),
          sort: true,
          width: '8rem',
          align: 'end',
        },
        {
          id: 'entitlements',
          label: t('roles.entitlements'),
          value: (role) => t('roles.entitlementCount', { count: role.entitlements }),
          sort: true,
          width: '9rem',
          align: 'end',
        },
        {
          id: 'gives',
          label: t('roles.gives'),
          value: (role) => role.gives,
          width: 'minmax(10rem, 3fr)',
          priority: 3,
        },
        {
          id: 'adopted',
          label: t('roles.adoptedAs'),
          value: (role) => role.adopted,
          width: 'minmax(7rem, 1fr)',
        },
      ]}
      filters={[
        { id: 'lone', label: t('roles.lone.label'), options: truth('lone') },
        { id: 'adopted', label: t('roles.adopted.label'), options: truth('adopted') },
      ]}
      sheet={(id) => (
        <Suspense>
          <SuggestionSheet id={id} />
        </Suspense>
      )}
    />
  );
}

function Holders({ search }: { search: RoleSearch }) {
  const t = useWords('clauses/access');
  const departments = useRead(useApi<typeof peopleRoutes>().listDepartments, {});
  return (
    <RegisterTable
      name="role-holders"
      prefix="people-"
      label={t('roles.tab.people', { count: search.holders })}
      list={useApi<typeof routes>().listRoleHolders}
      rowId={(holder) => holder.id}
      defaultSort="-accesses"
      fixed={{ id: search.id }}
      columns={[
        {
          id: 'name',
          label: t('roles.holder'),
          value: (holder) =>
            holder.person ? holder.name : t('roles.account', { name: holder.name }),
          sort: true,
          width: 'minmax(10rem, 2fr)',
        },
        {
          id: 'department',
          label: t('roles.department'),
          value: (holder) => holder.department,
          sort: true,
          width: 'minmax(7rem, 1fr)',
          priority: 3,
        },
        {
          id: 'accesses',
          label: t('roles.today'),
          value: (holder) => t('roles.accesses', { count: holder.accesses }),
          sort: true,
          width: '9rem',
          align: 'end',
        },
        {
          id: 'roles',
          label: t('roles.instead'),
          value: (holder) => t('roles.roleCount', { count: holder.roles }),
          sort: true,
          width: '8rem',
          align: 'end',
        },
        {
          id: 'roleNames',
          label: t('roles.which'),
          value: (holder) => holder.roleNames,
          width: 'minmax(12rem, 3fr)',
          priority: 3,
        },
      ]}
      filters={[
        {
          id: 'department',
          label: t('roles.department'),
          options: (departments.data?.items ?? []).map(({ name }) => ({
            value: name,
            label: name,
          })),
        },
      ]}
    />
  );
}

function Lone({ search }: { search: RoleSearch }) {
  const t = useWords('clauses/access');
  return (
    <RegisterTable
      name="lone-access"
      prefix="lone-"
      label={t('roles.tab.lone', { count: search.lone })}
      list={useApi<typeof routes>().listLoneAccess}
      rowId={(lone) => `${lone.holderId}_${lone.entitlementId}`}
      defaultSort="holder"
      fixed={{ id: search.id }}
      columns={[
        {
          id: 'holder',
          label: t('roles.holder'),
          value: (lone) => lone.holder,
          sort: true,
          width: 'minmax(10rem, 2fr)',
        },
        {
          id: 'entitlement',
          label: t('roles.entitlement'),
          value: (lone) =>
            lone.privileged ? t('roles.privileged', { name: lone.entitlement }) : lone.entitlement,
          sort: true,
          width: 'minmax(10rem, 2fr)',
        },
        { id: 'system', label: t('roles.system'), value: (lone) => lone.system },
        {
          id: 'department',
          label: t('roles.department'),
          value: (lone) => lone.department,
          priority: 3,
        },
      ]}
      empty={<EmptyState title={t('roles.loneNone')}>{t('roles.loneNoneWhy')}</EmptyState>}
    />
  );
}

function Adopted({ search }: { search: RoleSearch }) {
  const t = useWords('clauses/access');
  return (
    <RegisterTable
      name="adopted-roles"
      prefix="adopted-"
      label={t('roles.tab.adopted')}
      list={useApi<typeof routes>().listAdoptedRoles}
      rowId={(role) => role.id}
      defaultSort="name"
      fixed={{ scope: search.systemId ?? 'all' }}
      columns={[
        {
          id: 'name',
          label: t('roles.role'),
          value: (role) => role.name,
          sort: true,
          width: 'minmax(10rem, 2fr)',
        },
        {
          id: 'holders',
          label: t('roles.holdersNow'),
          value: (role) => t('roles.people', { count: role.holders }),
          width: '9rem',
          align: 'end',
        },
        {
          id: 'entitlements',
          label: t('roles.entitlements'),
          value: (role) => t('roles.entitlementCount', { count: role.entitlements }),
          width: '9rem',
          align: 'end',
        },
        {
          id: 'gives',
          label: t('roles.gives'),
          value: (role) => role.gives,
          width: 'minmax(10rem, 3fr)',
          priority: 3,
        },
        {
          id: 'adoptedAt',
          label: t('roles.adoptedAt'),
          value: (role) => <RelativeTime at={role.adoptedAt} />,
          sort: true,
          width: '9rem',
          priority: 3,
        },
      ]}
      sheet={(id) => (
        <Suspense>
          <AdoptedSheet id={id} />
        </Suspense>
      )}
      empty={<EmptyState title={t('roles.adoptedNone')}>{t('roles.adoptedNoneFirst')}</EmptyState>}
    />
  );
}
