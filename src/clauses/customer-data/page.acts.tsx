import { NumberInput, Radio, Stack, Textarea } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import { type Verdict, verdicts } from './facts.terms.ts';
import type { FormAct } from './page.case.tsx';
import type { CaseDetail } from './page.facts.tsx';
import type { routes } from './routes.ts';

type FormProps = { found: CaseDetail; close: () => void };

/** Acts on a case that need a sentence. */
export default function ActForm({ act, ...rest }: FormProps & { act: FormAct }) {
  switch (act) {
    case 'refuse':
      return <RefuseForm {...rest} />;
    case 'refuseMore':
      return <RefuseForm {...rest} more />;
    case 'more':
      return <MoreForm {...rest} />;
    case 'reconcile':
      return <ReconcileForm {...rest} />;
    case 'review':
      return <ReviewForm {...rest} />;
  }
}

function RefuseForm({ found, close, more = false }: FormProps & { more?: boolean }) {
  const t = useWords('clauses/customer-data');
  const api = useApi<typeof routes>();
  const how = { done: t(more ? 'done.refuseMore' : 'done.refuse'), onDone: close };
  const decide = useCommand(api.decideCase, how);
  const decideMore = useCommand(api.decideCaseExtension, how);
  const command = more ? decideMore : decide;
  const form = useFields({ reason: '' }, command.fieldErrors);
  const send = () => command.run({ id: found.id, decision: 'refuse', reason: form.values.reason });
  return (
    <FieldForm
      onSubmit={() => void send()}
      submit={t('acts.refuse')}
      will={t('will.refuse', { requester: found.requester })}
      running={command.running}
      problem={command.problem}
      disabled={form.values.reason.trim() === ''}
      onCancel={close}
      danger
    >
      <Textarea
        label={t('reason')}
        required
        autosize
        minRows={3}
        data-autofocus
        {...form.text('reason')}
      />
    </FieldForm>
  );
}

function MoreForm({ found, close }: FormProps) {
  const t = useWords('clauses/customer-data');
  const more = useCommand(useApi<typeof routes>().askCaseExtension, {
    done: t('done.more'),
    onDone: close,
  });
  const form = useFields({ hours: 2, why: '' }, more.fieldErrors);
  return (
    <FieldForm
      onSubmit={() => void more.run({ id: found.id, ...form.values })}
      submit={t('acts.more')}
      will={t(found.customerNeeded ? 'will.moreCustomer' : 'will.more')}
      running={more.running}
      problem={more.problem}
      disabled={form.values.why.trim() === ''}
      onCancel={close}
    >
      <NumberInput
        label={t('moreHours')}
        min={1}
        max={168}
        allowDecimal={false}
        {...form.choice('hours')}
      />
      <Textarea label={t('moreWhy')} required autosize minRows={3} {...form.text('why')} />
    </FieldForm>
  );
}

function ReconcileForm({ found, close }: FormProps) {
  const t = useWords('clauses/customer-data');
  const reconcile = useCommand(useApi<typeof routes>().reconcileCase, {
    done: t('done.reconcile'),
    onDone: close,
  });
  const form = useFields({ note: '' }, reconcile.fieldErrors);
  const differing = found.deviating + found.unlisted;
  return (
    <FieldForm
      onSubmit={() => void reconcile.run({ id: found.id, note: form.values.note })}
      submit={t('acts.reconcile')}
      will={t('will.reconcile')}
      running={reconcile.running}
      problem={reconcile.problem}
      disabled={differing > 0 && form.values.note.trim() === ''}
      onCancel={close}
    >
      <p>
        {differing > 0
          ? t('reconcileDiffering', { reads: found.reads, differing })
          : t('reconcileWithin', { reads: found.reads })}
      </p>
      <Textarea
        label={t('note')}
        description={t(differing > 0 ? 'noteNeeded' : 'noteHint')}
        required={differing > 0}
        autosize
        minRows={3}
        {...form.text('note')}
      />
    </FieldForm>
  );
}

function ReviewForm({ found, close }: FormProps) {
  const t = useWords('clauses/customer-data');
  const review = useCommand(useApi<typeof routes>().reviewEmergencyCase, {
    done: t('done.review'),
    onDone: close,
  });
  const form = useFields({ verdict: 'justified' as Verdict, note: '' }, review.fieldErrors);
  return (
    <FieldForm
      onSubmit={() => void review.run({ id: found.id, ...form.values })}
      submit={t('acts.review')}
      will={t('will.review')}
      running={review.running}
      problem={review.problem}
      disabled={form.values.note.trim() === ''}
      onCancel={close}
    >
      <Radio.Group label={t('verdict')} {...form.choice('verdict')}>
        <Stack gap="xs" mt="xs">
          {verdicts.map((value) => (
            <Radio key={value} value={value} label={t(`verdicts.${value}`)} />
          ))}
        </Stack>
      </Radio.Group>
      <Textarea label={t('reviewNote')} required autosize minRows={3} {...form.text('note')} />
    </FieldForm>
  );
}
