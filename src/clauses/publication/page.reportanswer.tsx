import { Select, Textarea } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { Section } from '../../ui/Page.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { Report } from './page.reports.tsx';
import type { routes } from './routes.ts';

const outcomes = ['confirmed', 'notAVulnerability', 'duplicate', 'spam'] as const;

/** Says what came of a report. */
export function AnswerForm({ report }: { report: Report }) {
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
