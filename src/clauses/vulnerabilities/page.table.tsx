import { lazy, Suspense, useState } from 'react';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { BulkAction, Column, Selection } from '../../ui/register/types.ts';
import { useWords, type Words } from '../../ui/words.ts';
import type { BacklogItem } from './facts.shown.ts';
import { useBacklogApi } from './page.api.ts';
import type { BulkAct } from './page.bulk.tsx';
import { useBacklogFilters } from './page.filters.ts';
import { ClassMark, Due, reporterText, stateText, versionText } from './page.marks.tsx';
import { ItemSheet } from './page.sheet.tsx';

const BulkDialog = lazy(() => import('./page.bulk.tsx'));

interface Asked {
  readonly act: BulkAct;
  readonly selection: Selection;
  readonly clear: () => void;
}

/** The backlog as a table: whole selections assigned, started, asked about. */
export default function BacklogTable() {
  const t = useWords('clauses/vulnerabilities');
  const [asked, setAsked] = useState<Asked | null>(null);
  const bulk = useBulk(setAsked);
  return (
    <>
      <RegisterTable
        name="backlog"
        label={t('title')}
        list={useBacklogApi().listBacklog}
        rowId={(item) => item.id}
        defaultSort="due"
        columns={columns(t)}
        filters={useBacklogFilters(t)}
        bulk={bulk}
        sheet={(id) => <ItemSheet id={id} />}
        empty={<Nothing />}
      />
      <Suspense>
        {asked && (
          <BulkDialog
            act={asked.act}
            selection={asked.selection}
            close={() => setAsked(null)}
            done={() => {
              asked.clear();
              setAsked(null);
            }}
          />
        )}
      </Suspense>
    </>
  );
}

function useBulk(ask: (asked: Asked) => void): readonly BulkAction[] {
  const t = useWords('clauses/vulnerabilities');
  const may: Readonly<Record<BulkAct, boolean>> = {
    assign: useMay('changeBacklog'),
    start: useMay('changeBacklog'),
    putBack: useMay('changeBacklog'),
    ask: useMay('askDecision'),
    issues: useMay('changeBacklog'),
  };
  return (Object.keys(may) as BulkAct[])
    .filter((act) => may[act])
    .map((act) => ({
      label: t(`acts.${act}`),
      run: (selection, clear) => ask({ act, selection, clear }),
    }));
}

/** What to do first: without sources nothing is found, without advisories nothing is known. */
function Nothing() {
  const t = useWords('clauses/vulnerabilities');
  return (
    <EmptyState
      title={t('empty.title')}
      action={
        <>
          <Link to="/console/sources">{t('empty.sources')}</Link>
          {' · '}
          <Link to="/console/advisory-imports">{t('empty.advisories')}</Link>
          {' · '}
          <Link to="/console/backlog?state=any">{t('empty.any')}</Link>
        </>
      }
    >
      {t('empty.first')}
    </EmptyState>
  );
}

function columns(t: Words): readonly Column<BacklogItem>[] {
  return [
    {
      id: 'vulnerability',
      label: t('vulnerability'),
      value: (item) => (
        <span>
          {item.vulnerability.name} <span className="kept-soft">{item.vulnerability.summary}</span>
        </span>
      ),
      sort: true,
      width: 'minmax(12rem, 3fr)',
    },
    {
      id: 'component',
      label: t('component'),
      value: (item) => (
        <span>
          {item.component} <span className="kept-soft">{versionText(item)}</span>
        </span>
      ),
      sort: true,
      width: 'minmax(13rem, 2fr)',
    },
    {
      id: 'class',
      label: t('class'),
      value: (item) => <ClassMark of={item.class} score={item.score} />,
      sort: true,
      width: '9rem',
      priority: 1,
    },
    {
      id: 'due',
      label: t('due'),
      value: (item) => <Due item={item} />,
      sort: true,
      width: '10rem',
    },
    {
      id: 'system',
      label: t('asset'),
      value: (item) => item.system.name,
      sort: true,
      width: 'minmax(7rem, 1fr)',
    },
    {
      id: 'state',
      label: t('state'),
      value: (item) => stateText(item, t),
      width: 'minmax(7rem, 1fr)',
    },
    {
      id: 'assignee',
      label: t('assignee'),
      value: (item) => item.assignee?.name ?? t('assignees.none'),
      sort: true,
      width: 'minmax(7rem, 1fr)',
      priority: 3,
    },
    {
      id: 'exploited',
      label: t('exploitation'),
      value: (item) => exploitText(item, t),
      width: '7rem',
      priority: 3,
    },
    ...hiddenColumns(t),
  ];
}

function hiddenColumns(t: Words): readonly Column<BacklogItem>[] {
  return [
    {
      id: 'number',
      label: t('number'),
      value: (item) => `V-${item.number}`,
      sort: true,
      hidden: true,
    },
    {
      id: 'score',
      label: t('score'),
      value: (item) => item.score?.toFixed(1),
      sort: true,
      align: 'end',
      hidden: true,
    },
    {
      id: 'age',
      label: t('countsFrom'),
      value: (item) => <RelativeTime at={item.countsFrom} />,
      sort: true,
      hidden: true,
    },
    {
      id: 'closed',
      label: t('closedAt'),
      value: (item) => item.closedAt && <RelativeTime at={item.closedAt} />,
      sort: true,
      hidden: true,
    },
    {
      id: 'sources',
      label: t('source'),
      value: (item) => item.sources.map(({ name }) => name).join(t('comma')),
      hidden: true,
    },
    {
      id: 'reporters',
      label: t('reporter'),
      value: (item) => item.reporters.map((each) => reporterText(each, t)).join(t('comma')),
      hidden: true,
    },
    {
      id: 'issue',
      label: t('issue'),
      value: (item) => item.issue && `#${item.issue.number}`,
      hidden: true,
    },
  ];
}

function exploitText({ exploited, prediction }: BacklogItem, t: Words): string {
  if (exploited) return t('exploitedShort');
  return prediction === null ? '' : t('epss', { percent: (prediction * 100).toFixed(1) });
}
