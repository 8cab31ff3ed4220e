import { lazy, Suspense, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { useList } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column, Filter } from '../../ui/register/types.ts';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { routes as systemRoutes } from '../systems/routes.ts';
import { sourceKinds } from './facts.terms.ts';
import type { SourceItem } from './list.ts';
import { Due } from './page.due.tsx';
import { SourceSheet } from './page.sheet.tsx';
import type { routes } from './routes.ts';

const SourceForm = lazy(() => import('./page.form.tsx'));

/** Everything that is audited for vulnerabilities; what is overdue stands first. */
export default function SourcesPage() {
  const t = useWords('registers/sources');
  const [adding, setAdding] = useState(false);
  const close = () => setAdding(false);
  const mayAdd = useMay('registerSource');
  const add = mayAdd ? { label: t('add'), run: () => setAdding(true) } : undefined;
  return (
    <Page wide>
      <PageHeader title={t('title')} sentence={t('sentence')} primary={add} />
      <RegisterTable
        name="sources"
        label={t('title')}
        list={useApi<typeof routes>().listSources}
        rowId={(source) => source.key}
        defaultSort="due"
        columns={columns(t)}
        filters={useFilters(t)}
        sheet={(key) => <SourceSheet sourceKey={key} />}
        empty={<EmptyState title={t('empty.title')}>{t('empty.first')}</EmptyState>}
      />
      <Sheet opened={adding} onClose={close} label={t('add')}>
        <SheetHeader title={t('add')} sentence={t('addSentence')} />
        <Suspense>
          <SourceForm done={close} />
        </Suspense>
      </Sheet>
    </Page>
  );
}

function useFilters(t: Words): readonly Filter[] {
  const may = useMay('readSystems');
  const systems = useList(
    useApi<typeof systemRoutes>().listSystems,
    { limit: 200 },
    { skip: !may },
  );
  const yesNo = (of: string) =>
    ['true', 'false'].map((value) => ({ value, label: t(`${of}.${value}`) }));
  return [
    { id: 'overdue', label: t('due'), options: yesNo('overdue') },
    {
      id: 'kind',
      label: t('kind'),
      options: sourceKinds.map((value) => ({ value, label: t(`kinds.${value}`) })),
    },
    {
      id: 'system',
      label: t('asset'),
      options: (systems.data?.items ?? []).map(({ key, name }) => ({ value: key, label: name })),
    },
    { id: 'never', label: t('lastAudit'), options: yesNo('never') },
    {
      id: 'retired',
      label: t('retired'),
      options: [{ value: 'true', label: t('retiredOnly') }],
    },
  ];
}

function columns(t: Words): readonly Column<SourceItem>[] {
  return [
    {
      id: 'name',
      label: t('name'),
      value: (source) => (
        <span>
          {source.name} <span className="kept-soft">{source.key}</span>
        </span>
      ),
      sort: true,
      width: 'minmax(12rem, 2fr)',
    },
    {
      id: 'due',
      label: t('due'),
      value: (source) => <Due source={source} />,
      sort: true,
      width: 'minmax(9rem, 1fr)',
      priority: 1,
    },
    { id: 'kind', label: t('kind'), value: (source) => t(`kinds.${source.kind}`), sort: true },
    {
      id: 'system',
      label: t('asset'),
      value: (source) => source.system.name,
      sort: true,
      width: 'minmax(8rem, 1fr)',
    },
    {
      id: 'owner',
      label: t('owner'),
      value: (source) => source.owner?.name ?? t('noOwner'),
      sort: true,
      priority: 3,
    },
    {
      id: 'lastAudit',
      label: t('lastAudit'),
      value: (source) => <LastAudit source={source} />,
      sort: true,
      width: 'minmax(8rem, 1fr)',
    },
    {
      id: 'components',
      label: t('components'),
      value: (source) => t('number', { count: source.components }),
      width: '7rem',
      align: 'end',
      priority: 3,
    },
    {
      id: 'cadence',
      label: t('cadence'),
      value: (source) => t('everyDays', { count: source.cadenceDays }),
      hidden: true,
    },
    {
      id: 'location',
      label: t('location'),
      value: (source) => source.location,
      width: 'minmax(10rem, 2fr)',
      hidden: true,
    },
  ];
}

function LastAudit({ source }: { source: SourceItem }) {
  const t = useWords('registers/sources');
  if (!source.lastAuditAt) return t('neverAudited');
  return (
    <>
      <RelativeTime at={source.lastAuditAt} />
      {source.complete === false && ` · ${t('partial')}`}
      {source.doubted && ` · ${t('doubt.word')}`}
    </>
  );
}
