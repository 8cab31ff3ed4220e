import { Select, Textarea } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { useCommand } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords } from '../../ui/words.ts';
import classes from './policy-changes.module.css';
import type { routes } from './routes.ts';

type Report = Awaited<
  ReturnType<ReturnType<typeof useApi<typeof routes>>['listVulnerabilityReports']>
>['items'][number];

const outcomes = ['confirmed', 'notAVulnerability', 'duplicate', 'spam'] as const;

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

function AnswerForm({ report }: { report: Report }) {
  const t = useWords('clauses/publication');
  const answer = useCommand(useApi<typeof routes>().answerVulnerabilityReport, {
    done: t('reports.done'),
  });
  const form = useFields({ outcome: 'confirmed' as string, answer: '' }, answer.fieldErrors);
  const outcome = outcomes.find((each) => each === form.values.outcome) ?? 'confirmed';
  return (
    <Section title={t('reports.toAnswer')}>
      <FieldForm
        onSubmit={() => void answer.run({ id: report.id, outcome, answer: form.values.answer })}
        submit={t('reports.verb')}
        will={t('reports.will')}
        running={answer.running}
        problem={answer.problem}
      >
        <Select
          label={t('reports.outcome')}
          allowDeselect={false}
          data={outcomes.map((value) => ({ value, label: t(`reports.outcomes.${value}`) }))}
          {...form.choice('outcome')}
        />
        <Textarea
          label={t('reports.answer')}
          description={t('reports.answerHint')}
          autosize
          minRows={4}
          {...form.text('answer')}
        />
      </FieldForm>
    </Section>
  );
}
