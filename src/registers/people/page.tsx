import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { PersonItem } from './list.ts';
import { staffRoles } from './page.roles.ts';
import { PersonSheet } from './page.sheet.tsx';
import type { routes } from './routes.ts';

// Forms are opened seldom and weigh more than the list; they come when they are.
const PersonForm = lazy(() => import('./page.form.tsx'));

/** Everyone the organisation knows, whether they work for it now or not. */
export default function PeoplePage() {
  const t = useWords('registers/people');
  const web = useWords('web');
  const api = useApi<typeof routes>();
  const navigate = useNavigate();
  const departments = useRead(api.listDepartments, {});
  const [adding, setAdding] = useState(false);
  const mayAdd = useMay('registerPerson');
  const mayImport = useMay('importPeople');
  const states = ['current', 'leaver', 'future'].map((value) => ({
    value,
    label: t(`state.${value}`),
  }));
  const roles = staffRoles.map((value) => ({ value, label: web(`role.${value}`) }));
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
                  run: () => void navigate({ to: '/console/people/import' }),
                },
              ]
            : []
        }
      />
      <RegisterTable
        name="people"
        label={t('title')}
        list={api.listPeople}
        rowId={(person) => person.id}
        defaultSort="name"
        columns={columns(t, web)}
        filters={[
          { id: 'state', label: t('state.label'), options: states },
          {
            id: 'department',
            label: t('department'),
            options: (departments.data?.items ?? []).map(({ name }) => ({
              value: name,
              label: name,
            })),
          },
          { id: 'role', label: t('roles'), options: roles },
        ]}
        sheet={(id) => <PersonSheet id={id} />}
        empty={
          <EmptyState
            title={t('empty.title')}
            action={mayImport && <Link to="/console/people/import">{t('import.title')}</Link>}
          >
            {t('empty.first')}
          </EmptyState>
        }
      />
      <Sheet opened={adding} onClose={() => setAdding(false)} label={t('add')}>
        <SheetHeader title={t('add')} />
        <Suspense>
          <PersonForm done={() => setAdding(false)} />
        </Suspense>
      </Sheet>
    </Page>
  );
}

function columns(t: Words, web: Words): readonly Column<PersonItem>[] {
  return [
    {
      id: 'name',
      label: t('name'),
      value: (person) => <PersonName person={person} />,
      sort: true,
      width: 'minmax(11rem, 2fr)',
    },
    {
      id: 'email',
      label: t('email'),
      value: (person) => person.email,
      sort: true,
      width: 'minmax(12rem, 2fr)',
      priority: 3,
    },
    {
      id: 'department',
      label: t('department'),
      value: (person) => person.department,
      sort: true,
      width: 'minmax(8rem, 1fr)',
    },
    {
      id: 'manager',
      label: t('manager'),
      value: (person) => person.managerName,
      sort: true,
      width: 'minmax(9rem, 1fr)',
      priority: 3,
    },
    {
      id: 'roles',
      label: t('roles'),
      value: (person) =>
        person.roles
          .filter((role) => role !== 'employee')
          .map((role) => web(`role.${role}`))
          .join(web('listSeparator')),
      width: 'minmax(8rem, 1fr)',
    },
    {
      id: 'startsOn',
      label: t('startsOn'),
      value: (person) => person.startsOn && <RelativeTime at={person.startsOn} />,
      sort: true,
      width: '8rem',
      hidden: true,
    },
    {
      id: 'endsOn',
      label: t('endsOn'),
      value: (person) => person.endsOn && <RelativeTime at={person.endsOn} />,
      sort: true,
      width: '8rem',
      hidden: true,
    },
    {
      id: 'state',
      label: t('state.label'),
      value: (person) => t(`state.${person.state}`),
      width: '7rem',
    },
  ];
}

/** A name with how it is read, where the name does not say it. */
function PersonName({ person }: { person: PersonItem }) {
  return (
    <span>
      {person.name} {person.reading && <span className="kept-soft">{person.reading}</span>}
    </span>
  );
}
