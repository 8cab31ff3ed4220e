import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useWords } from '../../ui/words.ts';
import classes from './identity.module.css';
import { PasskeyButton } from './PasskeyButton.tsx';
import { useAttempt } from './useAttempt.ts';

type PasswordStepProps = {
  signIn: (email: string, password: string) => Promise<void>;
  onPasskey: () => void;
  /** There is a provider, and this is the other way. */
  secondary?: boolean;
};

/** A passkey, or address and password. */
export function PasswordStep({ signIn, onPasskey, secondary = false }: PasswordStepProps) {
  const t = useWords('web');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const attempt = useAttempt();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt.run(() => signIn(email, password));
  };
  return (
    <>
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label={t('identity.email')}
            type="email"
            name="email"
            autoComplete="username webauthn"
            required
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('identity.password')}
            name="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': t('identity.showPassword') }}
          />
          {attempt.problem && <ProblemNotice problem={attempt.problem} />}
          <Button
            type="submit"
            loading={attempt.running}
            variant={secondary ? 'default' : 'filled'}
          >
            {t('signIn.verb')}
          </Button>
        </Stack>
      </form>
      <p className={classes.or}>{t('signIn.or')}</p>
      <PasskeyButton onDone={onPasskey} />
    </>
  );
}
