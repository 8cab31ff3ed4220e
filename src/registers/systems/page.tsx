import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import { PersonName } from '../page.PersonLink.tsx';
import { classifications } from './classification.ts';
import type { SystemItem } from './list.ts';
import { SystemFacts } from './page.facts.tsx';
import type { routes } from './routes.ts';

// Forms are opened seldom and weigh more than the list; they come when they are.
const SystemForm = lazy(() => import('./page.form.tsx'));

/** Every system that people enter with accounts. */
export default function SystemsPage() {
  const t = useWords('registers/systems');
  const api = useApi<typeof routes>();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const mayAdd = useMay('registerSystem');
  const mayImport = useMay('importSystems');
  const importLink = mayImport && <Link to="/console/systems/import">{t('import.title')}</Link>;
  const truth = ['true', 'false'].map((value) => ({ value, label: t(`stale.${value}`) }));
  return (
    <Page wide>
      <PageHeader
        title={t('title')}
        primary={mayAdd ? { label: t('add'), run: () => setAdding(true) } : undefined}
        others={
          mayImport
            ? [
                {
                  label: t('import.title'),
                  run: () => void navigate({ to: '/console/systems/import' }),
                },
              ]
            : []
        }
      />
      <RegisterTable
        name="systems"
        label={t('title')}
        list={api.listSystems}
        rowId={(system) => system.key}
        defaultSort="name"
        columns={columns(t)}
        filters={[
          {
            id: 'classification',
            label: t('classification'),
            options: classifications.map((value) => ({ value, label: t(`class.${value}`) })),
          },
          { id: 'stale', label: t('facts'), options: truth },
          {
            id: 'retired',
            label: t('retired'),
            options: [{ value: 'true', label: t('retiredOnly') }],
          },
        ]}
        sheet={(key, row) => <SystemSheet systemKey={key} row={row} />}
        empty={
          <EmptyState title={t('empty.title')} action={importLink}>
            {t('empty.first')}
          </EmptyState>
        }
      />
      <Sheet opened={adding} onClose={() => setAdding(false)} label={t('add')}>
        <SheetHeader title={t('add')} />
        <Suspense>
          <SystemForm done={() => setAdding(false)} />
        </Suspense>
      </Sheet>
    </Page>
  );
}

function SystemSheet({ systemKey, row }: { systemKey: string; row: SystemItem | undefined }) {
  const t = useWords('registers/systems');
  const navigate = useNavigate();
  return (
    <>
      <SheetHeader
        title={row?.name ?? systemKey}
        sentence={systemKey}
        primary={{
          label: t('open'),
          run: () => void navigate({ to: `/console/systems/${systemKey}` }),
        }}
      />
      <SystemFacts systemKey={systemKey} />
    </>
  );
}

function columns(t: Words): readonly Column<SystemItem>[] {
  return [
    {
      id: 'name',
      label: t('name'),
      value: (system) => (
        <span>
          {system.name} <span className="kept-soft">{system.key}</span>
        </span>
      ),
      sort: true,
      width: 'minmax(11rem, 2fr)',
    },
    {
      id: 'classification',
      label: t('classification'),
      value: (system) => t(`class.${system.classification}`),
      sort: true,
      width: '8rem',
    },
    {
      id: 'owner',
      label: t('owner'),
      value: ({ ownerId, ownerName }) => (ownerId ? <PersonName name={ownerName} /> : t('noOwner')),
      sort: true,
      width: 'minmax(9rem, 1fr)',
    },
    {
      id: 'entry',
      label: t('entry'),
      value: (system) => entryOf(system, t),
      width: 'minmax(8rem, 1fr)',
      priority: 3,
    },
    {
      id: 'accounts',
      label: t('accounts'),
      value: (system) => t('number', { count: system.accounts }),
      width: '6rem',
      align: 'end',
    },
    {
      id: 'accesses',
      label: t('accesses'),
      value: (system) => t('number', { count: system.accesses }),
      width: '7rem',
      align: 'end',
      priority: 3,
    },
    {
      id: 'readAt',
      label: t('readAt'),
      value: (system) => (
        <span>
          {system.readAt ? <RelativeTime at={system.readAt} /> : t('neverRead')}
          {system.readAt && system.stale && ` · ${t('stale.short')}`}
        </span>
      ),
      sort: true,
      width: 'minmax(9rem, 1fr)',
    },
  ];
}

/** How people enter: what is not known is said to be not known. */
export function entryOf(system: SystemItem, t: Words): string {
  const known = (value: boolean | null) => t(`known.${value === null ? 'unknown' : value}`);
  return t('entryOf', { sso: known(system.singleSignOn), mfa: known(system.secondFactor) });
}
