import { Tabs } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { output } from 'zod';
import { useAddressValue } from '../../ui/address.ts';
import { useApi } from '../../ui/api.ts';
import { Link } from '../../ui/Link.tsx';
import { FactsAndTimeline, Page, Section } from '../../ui/Page.tsx';
import { type Action, PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useWords, type Words } from '../../ui/words.ts';
import { SubjectTimeline } from '../page.timeline.tsx';
import classes from './page.module.css';
import { SourceFacts } from './page.sheet.tsx';
import type { routes } from './routes.ts';

const SourceForm = lazy(() => import('./page.form.tsx'));
const AuditUpload = lazy(() => import('./page.upload.tsx'));
const Reading = lazy(() => import('./page.reading.tsx'));
const EndDialog = lazy(() => import('./page.ending.tsx'));
const Components = lazy(() => import('./page.components.tsx'));
const Doubt = lazy(() => import('./page.doubt.tsx'));
const Audits = lazy(() => import('./page.audits.tsx'));

export type ShownSource = output<(typeof routes)['showSource']['output']>;
type Asking = 'audit' | 'change' | 'retire' | 'restore' | null;

/** A source's page: when it is due, what it is made of, its audits, what happened. */
export default function SourcePage() {
  const t = useWords('registers/sources');
  const key = useParam('key');
  const read = useRead(useApi<typeof routes>().showSource, { id: key });
  const [asking, setAsking] = useState<Asking>(null);
  const actions = useSourceActions(read.data, setAsking);
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  const source = read.data;
  if (!source) return <Page>{null}</Page>;
  return (
    <Page>
      <PageHeader
        above={<Link to="/console/sources">{t('title')}</Link>}
        title={source.name}
        sentence={sentenceOf(source, t)}
        {...actions}
      />
      <Suspense>
        {source.doubt && !source.retiredAt && <Doubt source={source} doubt={source.doubt} />}
      </Suspense>
      <FactsAndTimeline
        facts={
          <>
            <SourceFacts sourceKey={key} />
            <Suspense>{isRead(source) && <Reading source={source} />}</Suspense>
          </>
        }
        timeline={
          <Section title={t('timeline')}>
            <SubjectTimeline subject={`source/${source.id}`} />
          </Section>
        }
      />
      <Inside source={source} />
      <Asked asking={asking} source={source} close={() => setAsking(null)} />
    </Page>
  );
}

/** Websites are looked at from outside, repositories by their connection. */
function isRead({ kind, connectionId, retiredAt }: ShownSource): boolean {
  return !retiredAt && (kind === 'website' || (kind === 'repository' && connectionId !== null));
}

function sentenceOf(source: ShownSource, t: Words): string {
  if (source.retiredAt) return t('sentences.retired');
  if (source.overdue) return t(source.lastAuditAt ? 'sentences.overdue' : 'sentences.neverOverdue');
  if (!source.lastAuditAt) return t('sentences.never');
  if (source.doubted) return t('sentences.doubted');
  return t(source.complete ? 'sentences.audited' : 'sentences.partial', {
    count: source.components,
  });
}

function useSourceActions(source: ShownSource | undefined, ask: (what: Asking) => void) {
  const t = useWords('registers/sources');
  const navigate = useNavigate();
  const mayAudit = useMay('recordAudit');
  const mayFindings = useMay('recordFindings');
  const mayChange = useMay('changeSource');
  const mayRetire = useMay('retireSource');
  const mayRestore = useMay('restoreSource');
  if (!source) return {};
  if (source.retiredAt)
    return mayRestore ? { primary: { label: t('restore.verb'), run: () => ask('restore') } } : {};
  const others: Action[] = [];
  if (mayFindings)
    others.push({
      label: t('findings'),
      run: () => void navigate({ to: `/console/sources/${source.key}/findings` }),
    });
  if (mayChange) others.push({ label: t('change.verb'), run: () => ask('change') });
  if (mayRetire) others.push({ label: t('retire.verb'), run: () => ask('retire'), danger: true });
  const primary = mayAudit ? { label: t('audit.title'), run: () => ask('audit') } : undefined;
  return { primary, others };
}

/** Components and audits, each a register of its own. */
function Inside({ source }: { source: ShownSource }) {
  const t = useWords('registers/sources');
  const [tab, setTab] = useAddressValue('tab');
  return (
    <Tabs
      value={tab ?? 'components'}
      onChange={(value) => setTab(value === 'components' ? undefined : (value ?? undefined))}
      keepMounted={false}
      className={classes.tabs ?? ''}
    >
      <Tabs.List>
        <Tabs.Tab value="components">{t('components')}</Tabs.Tab>
        <Tabs.Tab value="audits">{t('audits')}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="components" className={classes.register ?? ''}>
        <Suspense>
          <Components source={source} />
        </Suspense>
      </Tabs.Panel>
      <Tabs.Panel value="audits" className={classes.register ?? ''}>
        <Suspense>
          <Audits source={source} />
        </Suspense>
      </Tabs.Panel>
    </Tabs>
  );
}

function Asked({
  asking,
  source,
  close,
}: {
  asking: Asking;
  source: ShownSource;
  close: () => void;
}) {
  const t = useWords('registers/sources');
  const title = asking === 'change' ? t('change.verb') : t('audit.title');
  return (
    <>
      <Sheet opened={asking === 'audit' || asking === 'change'} onClose={close} label={title}>
        <SheetHeader title={title} sentence={source.name} />
        <Suspense>
          {asking === 'audit' && <AuditUpload source={source} close={close} />}
          {asking === 'change' && <SourceForm source={source} done={close} />}
        </Suspense>
      </Sheet>
      <Suspense>
        {(asking === 'retire' || asking === 'restore') && (
          <EndDialog act={asking} source={source} close={close} />
        )}
      </Suspense>
    </>
  );
}
