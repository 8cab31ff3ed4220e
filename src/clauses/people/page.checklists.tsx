import { lazy, Suspense, useState } from 'react';
import { useAddressValue } from '../../ui/address.ts';
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
import { StatusMark } from '../../ui/StatusMark.tsx';
import { type Language, useLanguage, useWords, type Words } from '../../ui/words.ts';
import { nameColumn } from './page.nameColumn.tsx';
import { ShippedNotice } from './page.shipped.tsx';
import type { routes } from './routes.ts';

const OpenForm = lazy(() => import('./page.openlist.tsx'));

type Api = ReturnType<typeof useApi<typeof routes>>;
type Row = Awaited<ReturnType<Api['listChecklists']>>['items'][number];

const states = ['late', 'open', 'done', 'cancelled'] as const;
const marks = { late: 'broken', open: 'due', done: 'kept', cancelled: 'unknown' } as const;

/** The checklists that are running, and those that were. */
export default function ChecklistsPage() {
  const t = useWords('clauses/people');
  const language = useLanguage();
  const api = useApi<typeof routes>();
  const mayOpen = useMay('openChecklists');
  const [person] = useAddressValue('person');
  const [opening, setOpening] = useState(false);
  const close = () => setOpening(false);
  return (
    <Page wide>
      <PageHeader
        title={t('checklists.title')}
        sentence={
          person ? (
            <Link to="/console/checklists">{t('lists.everyone')}</Link>
          ) : (
            <Link to="/console/checklists/templates">{t('templates.title')}</Link>
          )
        }
        {...(mayOpen
          ? { primary: { label: t('checklists.open'), run: () => setOpening(true) } }
          : {})}
      />
      <ShippedNotice />
      <RegisterTable
        name="checklists"
        label={t('checklists.title')}
        list={api.listChecklists}
        rowId={(row) => row.id}
        defaultSort="-openedAt"
        columns={columns(t, language)}
        {...(person ? { fixed: { person } } : {})}
        filters={[
          {
            id: 'state',
            label: t('lists.state'),
            options: states.map((value) => ({ value, label: t(`checklists.states.${value}`) })),
          },
          {
            id: 'kind',
            label: t('checklists.occasion'),
            options: (['joiner', 'mover', 'leaver'] as const).map((value) => ({
              value,
              label: t(`occasion.${value}`),
            })),
          },
        ]}
        empty={<EmptyState title={t('checklists.none')}>{t('checklists.noneWhat')}</EmptyState>}
      />
      <Sheet opened={opening} onClose={close} label={t('checklists.open')}>
        <SheetHeader title={t('checklists.open')} />
        <Suspense>
          <OpenForm done={close} />
        </Suspense>
      </Sheet>
    </Page>
  );
}

function columns(t: Words, language: Language): Column<Row>[] {
  return [
    nameColumn(t),
    {
      id: 'title',
      label: t('checklists.checklist'),
      value: (row) => <Link to={`/console/checklists/${row.id}`}>{row.titles[language]}</Link>,
      width: 'minmax(9rem, 2fr)',
    },
    {
      id: 'on',
      label: t('checklists.on'),
      value: (row) => <RelativeTime at={row.on} />,
      sort: true,
    },
    {
      id: 'state',
      label: t('lists.state'),
      value: (row) => (
        <StatusMark status={marks[row.state]}>{t(`checklists.states.${row.state}`)}</StatusMark>
      ),
    },
    {
      id: 'done',
      label: t('checklists.done'),
      value: (row) => `${row.done} / ${row.items}`,
      align: 'end',
    },
    {
      id: 'nextDueOn',
      label: t('checklists.next'),
      value: (row) =>
        row.nextDueOn && row.state !== 'cancelled' && <RelativeTime at={row.nextDueOn} />,
      priority: 3,
    },
  ];
}
