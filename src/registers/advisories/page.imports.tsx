import { Progress } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column, Filter } from '../../ui/register/types.ts';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { ImportItem } from './list.imports.ts';
import { Feeds } from './page.feeds.tsx';
import classes from './page.module.css';
import type { listRoutes } from './routes.lists.ts';

const TakeIn = lazy(() => import('./page.takein.tsx'));

/** Seconds between two looks at an import under way. */
const LOOK_SECONDS = 2;

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

/** An import: how far it is, what came of it, what was set aside and why. */
function ImportSheet({ id }: { id: string }) {
  const t = useWords('registers/advisories');
  const [over, setOver] = useState(false);
  const read = useRead(
    useApi<typeof listRoutes>().showAdvisoryImport,
    { id },
    over ? {} : { everySeconds: LOOK_SECONDS },
  );
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  const found = read.data;
  if (!found) return null;
  if (found.finishedAt !== null && !over) setOver(true);
  return (
    <>
      <SheetHeader title={t(`feeds.${found.kind}.name`)} sentence={found.origin} />
      {found.finishedAt === null && <Standing found={found} />}
      {found.problem && (
        <p role="status">
          {t(`importProblem.${found.problem}`)} {found.detail}
        </p>
      )}
      <Facts
        facts={[
          { label: t('state'), value: t(`imports.states.${found.state}`) },
          { label: t('imports.began'), value: <RelativeTime at={found.beganAt} /> },
          {
            label: t('imports.finished'),
            value: found.finishedAt && <RelativeTime at={found.finishedAt} />,
          },
          {
            label: t('imports.retryAt'),
            value: found.retryAt && <RelativeTime at={found.retryAt} />,
          },
          ...(['read', 'added', 'changed', 'unchanged', 'withdrawn', 'refused'] as const).map(
            (each) => ({
              label: t(`imports.${each}`),
              value: t('number', { count: found[each] }),
            }),
          ),
        ]}
      />
      {found.setAside.length > 0 && (
        <Section title={t('imports.setAside')}>
          <div className={classes.scroll}>
            <table className={classes.table}>
              <thead>
                <tr>
                  <th scope="col">{t('name')}</th>
                  <th scope="col">{t('imports.reason')}</th>
                </tr>
              </thead>
              <tbody>
                {found.setAside.map(({ name, reason }) => (
                  <tr key={name}>
                    <td>{name}</td>
                    <td>{reason}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Section>
      )}
    </>
  );
}

function Standing({ found }: { found: ImportItem }) {
  const t = useWords('registers/advisories');
  const { part, position, entries } = found;
  const text =
    entries === null
      ? t('imports.soFar', { part, position })
      : t('imports.progress', { part, position, entries });
  return (
    <div aria-live="polite">
      <Progress value={entries ? (position / entries) * 100 : 0} size="sm" aria-label={text} />
      <p className="kept-soft">{text}</p>
    </div>
  );
}
