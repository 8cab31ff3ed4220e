import { MultiSelect, PasswordInput, Select, Stepper, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { fieldErrorsOf } from '../../ui/queries.ts';
import { useLanguage, useWords } from '../../ui/words.ts';
import { SecondFactor } from '../identity/SecondFactor.tsx';
import { StandingPage } from '../identity/StandingPage.tsx';
import { useAttempt } from '../identity/useAttempt.ts';
import { useSignInState } from '../identity/useSignInState.ts';
import { type SetUp as SetUpInput, shellApi } from '../shell/shellApi.ts';

const steps = ['organisation', 'administrator', 'factor', 'publish'] as const;
type Step = (typeof steps)[number];

/**
 * `/setup#token`: organisation → first administrator → second factor → first policy. Nothing is written before
 * the second step ends; a reload afterwards goes on where it stopped.
 */
export default function SetUp() {
  const t = useWords('web');
  const router = useRouter();
  const queries = useQueryClient();
  const standing = useSignInState();
  const [chosen, setChosen] = useState<Step | undefined>(undefined);
  const [organisation, setOrganisation] = useState<SetUpInput['organisation'] | undefined>(
    undefined,
  );
  const [password, setPassword] = useState<string | undefined>(undefined);
  if (!standing.data)
    return standing.error ? (
      <ProblemNotice problem={standing.error} retry={() => void standing.refetch()} />
    ) : null;
  const resumed: Step =
    standing.data.state === 'enrol'
      ? 'factor'
      : standing.data.state === 'signedIn'
        ? 'publish'
        : 'organisation';
  const step = chosen ?? resumed;
  const enter = () => {
    queries.clear();
    router.history.push('/console');
  };
  return (
    <StandingPage wide title={t(`setUp.${step}Title`)} lead={t(`setUp.${step}Lead`)}>
      <Stepper
        active={steps.indexOf(step)}
        size="xs"
        iconSize={24}
        allowNextStepsSelect={false}
        mb="xl"
        aria-hidden="true"
      >
        {steps.map((name) => (
          <Stepper.Step key={name} label={t(`setUp.${name}`)} disabled />
        ))}
      </Stepper>
      {step === 'organisation' && (
        <OrganisationStep
          known={organisation}
          onDone={(given) => {
            setOrganisation(given);
            setChosen('administrator');
          }}
        />
      )}
      {step === 'administrator' && organisation && (
        <AdministratorStep
          organisation={organisation}
          onBack={() => setChosen('organisation')}
          onDone={(given) => {
            setPassword(given);
            setChosen('factor');
          }}
        />
      )}
      {step === 'factor' && (
        <SecondFactor password={password} onDone={() => setChosen('publish')} />
      )}
      {step === 'publish' && <PublishStep onDone={enter} />}
    </StandingPage>
  );
}

type OrganisationStepProps = {
  known: SetUpInput['organisation'] | undefined;
  onDone: (organisation: SetUpInput['organisation']) => void;
};

function OrganisationStep({ known, onDone }: OrganisationStepProps) {
  const t = useWords('web');
  const language = useLanguage();
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const form = useFields({
    name: known?.name ?? '',
    zone: known?.zone ?? here,
    languages: [...(known?.languages ?? [language])],
    domain: known?.domain ?? '',
  });
  const ready = form.values.languages.length > 0 && form.values.zone !== '';
  return (
    <FieldForm
      submit={t('identity.continue')}
      disabled={!ready}
      onSubmit={() => onDone(form.values)}
    >
      <TextInput
        label={t('setUp.name')}
        required
        autoComplete="organization"
        {...form.text('name')}
      />
      <TextInput
        label={t('setUp.domain')}
        description={t('setUp.domainHint')}
        required
        placeholder="example.com"
        autoCapitalize="none"
        spellCheck={false}
        {...form.text('domain')}
      />
      <Select
        label={t('setUp.zone')}
        description={t('setUp.zoneHint')}
        searchable
        required
        allowDeselect={false}
        data={Intl.supportedValuesOf('timeZone')}
        {...form.choice('zone')}
      />
      <MultiSelect
        label={t('setUp.languages')}
        description={t('setUp.languagesHint')}
        required
        data={[
          { value: 'en', label: 'English' },
          { value: 'ja', label: '日本語' },
        ]}
        {...form.choice('languages')}
      />
    </FieldForm>
  );
}

type AdministratorStepProps = {
  organisation: SetUpInput['organisation'];
  onBack: () => void;
  onDone: (password: string) => void;
};

function AdministratorStep({ organisation, onBack, onDone }: AdministratorStepProps) {
  const t = useWords('web');
  const u = useWords('ui');
  const attempt = useAttempt();
  const problems = fieldErrorsOf(attempt.problem);
  const errors = Object.fromEntries(
    Object.entries(problems).map(([path, message]) => [
      path.replace(/^administrator\./, ''),
      message,
    ]),
  );
  const form = useFields({ name: '', email: '', password: '' }, errors);
  const create = () =>
    attempt.run(async () => {
      await shellApi.setUp({
        token: location.hash.slice(1),
        organisation,
        administrator: form.values,
      });
      // The token is spent; it need not stay in the address or the history.
      history.replaceState(history.state, '', location.pathname);
      onDone(form.values.password);
    });
  return (
    <FieldForm
      submit={t('setUp.create')}
      will={t('setUp.createWill', { organisation: organisation.name })}
      running={attempt.running}
      problem={attempt.problem}
      onCancel={onBack}
      cancel={u('back')}
      onSubmit={() => void create()}
    >
      <TextInput label={t('setUp.yourName')} required autoComplete="name" {...form.text('name')} />
      <TextInput
        label={t('identity.email')}
        type="email"
        required
        autoComplete="username"
        {...form.text('email')}
      />
      <PasswordInput
        label={t('identity.newPassword')}
        description={t('identity.passwordRule', { min: 12 })}
        required
        minLength={12}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': t('identity.showPassword') }}
        {...form.text('password')}
      />
    </FieldForm>
  );
}

function PublishStep({ onDone }: { onDone: () => void }) {
  const t = useWords('web');
  const attempt = useAttempt();
  const publish = () =>
    attempt.run(async () => {
      await shellApi.publishFirst({});
      onDone();
    });
  return (
    <FieldForm
      submit={t('setUp.publishVerb')}
      will={t('setUp.publishWill')}
      running={attempt.running}
      problem={attempt.problem}
      onSubmit={() => void publish()}
      onCancel={onDone}
      cancel={t('setUp.later')}
    />
  );
}
