import { Modal, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { useNow } from '../../ui/clock.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useReader } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import { defaults } from './facts.terms.ts';
import { OfferChooser } from './page.choices.tsx';
import { dayAfter } from './page.days.ts';
import type { routes } from './routes.ts';

/** How long access is asked for where nobody says otherwise, in days. */
const USUAL_DAYS = 90;

/** What is asked for; left out: to be chosen. */
export interface Wanted {
  readonly entitlementId: string;
  readonly name: string;
}

type AskDialogProps = { wanted?: Wanted | undefined; extension?: boolean; close: () => void };

/** The form of a request, and its sending. */
function useAsking(wanted: Wanted | undefined, close: () => void) {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const { zone, person } = useReader();
  const now = useNow();
  const ask = useCommand(api.askAccess, { done: t('ask.done'), onDone: close });
  const form = useFields(
    {
      entitlementId: wanted?.entitlementId ?? (null as string | null),
      purpose: '',
      endsOn: dayAfter(now, USUAL_DAYS, zone),
      personId: person?.id ?? '',
    },
    ask.fieldErrors,
  );
  const { entitlementId, purpose, endsOn, personId } = form.values;
  const send = () =>
    entitlementId &&
    ask.run({
      entitlementId,
      purpose,
      endsOn,
      personId: personId === '' || personId === person?.id ? null : personId,
    });
  return { ask, form, send };
}

/** Asks for access: what, why, until when. For oneself, or for somebody who reports to one. */
export function AskDialog({ wanted, extension = false, close }: AskDialogProps) {
  const t = useWords('clauses/access');
  const { person } = useReader();
  const reports = useRead(useApi<typeof routes>().listMyReports, {});
  const { ask, form, send } = useAsking(wanted, close);
  const { entitlementId, purpose } = form.values;
  const others = reports.data?.items ?? [];
  return (
    <Modal
      opened
      onClose={close}
      title={wanted ? t(extension ? 'ask.more' : 'ask.for', { name: wanted.name }) : t('ask.title')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <FieldForm
        onSubmit={() => void send()}
        submit={t('ask.verb')}
        will={t('ask.will')}
        running={ask.running}
        problem={ask.problem}
        disabled={!entitlementId || purpose.trim() === ''}
        onCancel={close}
      >
        {!wanted && (
          <OfferChooser
            label={t('ask.what')}
            description={t('ask.whatHint')}
            required
            only={{ requestable: 'true' }}
            value={entitlementId}
            onChange={(id) => form.set('entitlementId', id)}
          />
        )}
        {!extension && others.length > 0 && person && (
          <Select
            label={t('ask.whom')}
            allowDeselect={false}
            data={[
              { value: person.id, label: t('ask.myself') },
              ...others.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            {...form.choice('personId')}
          />
        )}
        <Textarea
          label={t('request.purpose')}
          description={t('ask.purposeHint')}
          required
          autosize
          minRows={2}
          data-autofocus={wanted ? true : undefined}
          {...form.text('purpose')}
        />
        <TextInput
          type="date"
          label={t('request.endsOn')}
          description={t('ask.endsHint')}
          required
          {...form.text('endsOn')}
        />
      </FieldForm>
    </Modal>
  );
}

/** Takes access at once, for hours and with a reason. */
export function EmergencyDialog({ close }: { close: () => void }) {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const take = useCommand(api.takeEmergency, { done: t('emergency.taken'), onDone: close });
  const form = useFields(
    {
      entitlementId: null as string | null,
      reason: '',
      hours: defaults.emergencyHours as number | string,
    },
    take.fieldErrors,
  );
  const { entitlementId, reason, hours } = form.values;
  return (
    <Modal
      opened
      onClose={close}
      title={t('emergency.take')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <FieldForm
        onSubmit={() =>
          entitlementId && void take.run({ entitlementId, reason, hours: Number(hours) })
        }
        submit={t('emergency.verb')}
        will={t('emergency.will')}
        danger
        running={take.running}
        problem={take.problem}
        disabled={!entitlementId || reason.trim() === ''}
        onCancel={close}
      >
        <OfferChooser
          label={t('ask.what')}
          description={t('emergency.whatHint')}
          required
          only={{ emergency: 'true' }}
          value={entitlementId}
          onChange={(id) => form.set('entitlementId', id)}
        />
        <Textarea
          label={t('emergency.reason')}
          required
          autosize
          minRows={2}
          {...form.text('reason')}
        />
        <NumberInput
          label={t('emergency.hours')}
          min={1}
          max={defaults.longestEmergencyHours}
          allowDecimal={false}
          required
          {...form.choice('hours')}
        />
      </FieldForm>
    </Modal>
  );
}
