import { useNavigate } from '@tanstack/react-router';
import { useApi } from '../../ui/api.ts';
import { Facts } from '../../ui/Facts.tsx';
import { formatDate } from '../../ui/format.ts';
import { Link } from '../../ui/Link.tsx';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useList, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay, useReader } from '../../ui/reader.tsx';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { routes as accountRoutes } from '../accounts/routes.ts';
import { PersonLink } from '../page.PersonLink.tsx';
import { TaskSentence } from '../tasks/page.sentence.tsx';
import type { routes as taskRoutes } from '../tasks/routes.ts';
import type { PersonItem } from './list.ts';
import type { routes } from './routes.ts';

/** A person at a glance, over the list. */
export function PersonSheet({ id }: { id: string }) {
  const t = useWords('registers/people');
  const navigate = useNavigate();
  const person = useRead(useApi<typeof routes>().getPerson, { id });
  if (person.error) return <ProblemNotice problem={person.error} retry={() => person.refetch()} />;
  if (!person.data) return null;
  return (
    <>
      <SheetHeader
        title={person.data.name}
        sentence={t(`state.${person.data.state}`)}
        primary={{ label: t('open'), run: () => void navigate({ to: `/console/people/${id}` }) }}
      />
      <PersonFacts person={person.data} />
      <PersonAccounts id={id} />
    </>
  );
}

/** What the register knows of a person. */
export function PersonFacts({ person }: { person: PersonItem & { readonly reports: number } }) {
  const t = useWords('registers/people');
  const web = useWords('web');
  const { managerId, managerName, startsOn, endsOn, reports, roles } = person;
  return (
    <Facts
      facts={[
        { label: t('reading'), value: person.reading },
        { label: t('email'), value: person.email },
        { label: t('department'), value: person.department },
        {
          label: t('manager'),
          value: managerId && <PersonLink id={managerId} name={managerName} />,
        },
        {
          label: t('reports'),
          value:
            reports > 0 ? (
              <Link to={`/console/people?manager=${person.id}`}>
                {t('reportsCount', { count: reports })}
              </Link>
            ) : null,
        },
        { label: t('startsOn'), value: startsOn && <DateFact date={startsOn} /> },
        { label: t('endsOn'), value: endsOn && <DateFact date={endsOn} /> },
        {
          label: t('roles'),
          value: roles.map((role) => web(`role.${role}`)).join(web('listSeparator')),
        },
        { label: t('language.label'), value: t(`language.${person.language}`) },
      ]}
    />
  );
}

function DateFact({ date }: { date: string }) {
  const language = useLanguage();
  const { zone } = useReader();
  return <time dateTime={date}>{formatDate(date, { language, zone }, 'long')}</time>;
}

/** The accounts that are a person's, and what each holds. */
export function PersonAccounts({ id }: { id: string }) {
  const t = useWords('registers/people');
  const may = useMay('readAccess');
  const accounts = useList(
    useApi<typeof accountRoutes>().listAccounts,
    { person: id, limit: 100 },
    { skip: !may },
  );
  if (!may) return null;
  const items = accounts.data?.items ?? [];
  return (
    <Section title={t('accounts')}>
      {accounts.error && (
        <ProblemNotice problem={accounts.error} retry={() => accounts.refetch()} />
      )}
      {accounts.data && items.length === 0 && <p className="kept-soft">{t('noAccounts')}</p>}
      <Facts
        facts={items.map((account) => ({
          label: account.systemName,
          value: (
            <Link to={`/console/accounts/${account.id}`}>
              {t('holds', { account: account.name, count: account.accesses })}
            </Link>
          ),
        }))}
      />
    </Section>
  );
}

/** What a person has to do. */
export function PersonTasks({ id }: { id: string }) {
  const t = useWords('registers/people');
  const may = useMay('readAllTasks');
  const tasks = useList(
    useApi<typeof taskRoutes>().listTasks,
    { whose: 'all', person: id, state: 'open', limit: 50 },
    { skip: !may },
  );
  if (!may) return null;
  const items = tasks.data?.items ?? [];
  return (
    <Section title={t('tasks')}>
      {tasks.error && <ProblemNotice problem={tasks.error} retry={() => tasks.refetch()} />}
      {tasks.data && items.length === 0 && <p className="kept-soft">{t('noTasks')}</p>}
      <ul>
        {items.map((task) => (
          <li key={task.id}>
            <TaskSentence task={task} /> · <RelativeTime at={task.dueAt} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
