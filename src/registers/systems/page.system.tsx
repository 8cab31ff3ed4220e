import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Link } from '../../ui/Link.tsx';
import { FactsAndTimeline, Page, Section } from '../../ui/Page.tsx';
import { type Action, PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useList, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useWords } from '../../ui/words.ts';
import type { routes as accountRoutes } from '../accounts/routes.ts';
import { SubjectTimeline } from '../page.timeline.tsx';
import type { SystemItem } from './list.ts';
import { SystemFacts } from './page.facts.tsx';
import type { routes } from './routes.ts';

const SystemForm = lazy(() => import('./page.form.tsx'));

type Asking = 'edit' | 'retire' | null;

/** A system's page: what it is, its readings, what happened. */
export default function SystemPage() {
  const t = useWords('registers/systems');
  const key = useParam('key');
  const read = useRead(useApi<typeof routes>().getSystem, { key });
  const [asking, setAsking] = useState<Asking>(null);
  const actions = useSystemActions(read.data, setAsking);
  const close = () => setAsking(null);
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  const system = read.data;
  if (!system) return <Page>{null}</Page>;
  return (
    <Page>
      <PageHeader
        title={system.name}
        sentence={sentenceOf(system, t)}
        above={<Link to="/console/systems">{t('title')}</Link>}
        {...actions}
      />
      <FactsAndTimeline
        facts={
          <>
            <SystemFacts systemKey={key} />
            <Reads systemKey={key} />
          </>
        }
        timeline={
          <Section title={t('timeline')}>
            <SubjectTimeline subject={`system/${system.id}`} />
          </Section>
        }
      />
      <Sheet opened={asking === 'edit'} onClose={close} label={t('edit')}>
        <SheetHeader title={t('edit')} sentence={system.name} />
        <Suspense>
          <SystemForm key={system.version} system={system} done={close} />
        </Suspense>
      </Sheet>
      <Retire system={system} opened={asking === 'retire'} close={close} />
    </Page>
  );
}

function sentenceOf(system: SystemItem, t: ReturnType<typeof useWords>): string {
  if (system.retiredAt) return t('retired');
  if (!system.readAt) return t('neverReadSentence');
  return system.stale
    ? t('staleSentence')
    : t('freshSentence', { accesses: system.accesses, accounts: system.accounts });
}

function useSystemActions(system: SystemItem | undefined, ask: (what: Asking) => void) {
  const t = useWords('registers/systems');
  const navigate = useNavigate();
  const mayRead = useMay('recordRead');
  const mayGrant = useMay('importGrants');
  const mayRoles = useMay('readReviews');
  const mayUpdate = useMay('updateSystem');
  const mayRetire = useMay('retireSystem');
  if (!system || system.retiredAt) return {};
  const go = (place: string) => () =>
    void navigate({ to: `/console/systems/${system.key}/${place}` });
  const others: Action[] = [];
  if (mayGrant) others.push({ label: t('bringGrants'), run: go('grants') });
  if (mayRoles)
    others.push({
      label: t('suggestedRoles'),
      run: () => void navigate({ to: '/console/roles', search: { of: system.key } as never }),
    });
  if (mayUpdate) others.push({ label: t('edit'), run: () => ask('edit') });
  if (mayRetire) others.push({ label: t('retire.title'), run: () => ask('retire'), danger: true });
  return { primary: mayRead ? { label: t('bringRead'), run: go('read') } : undefined, others };
}

/** The newest readings of a system, and what each found. */
function Reads({ systemKey }: { systemKey: string }) {
  const t = useWords('registers/systems');
  const may = useMay('readAccess');
  const reads = useList(
    useApi<typeof accountRoutes>().listReads,
    { system: systemKey, limit: 20 },
    { skip: !may },
  );
  if (!may) return null;
  return (
    <Section title={t('reads')}>
      {reads.error && <ProblemNotice problem={reads.error} retry={() => reads.refetch()} />}
      {reads.data?.items.length === 0 && <p className="kept-soft">{t('noReads')}</p>}
      <ul>
        {reads.data?.items.map((each) => (
          <li key={each.id}>
            <RelativeTime at={each.at} /> · {each.source} ·{' '}
            {t('readFound', { pairs: each.pairs, added: each.added, gone: each.gone })}
            {!each.complete && ` · ${t('partial')}`}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Retire({
  system,
  opened,
  close,
}: {
  system: SystemItem;
  opened: boolean;
  close: () => void;
}) {
  const t = useWords('registers/systems');
  const retire = useCommand(useApi<typeof routes>().retireSystem, {
    done: t('retire.done'),
    onDone: close,
  });
  return (
    <ConfirmDialog
      opened={opened}
      onClose={close}
      title={t('retire.of', { name: system.name })}
      verb={t('retire.verb')}
      run={() => void retire.run({ key: system.key })}
      running={retire.running}
      problem={retire.problem}
      danger
    >
      <p>{t('retire.what', { count: system.accesses })}</p>
    </ConfirmDialog>
  );
}
