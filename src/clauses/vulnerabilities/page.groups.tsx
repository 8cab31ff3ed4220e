import { SegmentedControl } from '@mantine/core';
import { useAddressValue } from '../../ui/address.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { useWords, type Words } from '../../ui/words.ts';
import type { BacklogGroup, Grouping } from './facts.shown.ts';
import { useBacklogApi } from './page.api.ts';
import { ClassMark } from './page.marks.tsx';

const groupings: readonly Grouping[] = ['fix', 'component', 'asset', 'owner', 'source'];

/** What is to be done, gathered: by the upgrade that clears it first. */
export default function Groups() {
  const t = useWords('clauses/vulnerabilities');
  const [named, name] = useAddressValue('by');
  const by = groupings.find((each) => each === named) ?? 'fix';
  return (
    <>
      <SegmentedControl
        size="xs"
        mb="sm"
        aria-label={t('groupBy')}
        value={by}
        onChange={(value) => name(value === 'fix' ? undefined : value)}
        data={groupings.map((value) => ({ value, label: t(`groupings.${value}`) }))}
        style={{ alignSelf: 'start', maxWidth: '100%', overflowX: 'auto' }}
      />
      <RegisterTable
        key={by}
        name={`backlog-by-${by}`}
        label={t('groupings.label', { by: t(`groupings.${by}`) })}
        list={useBacklogApi().groupBacklog}
        fixed={{ by }}
        rowId={(group) => `${group.key} ${group.fixVersion}`}
        defaultSort="-items"
        columns={columns(by, t)}
        empty={<EmptyState title={t('empty.title')}>{t('noGroups')}</EmptyState>}
      />
    </>
  );
}

function columns(by: Grouping, t: Words): readonly Column<BacklogGroup>[] {
  return [
    {
      id: 'name',
      label: t(`groupings.${by}`),
      value: (group) => <Link to={listOf(by, group)}>{nameOf(by, group, t)}</Link>,
      sort: true,
      width: 'minmax(14rem, 3fr)',
    },
    {
      id: 'items',
      label: t('items'),
      value: (group) => t('amount', { count: group.items }),
      sort: true,
      align: 'end',
      width: '6rem',
      priority: 1,
    },
    {
      id: 'overdue',
      label: t('overdueWord'),
      value: (group) => t('amount', { count: group.overdue }),
      sort: true,
      align: 'end',
      width: '7rem',
      priority: 3,
    },
    {
      id: 'exploited',
      label: t('exploitedShort'),
      value: (group) => t('amount', { count: group.exploited }),
      align: 'end',
      width: '7rem',
      priority: 3,
    },
    {
      id: 'score',
      label: t('worst'),
      value: (group) => <ClassMark of={group.class} score={group.score} />,
      sort: true,
      width: '9rem',
    },
    {
      id: 'due',
      label: t('nextDue'),
      value: (group) => <RelativeTime at={group.dueAt} />,
      sort: true,
      width: '9rem',
    },
    {
      id: 'assets',
      label: t('assets'),
      value: (group) => assetsText(group, t),
      width: 'minmax(8rem, 2fr)',
    },
  ];
}

/** One sentence of what would clear it: "Upgrade lodash to 4.17.21". */
function nameOf(by: Grouping, group: BacklogGroup, t: Words): string {
  if (by === 'fix') return t('fixTo', { component: group.name, version: group.fixVersion ?? '' });
  return group.name || t('assignees.none');
}

function assetsText({ assets, assetCount }: BacklogGroup, t: Words): string {
  const more = assetCount - assets.length;
  const named = assets.join(t('comma'));
  return more > 0 ? t('andMore', { named, count: more }) : named;
}

const filterOf: Readonly<Record<Grouping, string>> = {
  fix: 'package',
  component: 'package',
  asset: 'system',
  owner: 'assignee',
  source: 'source',
};

/** The list with the items of a group. */
function listOf(by: Grouping, { key, fixVersion }: BacklogGroup): string {
  const search = new URLSearchParams({ [filterOf[by]]: key });
  if (by === 'fix' && fixVersion) search.set('fix', fixVersion);
  return `/console/backlog?${search}`;
}
