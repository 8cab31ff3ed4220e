import { Modal, Radio, Stack, Textarea, TextInput } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { useNow } from '../../ui/clock.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useReader } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import { dutySeverities } from './facts.terms.ts';
import { OfferChooser, ReviewerChooser } from './page.choices.tsx';
import { dayAfter } from './page.days.ts';
import type { Rule } from './page.duties.tsx';
import type { routes } from './routes.ts';

/** How long an exception usually lasts, in days. */
const USUAL_DAYS = 30;

/** The form of a rule, and its sending. */
function useWriting(rule: Rule | null, close: () => void) {
  const t = useWords('clauses/access');
  const write = useCommand(useApi<typeof routes>().writeDutyRule, {
    done: t('duty.written'),
    onDone: close,
  });
  const form = useFields(
    {
      name: rule?.name ?? '',
      firstId: rule?.firstId ?? (null as string | null),
      secondId: rule?.secondId ?? (null as string | null),
      severity: (rule?.severity ?? 'forbid') as string,
      reason: rule?.reason ?? '',
    },
    write.fieldErrors,
  );
  const { name, firstId, secondId, severity, reason } = form.values;
  const send = () =>
    firstId &&
    secondId &&
    write.run({
      replaces: rule?.id ?? null,
      name,
      firstId,
      secondId,
      severity: severity as Rule['severity'],
      reason,
    });
  const whole = firstId && secondId && name.trim() !== '' && reason.trim() !== '';
  return { write, form, send, whole };
}

/** Writes a rule, or another one in the place of one that stands. */
export function RuleDialog({ rule, close }: { rule: Rule | null; close: () => void }) {
  const t = useWords('clauses/access');
  const { write, form, send, whole } = useWriting(rule, close);
  const { firstId, secondId } = form.values;
  return (
    <Modal
      opened
      onClose={close}
      title={rule ? t('duty.editTitle', { name: rule.name }) : t('duties.write')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <FieldForm
        onSubmit={() => void send()}
        submit={t('duty.save')}
        will={t('duty.will')}
        running={write.running}
        problem={write.problem}
        disabled={!whole}
        onCancel={close}
      >
        <TextInput label={t('duty.name')} required data-autofocus {...form.text('name')} />
        <Side
          which="first"
          value={firstId}
          known={rule?.first}
          set={(id) => form.set('firstId', id)}
        />
        <Side
          which="second"
          value={secondId}
          known={rule?.second}
          set={(id) => form.set('secondId', id)}
        />
        <Radio.Group label={t('duty.severity')} {...form.choice('severity')}>
          <Stack gap="xs" mt="xs">
            {dutySeverities.map((value) => (
              <Radio
                key={value}
                value={value}
                label={t(`severity.${value}`)}
                description={t(`severitySentence.${value}`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        <Textarea label={t('duty.reason')} required autosize minRows={2} {...form.text('reason')} />
      </FieldForm>
    </Modal>
  );
}

type SideProps = {
  which: 'first' | 'second';
  value: string | null;
  known: string | undefined;
  set: (id: string | null) => void;
};

/** One of the two entitlements; where a rule is edited, what it names now stands below the field. */
function Side({ which, value, known, set }: SideProps) {
  const t = useWords('clauses/access');
  return (
    <OfferChooser
      label={t(`duty.${which}`)}
      {...(known ? { description: t('duty.now', { entitlement: known }) } : {})}
      required
      only={{}}
      value={value}
      onChange={set}
    />
  );
}

/** Excepts somebody from a rule until a day. */
export function ExceptionDialog({ rule, close }: { rule: Rule; close: () => void }) {
  const t = useWords('clauses/access');
  const { zone } = useReader();
  const now = useNow();
  const except = useCommand(useApi<typeof routes>().exceptFromDutyRule, {
    done: t('duty.excepted'),
    onDone: close,
  });
  const form = useFields(
    { personId: null as string | null, endsOn: dayAfter(now, USUAL_DAYS, zone), reason: '' },
    except.fieldErrors,
  );
  const { personId, endsOn, reason } = form.values;
  return (
    <Modal
      opened
      onClose={close}
      title={t('duty.exceptTitle', { name: rule.name })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <FieldForm
        onSubmit={() => personId && void except.run({ id: rule.id, personId, endsOn, reason })}
        submit={t('duty.except')}
        will={t('duty.exceptWill')}
        running={except.running}
        problem={except.problem}
        disabled={!personId || reason.trim() === ''}
        onCancel={close}
      >
        <ReviewerChooser
          label={t('item.person')}
          required
          value={personId}
          onChange={(id) => form.set('personId', id)}
        />
        <TextInput type="date" label={t('duty.until')} required {...form.text('endsOn')} />
        <Textarea label={t('duty.reason')} required autosize minRows={2} {...form.text('reason')} />
      </FieldForm>
    </Modal>
  );
}
