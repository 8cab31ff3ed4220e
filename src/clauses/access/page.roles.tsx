import { Select } from '@mantine/core';
import { lazy, type ReactNode, Suspense } from 'react';
import type { output } from 'zod';
import { useAddress } from '../../ui/address.ts';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { JobProgress } from '../../ui/JobProgress.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import classes from './page.roles.module.css';
import type { routes } from './routes.ts';

// The tables come when there is something to show in them.
const FoundRoles = lazy(async () => ({ default: (await import('./page.found.tsx')).FoundRoles }));

type Scope = output<(typeof routes)['listRoleScopes']['output']>['items'][number];
export type RoleSearch = output<(typeof routes)['getRoleSearch']['output']>;

/** Name in the address of all systems together. */
const ALL = 'all';
const keyOf = (scope: Scope): string => scope.key ?? ALL;

/** Few roles that give everybody exactly what they hold today: one system, or all together. */
export default function RolesPage() {
  const t = useWords('clauses/access');
  const scopes = useRead(useApi<typeof routes>().listRoleScopes, {});
  const { search: address } = useAddress();
  const items = scopes.data?.items ?? [];
  const scope = items.find((item) => keyOf(item) === address.of) ?? items[0];
  if (scope) return <ScopePage key={keyOf(scope)} scope={scope} scopes={items} />;
  return (
    <Page wide>
      <PageHeader title={t('roles.title')} sentence={t('roles.sentence')} />
      {scopes.error && <ProblemNotice problem={scopes.error} retry={() => void scopes.refetch()} />}
      {scopes.data && (
        <EmptyState title={t('roles.noSystem')}>{t('roles.noSystemFirst')}</EmptyState>
      )}
    </Page>
  );
}

/** What one system's page shows: its newest search, whatever became of it. */
function ScopePage({ scope, scopes }: { scope: Scope; scopes: readonly Scope[] }) {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const { searchId } = scope;
  const search = useRead(api.getRoleSearch, { id: searchId ?? '' }, { skip: searchId === null });
  const suggest = useCommand(api.suggestRoles);
  const maySuggest = useMay('suggestRoles') && scope.accesses > 0;
  const state = search.data?.state;
  const underWay = state === 'waiting' || state === 'running';
  const known = searchId === null || state !== undefined;
  return (
    <Page wide>
      <PageHeader
        title={t('roles.title')}
        sentence={t('roles.sentence')}
        primary={
          maySuggest && known && !underWay
            ? {
                label: t(state === 'done' ? 'roles.again' : 'roles.suggest'),
                run: () => void suggest.run({ systemId: scope.systemId }),
                running: suggest.running,
              }
            : undefined
        }
      />
      <ScopeChooser scope={scope} scopes={scopes} />
      {suggest.problem && <ProblemNotice problem={suggest.problem} />}
      {search.error && <ProblemNotice problem={search.error} retry={() => void search.refetch()} />}
      <Standing scope={scope} search={search.data} />
    </Page>
  );
}

function ScopeChooser({ scope, scopes }: { scope: Scope; scopes: readonly Scope[] }) {
  const t = useWords('clauses/access');
  const { search: address, set } = useAddress();
  // What the tables keep in the address is about the system that was shown.
  const forgotten = Object.fromEntries(Object.keys(address).map((name) => [name, undefined]));
  return (
    <Select
      className={classes.scope}
      label={t('roles.system')}
      searchable
      allowDeselect={false}
      data={scopes.map((item) => ({ value: keyOf(item), label: item.name ?? t('roles.all') }))}
      value={keyOf(scope)}
      nothingFoundMessage={t('nothingFound')}
      onChange={(of) => of && set({ ...forgotten, of }, { push: true })}
    />
  );
}

function Standing({ scope, search }: { scope: Scope; search: RoleSearch | undefined }) {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const mayCancel = useMay('suggestRoles');
  const system = scope.name ?? t('roles.all');
  if (scope.searchId === null) return <NotYet scope={scope} />;
  if (!search) return null;
  if (search.state === 'waiting' || search.state === 'running') {
    return (
      <JobProgress
        id={search.id}
        label={t('roles.searching', { system })}
        read={api.getRoleSearch}
        {...(mayCancel ? { cancel: api.cancelRoleSearch } : {})}
      />
    );
  }
  if (search.state === 'cancelled')
    return <EmptyState title={t('roles.cancelled')}>{t('roles.cancelledFirst')}</EmptyState>;
  if (search.state === 'failed') {
    return (
      <EmptyState title={t('roles.failed')}>
        {t(`roles.reason.${search.reason ?? 'broken'}`)}
      </EmptyState>
    );
  }
  return (
    <Suspense>
      <FoundRoles search={search} />
    </Suspense>
  );
}

function NotYet({ scope }: { scope: Scope }): ReactNode {
  const t = useWords('clauses/access');
  const system = scope.name ?? t('roles.all');
  if (scope.accesses === 0) {
    return (
      <EmptyState
        title={t('roles.nothing', { system })}
        action={<Link to="/console/systems">{t('roles.toSystems')}</Link>}
      >
        {t('roles.nothingFirst')}
      </EmptyState>
    );
  }
  return (
    <EmptyState title={t('roles.none', { system })}>
      {t('roles.noneFirst', { count: scope.accesses })}
    </EmptyState>
  );
}
