import { lazy, Suspense } from 'react';
import { useView, ViewTabs } from '../../registers/page.tabs.tsx';
import { useAddress } from '../../ui/address.ts';
import { hrefOf, useApi } from '../../ui/api.ts';
import { notify } from '../../ui/notify.tsx';
import { Page } from '../../ui/Page.tsx';
import { type Action, PageHeader } from '../../ui/PageHeader.tsx';
import { useRead } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import { useBacklogApi } from './page.api.ts';
import type { exportRoutes } from './routes.exports.ts';

const BacklogTable = lazy(() => import('./page.table.tsx'));
const Board = lazy(() => import('./page.board.tsx'));
const Groups = lazy(() => import('./page.groups.tsx'));
const Charts = lazy(() => import('./page.charts.tsx'));

const views = ['table', 'board', 'groups', 'charts'] as const;

/** The backlog of vulnerabilities: as a table, a board, gathered, over time. */
export default function BacklogPage() {
  const t = useWords('clauses/vulnerabilities');
  const view = useView(views);
  const figures = useRead(useBacklogApi().chartBacklog, {});
  const others = useExports();
  const now = figures.data?.now;
  return (
    <Page wide={view !== 'charts'}>
      <PageHeader
        title={t('title')}
        sentence={now && now.open > 0 ? t('standing', { ...now, count: now.open }) : undefined}
        others={others}
      />
      <ViewTabs view={view} views={views.map((id) => ({ id, label: t(`views.${id}`) }))} />
      <Suspense>
        {view === 'table' && <BacklogTable />}
        {view === 'board' && <Board />}
        {view === 'groups' && <Groups />}
        {view === 'charts' && <Charts />}
      </Suspense>
    </Page>
  );
}

const formats = ['cyclonedx', 'openvex', 'sarif'] as const;
/** What stands in the address and filters the list. */
const filterNames = [
  'q',
  'state',
  'class',
  'overdue',
  'exploited',
  'system',
  'source',
  'assignee',
  'package',
  'fix',
  'vulnerability',
  'reporter',
];

/** Saves a file, or says why there is none: the browser would leave the page for the refusal. */
async function load(href: string): Promise<void> {
  const answer = await fetch(href);
  if (!answer.ok) {
    const problem = (await answer.json().catch(() => null)) as { detail?: string } | null;
    return notify(problem?.detail ?? String(answer.status));
  }
  await answer.body?.cancel();
  window.location.assign(href);
}

/** What is shown now, for other tools. */
function useExports(): readonly Action[] {
  const t = useWords('clauses/vulnerabilities');
  const { exportBacklog } = useApi<typeof exportRoutes>();
  const { search } = useAddress();
  return formats.map((format) => ({
    label: t(`exports.${format}`),
    run: () => {
      const asked = Object.fromEntries(filterNames.map((name) => [name, search[name]]));
      void load(hrefOf(exportBacklog, { ...asked, format }));
    },
  }));
}
