import { Stepper } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { Link } from '../../ui/Link.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useWords } from '../../ui/words.ts';
import { StandingPage } from '../identity/StandingPage.tsx';
import { useSignInState } from '../identity/useSignInState.ts';
import { AdministratorStep } from '../setup/AdministratorStep.tsx';
import { OrganisationStep } from '../setup/OrganisationStep.tsx';
import { PublishStep } from '../setup/PublishStep.tsx';
import { type SetUp as SetUpInput, type SignInState, shellApi } from '../shell/shellApi.ts';

const SecondFactor = lazily(
  async () => (await import('../identity/SecondFactor.tsx')).SecondFactor,
);

const steps = ['organisation', 'administrator', 'factor', 'publish'] as const;
type Step = (typeof steps)[number];

/**
 * `/setup#token`: organisation → first administrator → second factor → first policy. Nothing is written before
 * the second step ends; a reload afterwards goes on where it stopped.
 */
export default function SetUp() {
  const t = useWords('web');
  const standing = useSignInState();
  const [token] = useState(() => location.hash.slice(1));
  const set = useQuery<{ needed: boolean }, ApiProblem>({
    queryKey: ['readSetup'],
    queryFn: () => shellApi.readSetup({}),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const problem = standing.error ?? set.error;
  if (!standing.data || !set.data) {
    if (!problem) return null;
    return (
      <StandingPage title={t('setUp.organisationTitle')}>
        <ProblemNotice problem={problem} retry={() => location.reload()} />
      </StandingPage>
    );
  }
  const outside = standing.data.state === 'signedOut';
  if (outside && !set.data.needed) {
    return (
      <StandingPage title={t('setUp.over')} lead={t('setUp.overWhat')}>
        <Link to="/sign-in">{t('signIn.title')}</Link>
      </StandingPage>
    );
  }
  if (outside && token === '') {
    return <StandingPage title={t('setUp.organisationTitle')} lead={t('setUp.noToken')} />;
  }
  return <Steps token={token} resumed={resume(standing.data)} />;
}

function resume({ state }: SignInState): Step {
  if (state === 'enrol') return 'factor';
  return state === 'signedIn' ? 'publish' : 'organisation';
}

function Steps({ token, resumed }: { token: string; resumed: Step }) {
  const t = useWords('web');
  const router = useRouter();
  const queries = useQueryClient();
  const [step, setStep] = useState<Step>(resumed);
  const [organisation, setOrganisation] = useState<SetUpInput['organisation'] | undefined>();
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [password, setPassword] = useState<string | undefined>(undefined);
  const enter = () => {
    queries.clear();
    router.history.push('/console');
  };
  return (
    <StandingPage wide title={t(`setUp.${step}Title`)} lead={t(`setUp.${step}Lead`)}>
      <Progress step={step} />
      {step === 'organisation' && (
        <OrganisationStep
          known={organisation}
          errors={errors}
          onDone={(given) => {
            setOrganisation(given);
            setStep('administrator');
          }}
        />
      )}
      {step === 'administrator' && organisation && (
        <AdministratorStep
          token={token}
          organisation={organisation}
          onBack={() => setStep('organisation')}
          onOrganisationErrors={(found) => {
            setErrors(found);
            setStep('organisation');
          }}
          onDone={(given) => {
            setPassword(given);
            setStep('factor');
          }}
        />
      )}
      {step === 'factor' && <SecondFactor password={password} onDone={() => setStep('publish')} />}
      {step === 'publish' && <PublishStep onDone={enter} />}
    </StandingPage>
  );
}

function Progress({ step }: { step: Step }) {
  const t = useWords('web');
  return (
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
  );
}
