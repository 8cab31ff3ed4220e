import { Button } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useLanguage, useWords } from '../../ui/words.ts';
import classes from './page.module.css';
import type { routes } from './routes.ts';

type Api = ReturnType<typeof useApi<typeof routes>>;
type Checklist = Awaited<ReturnType<Api['readChecklist']>>;
type Item = Checklist['list'][number];

/** One person's checklist: what is done, what is left, whose it is. */
export default function ChecklistPage() {
  const t = useWords('clauses/people');
  const language = useLanguage();
  const id = useParam('id');
  const api = useApi<typeof routes>();
  const read = useRead(api.readChecklist, { id });
  const complete = useCommand(api.completeChecklistItem, { done: t('checklist.ticked') });
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  if (!read.data) return <Page>{null}</Page>;
  const { titles, personId, on, done, items, state, list } = read.data;
  const name = read.data.name || t('lists.erased');
  return (
    <Page>
      <PageHeader
        above={<Link to="/console/checklists">{t('checklists.title')}</Link>}
        title={`${titles[language]} · ${name}`}
        sentence={
          <>
            <Link to={`/console/people/${personId}`}>{name}</Link> · <RelativeTime at={on} /> ·{' '}
            {t('checklist.progress', { done, items })}
          </>
        }
      />
      {complete.problem && <ProblemNotice problem={complete.problem} />}
      <ul className={classes.lines}>
        {list.map((item) => (
          <ItemLine
            key={item.id}
            item={item}
            closed={state === 'cancelled'}
            running={complete.running}
            tick={() => void complete.run({ itemId: item.id })}
          />
        ))}
      </ul>
    </Page>
  );
}

interface LineProps {
  readonly item: Item;
  readonly closed: boolean;
  readonly running: boolean;
  readonly tick: () => void;
}

function ItemLine({ item, closed, running, tick }: LineProps) {
  const t = useWords('clauses/people');
  const web = useWords('web');
  const language = useLanguage();
  const words = item.words[language];
  return (
    <li>
      <div className={classes.line}>
        {item.path && item.mine ? <Link to={item.path}>{words}</Link> : words}
        <div className="kept-soft">
          {item.assignee ?? (item.role ? web(`role.${item.role}`) : '')}
          {item.doneAt && (
            <>
              {' '}
              · {item.doneBy} <RelativeTime at={item.doneAt} />
            </>
          )}
        </div>
      </div>
      <StatusMark status={item.doneAt ? 'kept' : item.late ? 'broken' : 'due'}>
        {item.doneAt ? t('checklist.isDone') : <RelativeTime at={item.dueOn} />}
      </StatusMark>
      {!item.doneAt && item.mine && !closed && (
        <Button
          variant="default"
          size="compact-sm"
          disabled={running}
          aria-label={t('checklist.tickOf', { words })}
          onClick={tick}
        >
          {t('checklist.tick')}
        </Button>
      )}
    </li>
  );
}
