import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { useAddressValue } from '../../ui/address.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useWords } from '../../ui/words.ts';
import { CodeStep } from '../identity/CodeStep.tsx';
import { answered, identity } from '../identity/client.ts';
import { PasskeyButton } from '../identity/PasskeyButton.tsx';
import { PasswordStep } from '../identity/PasswordStep.tsx';
import { Personas } from '../identity/Personas.tsx';
import { ProviderStep } from '../identity/ProviderStep.tsx';
import { SecondFactor } from '../identity/SecondFactor.tsx';
import { StandingPage } from '../identity/StandingPage.tsx';
import { useSignInState } from '../identity/useSignInState.ts';
import { useWays } from '../identity/useWays.ts';
import { safeNext } from '../safeNext.ts';

/**
 * Sign-in: by the organisation's provider, where there is one; a passkey; or a password and then a code, or a recovery code; in the demonstration a persona.
 * Whoever has no second factor yet enrols one here before going on.
 */
export default function SignIn() {
  const t = useWords('web');
  const router = useRouter();
  const queries = useQueryClient();
  const [next] = useAddressValue('next');
  const standing = useSignInState();
  const [password, setPassword] = useState<string | undefined>(undefined);
  const [code, setCode] = useState(false);

  const enter = () => {
    queries.clear();
    router.history.push(safeNext(next));
  };
  const startOver = async () => {
    await identity.signOut();
    await standing.refetch();
  };
  const signIn = async (email: string, typed: string) => {
    const answer = (await answered(identity.signIn.email({ email, password: typed }))) as {
      twoFactorRedirect?: boolean;
    };
    setPassword(typed);
    if (answer.twoFactorRedirect) setCode(true);
    else await standing.refetch();
  };

  if (code) {
    return (
      <StandingPage title={t('signIn.codeTitle')}>
        <CodeStep onDone={enter} onBack={() => setCode(false)} />
      </StandingPage>
    );
  }
  const state = standing.data?.state;
  if (standing.data?.state === 'enrol') {
    return (
      <StandingPage title={t('signIn.enrolTitle')}>
        <SecondFactor password={standing.data.hasPassword ? password : null} onDone={enter} />
      </StandingPage>
    );
  }
  if (state === 'passkeyNeeded' || state === 'enrolmentOver') {
    return (
      <StandingPage title={t(`signIn.${state}`)} lead={t(`signIn.${state}What`)}>
        {state === 'passkeyNeeded' && <PasskeyButton onDone={enter} primary />}
        <Button variant="subtle" color="gray" mt="md" onClick={() => void startOver()}>
          {t('signIn.startOver')}
        </Button>
      </StandingPage>
    );
  }
  return (
    <StandingPage title={t('signIn.title')} lead={t('signIn.lead')}>
      {standing.error && (
        <ProblemNotice problem={standing.error} retry={() => void standing.refetch()} />
      )}
      <WaysIn next={next} signIn={signIn} enter={enter} />
    </StandingPage>
  );
}

interface WaysInProps {
  readonly next: string | undefined;
  readonly signIn: (email: string, password: string) => Promise<void>;
  readonly enter: () => void;
}

/** Nothing moves under the pointer: what there is, is known before any of it is drawn. */
function WaysIn({ next, signIn, enter }: WaysInProps) {
  const ways = useWays();
  if (ways.isPending) return null;
  return (
    <>
      <ProviderStep next={next} />
      {ways.data?.demo && <Personas onDone={enter} />}
      <PasswordStep signIn={signIn} onPasskey={enter} secondary={Boolean(ways.data?.provider)} />
    </>
  );
}
