import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import { useView, ViewTabs } from '../page.tabs.tsx';
import type { TaskItem } from './list.ts';
import { TaskSentence, useTaskSentence } from './page.sentence.tsx';
import type { routes } from './routes.ts';

const views = ['open', 'done', 'missed', 'cancelled'] as const;
type TaskView = (typeof views)[number];

/** All tasks there are and were: everyone's, for who may see them. */
export default function TasksPage() {
  const t = useWords('registers/tasks');
  const web = useWords('web');
  const api = useApi<typeof routes>();
  const mayAll = useMay('readAllTasks');
  const view = useView(views);
  return (
    <Page wide>
      <PageHeader title={t('title')} />
      <ViewTabs view={view} views={views.map((id) => ({ id, label: t(`state.${id}`) }))} />
      <RegisterTable
        key={view}
        name="tasks"
        label={t('title')}
        list={api.listTasks}
        rowId={(task) => task.id}
        defaultSort={view === 'open' ? 'dueAt' : '-dueAt'}
        fixed={{ whose: mayAll ? 'all' : 'mine', state: view }}
        columns={columns(t, web, view)}
        filters={[{ id: 'promise', label: t('promise') }]}
        sheet={(_, task) => task && <TaskSheet task={task} />}
        empty={<EmptyState title={t(`none.${view}`)}>{t('none.first')}</EmptyState>}
      />
    </Page>
  );
}

function columns(t: Words, web: Words, view: TaskView): readonly Column<TaskItem>[] {
  const closed: Column<TaskItem> = {
    id: 'closedAt',
    label: t('closedAt'),
    value: (task) => task.closedAt && <RelativeTime at={task.closedAt} />,
    width: '8rem',
  };
  return [
    {
      id: 'what',
      label: t('what'),
      value: (task) => <TaskSentence task={task} />,
      width: 'minmax(14rem, 3fr)',
      priority: 1,
    },
    {
      id: 'assignee',
      label: t('assignee'),
      value: (task) => assigneeOf(task, web),
      sort: true,
      width: 'minmax(8rem, 1fr)',
    },
    {
      id: 'promise',
      label: t('promise'),
      value: (task) => <PromiseLink promise={task.promise} />,
      width: '6rem',
    },
    {
      id: 'dueAt',
      label: t('dueAt'),
      value: (task) => <RelativeTime at={task.dueAt} />,
      sort: true,
      width: '8rem',
    },
    ...(view === 'open' ? [] : [closed]),
  ];
}

function PromiseLink({ promise }: { promise: string }) {
  return <Link to={`/console/policy?promise=${promise}`}>{promise}</Link>;
}

function assigneeOf(task: TaskItem, web: Words): string {
  return task.assignee ?? (task.role ? web(`role.${task.role}`) : '');
}

function TaskSheet({ task }: { task: TaskItem }) {
  const t = useWords('registers/tasks');
  const web = useWords('web');
  const sentence = useTaskSentence()(task);
  return (
    <>
      <SheetHeader title={sentence} sentence={t(`state.${task.state}`)} />
      <Facts
        facts={[
          { label: t('assignee'), value: assigneeOf(task, web) },
          {
            label: t('promise'),
            value: <PromiseLink promise={task.promise} />,
          },
          { label: t('openedAt'), value: <RelativeTime at={task.openedAt} /> },
          { label: t('dueAt'), value: <RelativeTime at={task.dueAt} /> },
          { label: t('closedAt'), value: task.closedAt && <RelativeTime at={task.closedAt} /> },
          { label: t('doneBy'), value: task.doneBy },
          { label: t('where'), value: task.path && <Link to={task.path}>{t('act')}</Link> },
        ]}
      />
    </>
  );
}
