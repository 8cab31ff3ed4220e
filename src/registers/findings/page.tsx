import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { type Action, PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import { PersonLink } from '../page.PersonLink.tsx';
import { useView, ViewTabs } from '../page.tabs.tsx';
import { SubjectTimeline } from '../page.timeline.tsx';
import type { FindingItem } from './list.ts';
import type { FindingRoutes } from './routes.ts';

const views = ['standing', 'overdue', 'excepted', 'closed'] as const;
type FindingView = (typeof views)[number];

/** Everything that violates a promise, and what once did. */
export default function FindingsPage() {
  const t = useWords('registers/findings');
  const api = useApi<FindingRoutes>();
  const view = useView(views);
  return (
    <Page wide>
      <PageHeader title={t('title')} sentence={t('sentence')} />
      <ViewTabs view={view} views={views.map((id) => ({ id, label: t(`state.${id}`) }))} />
      <RegisterTable
        key={view}
        name="findings"
        label={t('title')}
        list={api.listFindings}
        rowId={(finding) => finding.id}
        fixed={{ state: view }}
        defaultSort={view === 'closed' ? '-closedAt' : 'dueAt'}
        columns={columns(t, view)}
        filters={[
          { id: 'promise', label: t('promise') },
          { id: 'subject', label: t('subject') },
        ]}
        sheet={(id) => <FindingSheet id={id} />}
        empty={<EmptyState title={t(`empty.${view}`)}>{t('empty.first')}</EmptyState>}
      />
    </Page>
  );
}

function columns(t: Words, view: FindingView): readonly Column<FindingItem>[] {
  const due: Column<FindingItem> = {
    id: 'dueAt',
    label: t('dueAt'),
    value: (finding) => <RelativeTime at={finding.dueAt} />,
    sort: true,
    width: '8rem',
  };
  const closed: Column<FindingItem> = {
    id: 'closedAt',
    label: t('closedAt'),
    value: (finding) => finding.closedAt && <RelativeTime at={finding.closedAt} />,
    sort: true,
    width: '8rem',
  };
  return [
    {
      id: 'sentence',
      label: t('what'),
      value: (finding) => finding.sentence,
      width: 'minmax(14rem, 3fr)',
      priority: 1,
    },
    {
      id: 'promise',
      label: t('promise'),
      value: (finding) => <PromiseLink promise={finding.promise} />,
      sort: true,
      width: '6rem',
    },
    {
      id: 'owner',
      label: t('owner'),
      value: (finding) => finding.owner ?? t('noOwner'),
      sort: true,
      width: 'minmax(8rem, 1fr)',
    },
    {
      id: 'state',
      label: t('state.label'),
      value: (finding) => t(`state.${finding.state}`),
      width: '7rem',
    },
    view === 'closed' ? closed : due,
    {
      id: 'openedAt',
      label: t('openedAt'),
      value: (finding) => <RelativeTime at={finding.openedAt} />,
      sort: true,
      width: '8rem',
      priority: 3,
    },
  ];
}

function PromiseLink({ promise }: { promise: string }) {
  return <Link to={`/console/policy?promise=${promise}`}>{promise}</Link>;
}

function FindingSheet({ id }: { id: string }) {
  const t = useWords('registers/findings');
  const read = useRead(useApi<FindingRoutes>().getFinding, { id });
  const [granting, setGranting] = useState(false);
  const [ending, setEnding] = useState(false);
  const mayGrant = useMay('grantException');
  const finding = read.data;
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  if (!finding) return null;
  const others: Action[] = [];
  if (mayGrant && finding.state === 'excepted')
    others.push({ label: t('end.title'), run: () => setEnding(true), danger: true });
  if (mayGrant && finding.state !== 'closed')
    others.push({ label: t('except.title'), run: () => setGranting(true) });
  return (
    <>
      <SheetHeader
        title={finding.sentence}
        sentence={t(`stateSentence.${finding.state}`)}
        others={others}
      />
      <FindingFacts finding={finding} />
      {granting && (
        <Section title={t('except.title')}>
          <ExceptionForm finding={finding} done={() => setGranting(false)} />
        </Section>
      )}
      <Section title={t('timeline')}>
        <SubjectTimeline subject={`finding/${id}`} />
      </Section>
      <EndException finding={finding} opened={ending} close={() => setEnding(false)} />
    </>
  );
}

function FindingFacts({ finding }: { finding: FindingItem }) {
  const t = useWords('registers/findings');
  const { ownerId, owner, closedAt, exceptedUntil, path } = finding;
  return (
    <Facts
      facts={[
        { label: t('promise'), value: <PromiseLink promise={finding.promise} /> },
        {
          label: t('where'),
          value: path && <Link to={path}>{finding.label || t('toThing')}</Link>,
        },
        {
          label: t('owner'),
          value: ownerId ? <PersonLink id={ownerId} name={owner} /> : t('noOwner'),
        },
        { label: t('openedAt'), value: <RelativeTime at={finding.openedAt} /> },
        { label: t('dueAt'), value: <RelativeTime at={finding.dueAt} /> },
        { label: t('closedAt'), value: closedAt && <RelativeTime at={closedAt} /> },
        { label: t('exceptedUntil'), value: exceptedUntil && <RelativeTime at={exceptedUntil} /> },
        { label: t('exceptedBy'), value: finding.exceptedBy },
        { label: t('reason'), value: finding.exceptionReason },
      ]}
    />
  );
}

function ExceptionForm({ finding, done }: { finding: FindingItem; done: () => void }) {
  const t = useWords('registers/findings');
  const grant = useCommand(useApi<FindingRoutes>().grantException, {
    done: t('except.done'),
    onDone: done,
  });
  const form = useFields({ until: '', reason: '' }, grant.fieldErrors);
  return (
    <FieldForm
      onSubmit={() => void grant.run({ findingId: finding.id, ...form.values })}
      submit={t('except.verb')}
      will={t('except.will')}
      onCancel={done}
      running={grant.running}
      problem={grant.problem}
    >
      <TextInput
        label={t('except.until')}
        description={t('except.untilHint')}
        type="date"
        required
        {...form.text('until')}
      />
      <Textarea label={t('reason')} required autosize minRows={2} {...form.text('reason')} />
    </FieldForm>
  );
}

function EndException({
  finding,
  opened,
  close,
}: {
  finding: FindingItem;
  opened: boolean;
  close: () => void;
}) {
  const t = useWords('registers/findings');
  const end = useCommand(useApi<FindingRoutes>().endException, {
    done: t('end.done'),
    onDone: close,
  });
  return (
    <ConfirmDialog
      opened={opened}
      onClose={close}
      title={t('end.of')}
      verb={t('end.verb')}
      run={() => void end.run({ findingId: finding.id })}
      running={end.running}
      problem={end.problem}
      danger
    >
      <p>{finding.sentence}</p>
    </ConfirmDialog>
  );
}
