import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords } from '../../ui/words.ts';
import classes from './policy-changes.module.css';
import type { routes } from './routes.ts';

const AnswerForm = lazily(async () => (await import('./page.reportanswer.tsx')).AnswerForm);

export type Report = Awaited<
  ReturnType<ReturnType<typeof useApi<typeof routes>>['listVulnerabilityReports']>
>['items'][number];

/** What strangers reported by the form of the public page. */
export default function ReportsPage() {
  const t = useWords('clauses/publication');
  const api = useApi<typeof routes>();
  return (
    <Page wide>
      <PageHeader
        above={<Link to="/console/policy">{t('policy.title')}</Link>}
        title={t('reports.title')}
        sentence={t('reports.sentence')}
      />
      <RegisterTable
        name="vulnerabilityReports"
        label={t('reports.title')}
        list={api.listVulnerabilityReports}
        rowId={(report) => report.id}
        defaultSort="-receivedAt"
        csv={false}
        columns={[
          { id: 'about', label: t('reports.about'), value: (report) => report.about, width: '2fr' },
          {
            id: 'receivedAt',
            label: t('reports.receivedAt'),
            value: (report) => <RelativeTime at={report.receivedAt} />,
            sort: true,
          },
          {
            id: 'outcome',
            label: t('reports.outcome'),
            value: (report) =>
              report.outcome ? t(`reports.outcomes.${report.outcome}`) : t('reports.open'),
          },
        ]}
        filters={[
          {
            id: 'answered',
            label: t('reports.answered'),
            options: [
              { value: 'false', label: t('reports.open') },
              { value: 'true', label: t('reports.closed') },
            ],
          },
        ]}
        sheet={(_, report) => report && <ReportSheet key={report.id} report={report} />}
        empty={<EmptyState title={t('reports.none')}>{t('reports.noneWhat')}</EmptyState>}
      />
    </Page>
  );
}

function ReportSheet({ report }: { report: Report }) {
  const t = useWords('clauses/publication');
  const mayAnswer = useMay('answerVulnerabilityReport');
  return (
    <>
      <SheetHeader title={report.about} />
      <Facts
        facts={[
          { label: t('reports.receivedAt'), value: <RelativeTime at={report.receivedAt} /> },
          { label: t('reports.reporter'), value: report.reporter || t('reports.unnamed') },
          ...(report.outcome
            ? [{ label: t('reports.outcome'), value: t(`reports.outcomes.${report.outcome}`) }]
            : []),
          ...(report.answeredBy
            ? [{ label: t('reports.answeredBy'), value: report.answeredBy }]
            : []),
          ...(report.answer ? [{ label: t('reports.answer'), value: report.answer }] : []),
        ]}
      />
      <Section title={t('reports.details')}>
        <p className={classes.typed}>{report.details}</p>
      </Section>
      {!report.answeredAt && mayAnswer && <AnswerForm report={report} />}
    </>
  );
}
