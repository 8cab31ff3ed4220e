import { Radio, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useNow } from '../../ui/clock.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useRead } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import {
  type DecisionKind,
  decisionKinds,
  type Justification,
  justifications,
  longestNotAffectedDays,
} from './facts.terms.ts';
import { useBacklogApi } from './page.api.ts';
import type { BulkFormProps } from './page.assigning.tsx';
import { useInParts } from './page.parts.ts';

/** Asks that items do not count: not affected, or the risk accepted, until a day. Somebody else decides. */
export default function AskForm({ ids, count, close, done }: BulkFormProps) {
  const t = useWords('clauses/vulnerabilities');
  const ask = useInParts(useBacklogApi().askDecision, {
    said: (asked) => t('done.ask', { count: asked }),
    done,
  });
  const { form, latest } = useAskFields(ask.fieldErrors);
  const { kind, justification, reason, until } = form.values;
  const ready =
    reason.trim() !== '' && until !== '' && (kind === 'accepted' || justification !== null);
  const send = () =>
    ask.run(ids, (part) => ({
      ids: part,
      kind,
      justification: kind === 'notAffected' ? justification : null,
      reason,
      until,
    }));
  return (
    <FieldForm
      onSubmit={() => void send()}
      submit={t('acts.ask')}
      will={t('will.ask', { count })}
      running={ask.running}
      problem={ask.problem}
      disabled={!ready}
      onCancel={close}
    >
      <Radio.Group label={t('kind')} {...form.choice('kind')}>
        <Stack gap="xs" mt="xs">
          {decisionKinds.map((value) => (
            <Radio
              key={value}
              value={value}
              label={t(`kinds.${value}`)}
              description={t(`kindHint.${value}`)}
            />
          ))}
        </Stack>
      </Radio.Group>
      {kind === 'notAffected' && (
        <Select
          label={t('justification')}
          required
          data={justifications.map((value) => ({ value, label: t(`justifications.${value}`) }))}
          {...form.choice('justification')}
        />
      )}
      <Textarea label={t('reason')} required autosize minRows={3} {...form.text('reason')} />
      <TextInput
        type="date"
        label={t('until')}
        description={t('untilHint')}
        required
        max={latest}
        {...form.text('until')}
      />
    </FieldForm>
  );
}

function useAskFields(errors: Readonly<Record<string, string>>) {
  const policy = useRead(useBacklogApi().showPatchPolicy, {});
  const form = useFields(
    {
      kind: 'notAffected' as DecisionKind,
      justification: null as Justification | null,
      reason: '',
      until: '',
    },
    errors,
  );
  const days =
    form.values.kind === 'accepted' ? policy.data?.acceptanceDays : longestNotAffectedDays;
  const latest = dayIn(useNow(), days ?? longestNotAffectedDays);
  return { form, latest };
}

/** The day so many days from now, for a date field. */
function dayIn(now: number, days: number): string {
  return new Date(now + days * 86_400_000).toISOString().slice(0, 10);
}
