import { Modal, MultiSelect, NumberInput, Radio, Stack, Switch, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { routes as systemRoutes } from '../../registers/systems/routes.ts';
import { useApi } from '../../ui/api.ts';
import { useNow } from '../../ui/clock.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useReader } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import { defaults, type ReviewerRule } from './facts.terms.ts';
import type { Settings } from './facts.ts';
import { ReviewerChooser } from './page.choices.tsx';
import { dayAfter } from './page.days.ts';
import type { routes } from './routes.ts';

export type CurrentSettings = Settings & { readonly nextOpensAt: string | null };

/** The form of a new review, and its sending. */
function useOpening() {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const navigate = useNavigate();
  const { zone } = useReader();
  const now = useNow();
  const open = useCommand(api.openCampaign, {
    done: ({ items }) => t('opening.done', { count: items }),
  });
  const form = useFields(
    {
      name: '',
      whole: 'all',
      systems: [] as string[],
      dueOn: dayAfter(now, defaults.lengthDays, zone),
      hours: defaults.revokeWithinHours as number | string,
      rule: 'systemOwner',
      fallback: null as string | null,
    },
    open.fieldErrors,
  );
  const send = async () => {
    const { name, whole, systems, dueOn, hours, rule, fallback } = form.values;
    const opened = await open.run({
      name,
      systems: whole === 'all' ? 'all' : systems,
      dueOn,
      revokeWithinHours: Number(hours),
      reviewerRule: rule as ReviewerRule,
      fallback,
    });
    if (opened) await navigate({ to: `/console/reviews/${opened.id}` });
  };
  return { form, open, send };
}

/** Opens a review by hand. */
export function OpenCampaignDialog({ close }: { close: () => void }) {
  const t = useWords('clauses/access');
  const { form, open, send } = useOpening();
  return (
    <Modal
      opened
      onClose={close}
      title={t('opening.title')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <FieldForm
        onSubmit={() => void send()}
        submit={t('reviews.open')}
        will={t('opening.will')}
        running={open.running}
        problem={open.problem}
        onCancel={close}
      >
        <TextInput label={t('campaign.name')} required data-autofocus {...form.text('name')} />
        <Radio.Group label={t('opening.scope')} {...form.choice('whole')}>
          <Stack gap="xs" mt="xs">
            <Radio value="all" label={t('opening.all')} description={t('opening.allWhat')} />
            <Radio value="some" label={t('opening.some')} description={t('opening.someWhat')} />
          </Stack>
        </Radio.Group>
        {form.values.whole === 'some' && <SystemsField {...form.choice('systems')} />}
        <TextInput
          type="date"
          label={t('opening.dueOn')}
          description={t('opening.dueWhat')}
          required
          {...form.text('dueOn')}
        />
        <ReviewFields
          rule={form.choice('rule')}
          hours={form.choice('hours')}
          fallback={form.choice('fallback')}
        />
      </FieldForm>
    </Modal>
  );
}

function SystemsField(props: {
  value: string[];
  onChange: (value: unknown) => void;
  error?: string | undefined;
}) {
  const t = useWords('clauses/access');
  const api = useApi<typeof systemRoutes>();
  const systems = useRead(api.listSystems, { limit: 500 });
  const { error, ...rest } = props;
  return (
    <MultiSelect
      label={t('opening.systems')}
      searchable
      required
      data={(systems.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      {...rest}
      {...(error ? { error } : {})}
    />
  );
}

type Chosen<Value> = { value: Value; onChange: (value: unknown) => void; error?: string };

type ReviewFieldsProps = {
  rule: Chosen<string>;
  hours: Chosen<number | string>;
  fallback: Chosen<string | null>;
};

/** Who decides, and how quickly what is to go must be gone: the same for a review and for the settings. */
function ReviewFields({ rule, hours, fallback }: ReviewFieldsProps) {
  const t = useWords('clauses/access');
  return (
    <>
      <Radio.Group label={t('opening.rule')} {...rule}>
        <Stack gap="xs" mt="xs">
          <Radio value="systemOwner" label={t('rule.systemOwner')} />
          <Radio value="manager" label={t('rule.manager')} />
        </Stack>
      </Radio.Group>
      <ReviewerChooser
        label={t('opening.fallback')}
        description={t('opening.fallbackWhat')}
        {...fallback}
      />
      <NumberInput
        label={t('opening.hours')}
        description={t('opening.hoursWhat')}
        min={0}
        max={8784}
        allowDecimal={false}
        required
        {...hours}
      />
    </>
  );
}

/** The form of the settings, and its sending. */
function useSettings(settings: CurrentSettings, close: () => void) {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const change = useCommand(api.changeReviewSettings, { done: t('settings.done'), onDone: close });
  const form = useFields(
    {
      openByItself: settings.openByItself,
      dayOffset: settings.dayOffset as number | string,
      lengthDays: settings.lengthDays as number | string,
      hours: settings.revokeWithinHours as number | string,
      rule: settings.reviewerRule as string,
      fallback: settings.fallback,
    },
    change.fieldErrors,
  );
  const save = () => {
    const { openByItself, dayOffset, lengthDays, hours, rule, fallback } = form.values;
    return change.run({
      openByItself,
      dayOffset: Number(dayOffset),
      lengthDays: Number(lengthDays),
      revokeWithinHours: Number(hours),
      reviewerRule: rule as ReviewerRule,
      fallback,
    });
  };
  return { form, change, save };
}

type SettingsDialogProps = { settings: CurrentSettings; close: () => void };

/** How reviews open by themselves. */
export function SettingsDialog({ settings, close }: SettingsDialogProps) {
  const t = useWords('clauses/access');
  const { form, change, save } = useSettings(settings, close);
  return (
    <Modal
      opened
      onClose={close}
      title={t('settings.title')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <FieldForm
        onSubmit={() => void save()}
        submit={t('settings.save')}
        running={change.running}
        problem={change.problem}
        onCancel={close}
      >
        <Switch
          label={t('settings.openByItself')}
          description={t('settings.openByItselfWhat')}
          {...form.tick('openByItself')}
        />
        <NumberInput
          label={t('settings.dayOffset')}
          min={0}
          max={60}
          allowDecimal={false}
          required
          {...form.choice('dayOffset')}
        />
        <NumberInput
          label={t('settings.lengthDays')}
          min={1}
          max={60}
          allowDecimal={false}
          required
          {...form.choice('lengthDays')}
        />
        <ReviewFields
          rule={form.choice('rule')}
          hours={form.choice('hours')}
          fallback={form.choice('fallback')}
        />
      </FieldForm>
    </Modal>
  );
}
