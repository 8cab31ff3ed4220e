import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useWords } from '../../ui/words.ts';
import type { TaskItem } from './list.ts';
import { TaskSentence } from './page.sentence.tsx';
import classes from './page.today.module.css';
import type { routes } from './routes.ts';

const groups = ['overdue', 'today', 'week', 'later'] as const;

/** Today: what I must do, in order of due date. */
export default function TodayPage() {
  const t = useWords('registers/tasks');
  const today = useRead(useApi<typeof routes>().listToday, {}, { everySeconds: 60 });
  const items = today.data?.items ?? [];
  const overdue = items.filter(({ group }) => group === 'overdue').length;
  return (
    <Page>
      <PageHeader
        title={t('today')}
        sentence={
          today.data && items.length > 0
            ? t('waiting', { count: today.data.total, overdue })
            : undefined
        }
      />
      {today.error && <ProblemNotice problem={today.error} retry={() => today.refetch()} />}
      {today.data && items.length === 0 && <Nothing nextAt={today.data.nextAt} />}
      {groups.map((group) => (
        <Group
          key={group}
          title={t(`group.${group}`)}
          tasks={items.filter((task) => task.group === group)}
        />
      ))}
    </Page>
  );
}

function Nothing({ nextAt }: { nextAt: string | null }) {
  const t = useWords('registers/tasks');
  return (
    <EmptyState title={t('nothing')}>
      {nextAt ? (
        <>
          {t('next')} <RelativeTime at={nextAt} />
        </>
      ) : (
        t('nothingNext')
      )}
    </EmptyState>
  );
}

function Group({ title, tasks }: { title: string; tasks: readonly TaskItem[] }) {
  if (tasks.length === 0) return null;
  return (
    <Section title={title}>
      <ul className={classes.tasks}>
        {tasks.map((task) => (
          <TaskLine key={task.id} task={task} />
        ))}
      </ul>
    </Section>
  );
}

/** What, for whom, which promise, when, and where it is done. */
function TaskLine({ task }: { task: TaskItem }) {
  const t = useWords('registers/tasks');
  const web = useWords('web');
  return (
    <li className={classes.task}>
      <div className={classes.what}>
        <TaskSentence task={task} />
        <p className="kept-soft">
          {task.role && `${t('anyone', { role: web(`role.${task.role}`) })} · `}
          <Link to={`/console/policy?promise=${task.promise}`}>{task.promise}</Link>
        </p>
      </div>
      <span className={classes.due} data-overdue={task.group === 'overdue'}>
        <RelativeTime at={task.dueAt} />
      </span>
      {task.path && (
        <Link to={task.path} className={classes.act ?? ''}>
          {t('act')}
        </Link>
      )}
    </li>
  );
}
