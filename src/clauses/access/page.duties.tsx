import { Button } from '@mantine/core';
import { useState } from 'react';
import type { output } from 'zod';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useList } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import classes from './page.campaign.module.css';
import type { routes } from './routes.ts';

const RuleDialog = lazily(async () => (await import('./page.dutyforms.tsx')).RuleDialog);
const ExceptionDialog = lazily(async () => (await import('./page.dutyforms.tsx')).ExceptionDialog);

export type Rule = output<(typeof routes)['listDutyRules']['output']>['items'][number];
type Dialog = { readonly act: 'write' | 'except' | 'end'; readonly rule: Rule | null };

/** Conflicting duties: what nobody is to hold together, and who may for a while. */
export default function DutiesPage() {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const mayChange = useMay('changeDuties');
  const close = () => setDialog(null);
  return (
    <Page wide>
      <PageHeader
        title={t('duties.title')}
        sentence={t('duties.sentence')}
        primary={
          mayChange
            ? { label: t('duties.write'), run: () => setDialog({ act: 'write', rule: null }) }
            : undefined
        }
      />
      <RegisterTable
        name="duty-rules"
        label={t('duties.title')}
        list={api.listDutyRules}
        rowId={(rule) => rule.id}
        defaultSort="name"
        columns={columns(t)}
        sheet={(id) => <RuleSheet id={id} ask={(act, rule) => setDialog({ act, rule })} />}
        empty={<EmptyState title={t('duties.none')}>{t('duties.noneWhy')}</EmptyState>}
      />
      {dialog?.act === 'write' && <RuleDialog rule={dialog.rule} close={close} />}
      {dialog?.act === 'except' && dialog.rule && (
        <ExceptionDialog rule={dialog.rule} close={close} />
      )}
      {dialog?.act === 'end' && dialog.rule && <EndRule rule={dialog.rule} close={close} />}
    </Page>
  );
}

function columns(t: Words): readonly Column<Rule>[] {
  return [
    {
      id: 'name',
      label: t('duty.name'),
      value: (rule) => rule.name,
      sort: true,
      width: 'minmax(8rem, 1fr)',
    },
    {
      id: 'first',
      label: t('duty.first'),
      value: (rule) => rule.first,
      width: 'minmax(8rem, 1.5fr)',
    },
    {
      id: 'second',
      label: t('duty.second'),
      value: (rule) => rule.second,
      width: 'minmax(8rem, 1.5fr)',
    },
    {
      id: 'severity',
      label: t('duty.severity'),
      value: (rule) => t(`severity.${rule.severity}`),
      sort: true,
      width: '8rem',
    },
    {
      id: 'holders',
      label: t('duty.holders'),
      value: (rule) => rule.holders,
      align: 'end',
      width: '8rem',
    },
    {
      id: 'exceptions',
      label: t('duty.exceptions'),
      value: (rule) => rule.exceptions.length,
      align: 'end',
      priority: 3,
      width: '7rem',
    },
  ];
}

type Ask = (act: Dialog['act'], rule: Rule) => void;

/** Read by itself: a link may open one that the list has not come to yet. */
function RuleSheet({ id, ask }: { id: string; ask: Ask }) {
  const read = useList(useApi<typeof routes>().listDutyRules, { id, limit: 1 });
  const [rule] = read.data?.items ?? [];
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  return rule ? <RuleFacts rule={rule} ask={ask} /> : null;
}

function RuleFacts({ rule, ask }: { rule: Rule; ask: Ask }) {
  const t = useWords('clauses/access');
  const mayChange = useMay('changeDuties');
  return (
    <>
      <SheetHeader
        title={rule.name}
        {...(mayChange
          ? {
              primary: { label: t('duty.except'), run: () => ask('except', rule) },
              others: [
                { label: t('duty.edit'), run: () => ask('write', rule) },
                { label: t('duty.end'), run: () => ask('end', rule), danger: true },
              ],
            }
          : {})}
      />
      <p>{t(`severitySentence.${rule.severity}`)}</p>
      <Facts
        facts={[
          { label: t('duty.first'), value: rule.first },
          { label: t('duty.second'), value: rule.second },
          {
            label: t('duty.reason'),
            value: <span className={classes.reason}>{rule.reason}</span>,
          },
          { label: t('duty.holders'), value: t('duty.people', { count: rule.holders }) },
        ]}
      />
      {rule.exceptions.length > 0 && (
        <Section title={t('duty.exceptions')}>
          {rule.exceptions.map((exception) => (
            <Exception key={exception.id} exception={exception} mayEnd={mayChange} />
          ))}
        </Section>
      )}
    </>
  );
}

function Exception({
  exception,
  mayEnd,
}: {
  exception: Rule['exceptions'][number];
  mayEnd: boolean;
}) {
  const t = useWords('clauses/access');
  const [asking, setAsking] = useState(false);
  const end = useCommand(useApi<typeof routes>().endDutyException, {
    done: t('duty.exceptionEnded'),
    onDone: () => setAsking(false),
  });
  return (
    <>
      <Facts
        facts={[
          { label: t('item.person'), value: exception.person },
          { label: t('duty.until'), value: <RelativeTime at={exception.endsOn} /> },
          { label: t('duty.reason'), value: exception.reason },
        ]}
      />
      {mayEnd && (
        <Button variant="default" size="xs" mt="xs" onClick={() => setAsking(true)}>
          {t('duty.endException')}
        </Button>
      )}
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('duty.endExceptionTitle', { person: exception.person })}
        verb={t('duty.endException')}
        run={() => void end.run({ id: exception.id })}
        running={end.running}
        problem={end.problem}
        danger
      />
    </>
  );
}

function EndRule({ rule, close }: { rule: Rule; close: () => void }) {
  const t = useWords('clauses/access');
  const end = useCommand(useApi<typeof routes>().endDutyRule, {
    done: t('duty.ended'),
    onDone: close,
  });
  return (
    <ConfirmDialog
      opened
      onClose={close}
      title={t('duty.endTitle', { name: rule.name })}
      verb={t('duty.end')}
      run={() => void end.run({ id: rule.id })}
      running={end.running}
      problem={end.problem}
      danger
    >
      {t('duty.endWill')}
    </ConfirmDialog>
  );
}
