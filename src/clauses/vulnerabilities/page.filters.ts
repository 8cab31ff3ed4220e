import type { routes as sourceRoutes } from '../../registers/sources/routes.ts';
import type { routes as systemRoutes } from '../../registers/systems/routes.ts';
import { useApi } from '../../ui/api.ts';
import { useList } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import type { Filter } from '../../ui/register/types.ts';
import type { Words } from '../../ui/words.ts';
import { itemClasses, itemStates } from './facts.terms.ts';
import { useBacklogApi } from './page.api.ts';

/** Filters of the backlog: each stands in the address, so that a view can be sent to somebody. */
export function useBacklogFilters(t: Words): readonly Filter[] {
  const systems = useList(
    useApi<typeof systemRoutes>().listSystems,
    { limit: 200, sort: 'name' },
    { skip: !useMay('readSystems') },
  );
  const sources = useList(
    useApi<typeof sourceRoutes>().listSources,
    { limit: 200, sort: 'name' },
    { skip: !useMay('readSources') },
  );
  const owners = useList(useBacklogApi().groupBacklog, { by: 'owner', limit: 200 });
  const named = (items: readonly { key: string; name: string }[] = []) =>
    items.map(({ key, name }) => ({ value: key, label: name }));
  const yesNo = (of: string) =>
    ['true', 'false'].map((value) => ({ value, label: t(`${of}.${value}`) }));
  return [
    {
      id: 'state',
      label: t('state'),
      options: ['todo', 'asked', ...itemStates, 'any'].map((value) => ({
        value,
        label: t(`states.${value}`),
      })),
    },
    {
      id: 'class',
      label: t('class'),
      options: itemClasses.map((value) => ({ value, label: t(`classes.${value}`) })),
    },
    { id: 'overdue', label: t('due'), options: yesNo('overdue') },
    { id: 'exploited', label: t('exploitation'), options: yesNo('exploited') },
    { id: 'system', label: t('asset'), options: named(systems.data?.items) },
    { id: 'source', label: t('source'), options: named(sources.data?.items) },
    {
      id: 'assignee',
      label: t('assignee'),
      options: [
        { value: 'me', label: t('assignees.me') },
        { value: 'none', label: t('assignees.none') },
        ...(owners.data?.items ?? [])
          .filter(({ key }) => key !== 'none')
          .map(({ key, name }) => ({ value: key, label: name })),
      ],
    },
    { id: 'package', label: t('component') },
    {
      id: 'fix',
      label: t('fix'),
      options: ['known', 'none'].map((value) => ({ value, label: t(`fixes.${value}`) })),
    },
    { id: 'vulnerability', label: t('vulnerability') },
    { id: 'reporter', label: t('reporter') },
  ];
}
