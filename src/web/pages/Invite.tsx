import { Button, PasswordInput, Stack } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useWords } from '../../ui/words.ts';
import { ProviderStep } from '../identity/ProviderStep.tsx';
import { SecondFactor } from '../identity/SecondFactor.tsx';
import { StandingPage } from '../identity/StandingPage.tsx';
import { useAttempt } from '../identity/useAttempt.ts';
import { useSignInState } from '../identity/useSignInState.ts';
import { type Invitation, shellApi } from '../shell/shellApi.ts';

/** `/invite#token`: a person takes their login, by a password or without one, and enrols a second factor. */
export default function Invite() {
  const t = useWords('web');
  const router = useRouter();
  const queries = useQueryClient();
  const [token] = useState(() => location.hash.slice(1));
  const [password, setPassword] = useState<string | null | undefined>(undefined);
  const standing = useSignInState();
  const accepted = password !== undefined || standing.data?.state === 'enrol';
  const invitation = useQuery<Invitation, ApiProblem>({
    queryKey: ['invitation', token],
    queryFn: () => shellApi.openInvitation({ token }),
    enabled: standing.data !== undefined && !accepted,
    retry: false,
  });
  const enter = () => {
    queries.clear();
    router.history.push('/console');
  };
  if (accepted) {
    const hasPassword = standing.data?.state === 'enrol' && standing.data.hasPassword;
    return (
      <StandingPage title={t('signIn.enrolTitle')}>
        <SecondFactor
          password={password === undefined && !hasPassword ? null : password}
          onDone={enter}
        />
      </StandingPage>
    );
  }
  if (invitation.error) {
    return (
      <StandingPage title={t('invite.gone')}>
        <ProblemNotice problem={invitation.error} />
      </StandingPage>
    );
  }
  if (!invitation.data) return null;
  const { name, email, organisation, minCharacters } = invitation.data;
  return (
    <StandingPage
      title={t('invite.title', { name })}
      lead={t('invite.lead', { organisation, email })}
    >
      <ProviderStep invitation={token} next="/console" />
      <ChoosePassword
        email={email}
        minCharacters={minCharacters}
        accept={async (chosen) => {
          await shellApi.acceptInvitation({ token, password: chosen });
          setPassword(chosen);
        }}
      />
    </StandingPage>
  );
}

type ChoosePasswordProps = {
  email: string;
  minCharacters: number;
  accept: (password: string | null) => Promise<void>;
};

function ChoosePassword({ email, minCharacters, accept }: ChoosePasswordProps) {
  const t = useWords('web');
  const [password, setPassword] = useState('');
  const attempt = useAttempt();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt.run(() => accept(password));
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
        <PasswordInput
          label={t('identity.newPassword')}
          description={t('identity.passwordRule', { min: minCharacters })}
          autoComplete="new-password"
          required
          minLength={minCharacters}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t('identity.showPassword') }}
        />
        {attempt.problem && <ProblemNotice problem={attempt.problem} />}
        <Button type="submit" loading={attempt.running}>
          {t('identity.continue')}
        </Button>
        <Button
          variant="subtle"
          disabled={attempt.running}
          onClick={() => void attempt.run(() => accept(null))}
        >
          {t('invite.withoutPassword')}
        </Button>
      </Stack>
    </form>
  );
}
