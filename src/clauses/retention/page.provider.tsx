import { Button, Group, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { formatBytes, formatDate } from '../../ui/format.ts';
import { lazily } from '../../ui/lazily.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay, useReader } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { providerRoutes } from './routes.provider.ts';

const ReportForm = lazily(async () => (await import('./page.reportform.tsx')).ReportForm);

type Api = ReturnType<typeof useApi<typeof providerRoutes>>;
type Report = Awaited<ReturnType<Api['listProviderReports']>>['items'][number];

/** Reports on what a provider does for us: what we rely on, until when, and what stays ours (RET-7). */
export default function ProviderReportsPage() {
  const t = useWords('clauses/retention');
  const read = useRead(useApi<typeof providerRoutes>().listProviderReports, {});
  const [recording, setRecording] = useState(false);
  const mayRecord = useMay('recordProviderReport');
  const close = () => setRecording(false);
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  return (
    <Page>
      <PageHeader
        title={t('provider.title')}
        sentence={t('provider.sentence')}
        primary={
          mayRecord ? { label: t('provider.add'), run: () => setRecording(true) } : undefined
        }
      />
      {read.data?.items.length === 0 && (
        <EmptyState title={t('provider.none')}>{t('provider.noneWhat')}</EmptyState>
      )}
      {read.data?.items.map((report) => (
        <ReportSection key={report.id} report={report} />
      ))}
      <Sheet opened={recording} onClose={close} label={t('provider.add')}>
        <SheetHeader title={t('provider.add')} />
        <ReportForm done={close} />
      </Sheet>
    </Page>
  );
}

function ReportSection({ report }: { report: Report }) {
  const t = useWords('clauses/retention');
  const language = useLanguage();
  const { zone } = useReader();
  const [withdrawing, setWithdrawing] = useState(false);
  const mayWithdraw = useMay('withdrawProviderReport') && !report.withdrawnAt;
  const day = (date: string) => formatDate(date, { language, zone });
  const standing = report.withdrawnAt ? 'withdrawn' : report.current ? 'current' : 'expired';
  return (
    <Section title={`${report.provider} · ${report.title}`}>
      <p>
        <StatusMark status={report.soon ? 'due' : report.current ? 'kept' : 'broken'}>
          {t(`provider.${standing}`)} <RelativeTime at={report.withdrawnAt ?? report.expiresOn} />
        </StatusMark>
      </p>
      <Facts
        facts={[
          {
            label: t('provider.period'),
            value: t('provider.fromTo', {
              from: day(report.periodFrom),
              to: day(report.periodTo),
            }),
          },
          { label: t('provider.expiresOn'), value: day(report.expiresOn) },
          { label: t('provider.ours'), value: report.ours[language] },
          {
            label: t('provider.file'),
            value: (
              <a href={`/api/v1/provider-reports/${report.id}/file`} download>
                {t('provider.fileOf', {
                  name: report.fileName || t('provider.file'),
                  size: formatBytes(report.size, language),
                })}
              </a>
            ),
          },
          { label: t('provider.digest'), value: <code>{report.file.slice(0, 16)}…</code> },
          {
            label: t('provider.recorded'),
            value: (
              <span>
                {report.recordedBy} <RelativeTime at={report.recordedAt} />
              </span>
            ),
          },
        ]}
      />
      {mayWithdraw && (
        <Group mt="sm">
          <Button variant="default" size="xs" onClick={() => setWithdrawing(true)}>
            {t('provider.withdrawOf', { title: report.title })}
          </Button>
        </Group>
      )}
      {withdrawing && <Withdrawing report={report} close={() => setWithdrawing(false)} />}
    </Section>
  );
}

function Withdrawing({ report, close }: { report: Report; close: () => void }) {
  const t = useWords('clauses/retention');
  const [reason, setReason] = useState('');
  const withdraw = useCommand(useApi<typeof providerRoutes>().withdrawProviderReport, {
    done: t('provider.withdrawDone'),
    onDone: close,
  });
  return (
    <ConfirmDialog
      opened
      onClose={close}
      danger
      title={t('provider.withdrawAsk', { title: report.title })}
      verb={t('provider.withdraw')}
      run={() => void withdraw.run({ reportId: report.id, reason })}
      running={withdraw.running}
      problem={withdraw.problem}
    >
      <p>{t('provider.withdrawWhat')}</p>
      <Textarea
        label={t('provider.reason')}
        required
        autosize
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ConfirmDialog>
  );
}
