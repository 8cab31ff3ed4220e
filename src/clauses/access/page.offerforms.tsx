import { Modal, NumberInput, Radio, Stack, Switch, Textarea } from '@mantine/core';
import type { output } from 'zod';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import { type PrivilegedBy, privilegedBys } from './facts.terms.ts';
import { ReviewerChooser } from './page.choices.tsx';
import type { Offer } from './page.offers.tsx';
import type { routes } from './routes.ts';

/** Says what an entitlement is for, and how one may come by it. */
export function DescribeDialog({ offer, close }: { offer: Offer; close: () => void }) {
  const t = useWords('clauses/access');
  const describe = useCommand(useApi<typeof routes>().describeEntitlement, {
    done: t('settings.done'),
    onDone: close,
  });
  const { description, requestable, emergency } = offer;
  const form = useFields({ description, requestable, emergency }, describe.fieldErrors);
  return (
    <Modal
      opened
      onClose={close}
      title={t('offer.describeTitle', { name: offer.name })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <FieldForm
        onSubmit={() => void describe.run({ entitlementId: offer.id, ...form.values })}
        submit={t('settings.save')}
        running={describe.running}
        problem={describe.problem}
        onCancel={close}
      >
        <Textarea
          label={t('offer.description')}
          description={t('offer.descriptionHint')}
          autosize
          minRows={2}
          data-autofocus
          {...form.text('description')}
        />
        <Switch
          label={t('offer.requestable')}
          description={t('offer.requestableHint')}
          {...form.tick('requestable')}
        />
        <Switch
          label={t('offer.emergency')}
          description={t('offer.emergencyHint')}
          {...form.tick('emergency')}
        />
      </FieldForm>
    </Modal>
  );
}

type SystemRule = output<(typeof routes)['getAccessRule']['output']>;

/** How access to a system is asked for, and how it is given and taken there. */
export function SystemRuleDialog({ systemId, close }: { systemId: string; close: () => void }) {
  const t = useWords('clauses/access');
  const read = useRead(useApi<typeof routes>().getAccessRule, { systemId });
  return (
    <Modal
      opened
      onClose={close}
      title={t('offer.ruleTitle', { system: read.data?.system ?? '' })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {read.error && <ProblemNotice problem={read.error} retry={() => void read.refetch()} />}
      {read.data && <SystemRuleForm systemId={systemId} rule={read.data} close={close} />}
    </Modal>
  );
}

type SystemRuleFormProps = { systemId: string; rule: SystemRule; close: () => void };

function SystemRuleForm({ systemId, rule, close }: SystemRuleFormProps) {
  const t = useWords('clauses/access');
  const set = useCommand(useApi<typeof routes>().setAccessRule, {
    done: t('settings.done'),
    onDone: close,
  });
  const form = useFields(
    {
      delegateId: rule.delegateId,
      longestDays: (rule.longestDays ?? '') as number | string,
      privilegedBy: rule.privilegedBy as string,
      instructions: rule.instructions,
    },
    set.fieldErrors,
  );
  const { delegateId, longestDays, privilegedBy, instructions } = form.values;
  const send = () =>
    set.run({
      systemId,
      delegateId,
      longestDays: longestDays === '' ? null : Number(longestDays),
      privilegedBy: privilegedBy as PrivilegedBy,
      instructions,
    });
  return (
    <FieldForm
      onSubmit={() => void send()}
      submit={t('settings.save')}
      running={set.running}
      problem={set.problem}
      onCancel={close}
    >
      <ReviewerChooser
        label={t('offer.delegate')}
        description={
          rule.delegate ? t('offer.delegateNow', { name: rule.delegate }) : t('offer.delegateHint')
        }
        value={delegateId}
        onChange={(id) => form.set('delegateId', id)}
      />
      <NumberInput
        label={t('offer.longest')}
        description={t('offer.longestHint')}
        min={1}
        max={3660}
        allowDecimal={false}
        {...form.choice('longestDays')}
      />
      <Radio.Group label={t('offer.privilegedBy')} {...form.choice('privilegedBy')}>
        <Stack gap="xs" mt="xs">
          {privilegedBys.map((value) => (
            <Radio key={value} value={value} label={t(`privilegedBy.${value}`)} />
          ))}
        </Stack>
      </Radio.Group>
      <Textarea
        label={t('offer.instructions')}
        description={t('offer.instructionsHint')}
        autosize
        minRows={3}
        {...form.text('instructions')}
      />
    </FieldForm>
  );
}
