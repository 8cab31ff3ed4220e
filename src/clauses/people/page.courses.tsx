import { lazy, Suspense, useState } from 'react';
import { useAddressValue } from '../../ui/address.ts';
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
import { StatusMark } from '../../ui/StatusMark.tsx';
import { type Language, useLanguage, useWords, type Words } from '../../ui/words.ts';
import classes from './page.module.css';
import { nameColumn } from './page.nameColumn.tsx';
import { ShippedNotice } from './page.shipped.tsx';
import type { routes } from './routes.ts';

const SettingsForm = lazy(() => import('./page.settings.tsx'));
const NewCourse = lazy(() => import('./page.newcourse.tsx'));

type Api = ReturnType<typeof useApi<typeof routes>>;
type Row = Awaited<ReturnType<Api['listTrainings']>>['items'][number];

const states = ['overdue', 'open', 'completed', 'released'] as const;
const marks = { overdue: 'broken', open: 'due', completed: 'kept', released: 'unknown' } as const;

/** Courses, and everyone's training in them. */
export default function CoursesPage() {
  const t = useWords('clauses/people');
  const language = useLanguage();
  const api = useApi<typeof routes>();
  const courses = useRead(api.listCourses, {});
  const counts = useRead(api.countTrainings, {});
  const mayEdit = useMay('editCourses');
  const maySet = useMay('changePeopleSettings');
  const [person] = useAddressValue('person');
  const [asking, setAsking] = useState<'new' | 'settings' | null>(null);
  const close = () => setAsking(null);
  const items = courses.data?.items ?? [];
  return (
    <Page wide>
      <PageHeader
        title={t('courses.title')}
        sentence={
          person ? (
            <Link to="/console/courses">{t('lists.everyone')}</Link>
          ) : (
            counts.data && t('courses.sentence', { ...counts.data })
          )
        }
        {...(mayEdit ? { primary: { label: t('courses.add'), run: () => setAsking('new') } } : {})}
        others={maySet ? [{ label: t('settings.title'), run: () => setAsking('settings') }] : []}
      />
      <ShippedNotice />
      <CourseLines />
      <RegisterTable
        name="trainings"
        label={t('courses.training')}
        list={api.listTrainings}
        rowId={(row) => row.id}
        defaultSort="-assignedAt"
        columns={columns(t, language)}
        {...(person ? { fixed: { person } } : {})}
        filters={filtersOf(
          t,
          items.map(({ course, titles }) => ({ value: course, label: titles[language] })),
        )}
        empty={<EmptyState title={t('courses.none')}>{t('courses.noneWhat')}</EmptyState>}
      />
      <Sheet opened={asking === 'new'} onClose={close} label={t('courses.add')}>
        <SheetHeader title={t('courses.add')} />
        <Suspense>
          <NewCourse done={close} />
        </Suspense>
      </Sheet>
      <Sheet opened={asking === 'settings'} onClose={close} label={t('settings.title')}>
        <SheetHeader title={t('settings.title')} />
        <Suspense>
          <SettingsForm done={close} />
        </Suspense>
      </Sheet>
    </Page>
  );
}

function filtersOf(t: Words, courses: readonly { value: string; label: string }[]) {
  return [
    {
      id: 'state',
      label: t('lists.state'),
      options: states.map((value) => ({ value, label: t(`courses.states.${value}`) })),
    },
    { id: 'course', label: t('courses.course'), options: courses },
    {
      id: 'because',
      label: t('courses.because'),
      options: (['introduction', 'refresher', 'version'] as const).map((value) => ({
        value,
        label: t(`because.${value}`),
      })),
    },
    { id: 'department', label: t('lists.department') },
  ];
}

/** The courses themselves, one line each. */
function CourseLines() {
  const t = useWords('clauses/people');
  const language = useLanguage();
  const courses = useRead(useApi<typeof routes>().listCourses, {});
  return (
    <ul className={classes.lines}>
      {(courses.data?.items ?? []).map((each) => (
        <li key={each.course}>
          <div className={classes.line}>
            <Link to={`/console/courses/${each.course}`}>{each.titles[language]}</Link>
            <div className="kept-soft">
              {each.number
                ? t('course.version', { number: each.number })
                : t('courses.unpublished')}{' '}
              · {t('courses.size', { lessons: each.lessons, questions: each.questions })}
              {each.withdrawn && ` · ${t('courses.withdrawn')}`}
              {each.draft && each.number && ` · ${t('courses.draft')}`}
            </div>
          </div>
          <StatusMark status={each.overdue > 0 ? 'broken' : each.number ? 'kept' : 'unknown'}>
            {each.overdue > 0
              ? t('courses.overdue', { count: each.overdue })
              : t('courses.completed', { count: each.completed })}
          </StatusMark>
        </li>
      ))}
    </ul>
  );
}

function columns(t: Words, language: Language): Column<Row>[] {
  return [
    nameColumn(t),
    {
      id: 'course',
      label: t('courses.course'),
      value: (row) => row.titles?.[language] ?? row.course,
      width: 'minmax(10rem, 2fr)',
    },
    {
      id: 'because',
      label: t('courses.because'),
      value: (row) => t(`because.${row.because}`),
      priority: 3,
    },
    {
      id: 'state',
      label: t('lists.state'),
      value: (row) => (
        <StatusMark status={marks[row.state]}>{t(`courses.states.${row.state}`)}</StatusMark>
      ),
    },
    {
      id: 'dueOn',
      label: t('lists.dueOn'),
      value: (row) => <RelativeTime at={row.dueOn} />,
      sort: true,
    },
    ...resultColumns(t),
  ];
}

/** How it went, and what is shown when asked for. */
function resultColumns(t: Words): Column<Row>[] {
  return [
    {
      id: 'completedOn',
      label: t('courses.completedOn'),
      value: (row) => row.completedOn && <RelativeTime at={row.completedOn} />,
      sort: true,
    },
    {
      id: 'score',
      label: t('courses.score'),
      value: (row) => row.score !== null && `${row.score} / ${row.asked}`,
      align: 'end',
      priority: 3,
    },
    {
      id: 'attempts',
      label: t('courses.attempts'),
      value: (row) => row.attempts || '',
      align: 'end',
      priority: 3,
    },
    {
      id: 'assignedAt',
      label: t('courses.assignedAt'),
      value: (row) => <RelativeTime at={row.assignedAt} />,
      sort: true,
      hidden: true,
    },
    {
      id: 'department',
      label: t('lists.department'),
      value: (row) => row.department,
      sort: true,
      hidden: true,
    },
    {
      id: 'certificate',
      label: t('courses.certificate'),
      value: (row) => row.certificate,
      hidden: true,
    },
  ];
}
