import { lazy, Suspense, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column, Filter } from '../../ui/register/types.ts';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { ImportItem } from './list.imports.ts';
import { Feeds } from './page.feeds.tsx';
import { ImportDetails } from './page.import.tsx';
import type { listRoutes } from './routes.lists.ts';

const TakeIn = lazy(() => import('./page.takein.tsx'));

/** Where advisories come from, and what each import added, changed and set aside. */
export default function ImportsPage() {
  const t = useWords('registers/advisories');
  const [taking, setTaking] = useState(false);
  const close = () => setTaking(false);
  const mayImport = useMay('importAdvisories');
  const take = mayImport ? { label: t('takeIn.title'), run: () => setTaking(true) } : undefined;
  return (
    <Page wide>
      <PageHeader
        above={<Link to="/console/vulnerabilities">{t('title')}</Link>}
        title={t('imports.title')}
        sentence={t('imports.sentence')}
        primary={take}
      />
      <Feeds />
      <RegisterTable
        name="advisory-imports"
        label={t('imports.title')}
        list={useApi<typeof listRoutes>().listAdvisoryImports}
        rowId={(each) => each.id}
        defaultSort="-began"
        columns={columns(t)}
        filters={filters(t)}
        sheet={(id) => <ImportSheet id={id} />}
        empty={<EmptyState title={t('imports.none')}>{t('imports.noneWhy')}</EmptyState>}
      />
      <Sheet opened={taking} onClose={close} label={t('takeIn.title')}>
        <SheetHeader title={t('takeIn.title')} sentence={t('takeIn.sentence')} />
        <Suspense>
          <TakeIn close={close} />
        </Suspense>
      </Sheet>
    </Page>
  );
}

function filters(t: Words): readonly Filter[] {
  return [
    {
      id: 'kind',
      label: t('kind'),
      options: ['osv', 'kev', 'epss'].map((value) => ({ value, label: t(`feeds.${value}.name`) })),
    },
    {
      id: 'state',
      label: t('state'),
      options: ['waiting', 'running', 'done', 'failed'].map((value) => ({
        value,
        label: t(`imports.states.${value}`),
      })),
    },
  ];
}

function columns(t: Words): readonly Column<ImportItem>[] {
  const counted = (id: 'added' | 'changed' | 'withdrawn' | 'refused') => ({
    id,
    label: t(`imports.${id}`),
    value: (each: ImportItem) => t('number', { count: each[id] }),
    align: 'end' as const,
    width: '7rem',
    priority: 3 as const,
  });
  return [
    {
      id: 'began',
      label: t('imports.began'),
      value: (each) => <RelativeTime at={each.beganAt} />,
      sort: true,
      width: '9rem',
    },
    {
      id: 'state',
      label: t('state'),
      value: (each) => t(`imports.states.${each.state}`),
      priority: 1,
      width: '8rem',
    },
    {
      id: 'kind',
      label: t('kind'),
      value: (each) => t(`feeds.${each.kind}.name`),
      width: 'minmax(11rem, 1fr)',
    },
    {
      id: 'origin',
      label: t('imports.origin'),
      value: (each) => each.origin,
      sort: true,
      width: 'minmax(10rem, 2fr)',
      priority: 3,
    },
    counted('added'),
    counted('changed'),
    counted('withdrawn'),
    counted('refused'),
  ];
}

function ImportSheet({ id }: { id: string }) {
  const t = useWords('registers/advisories');
  return (
    <>
      <SheetHeader title={t('imports.one')} />
      <ImportDetails id={id} />
    </>
  );
}
