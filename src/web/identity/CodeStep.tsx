import { Button, Stack } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useWords } from '../../ui/words.ts';
import { CodeField } from './CodeField.tsx';
import { answered, identity } from './client.ts';
import { useAttempt } from './useAttempt.ts';

/** The second step after a password: a code of the authenticator, or one of the recovery codes. */
export function CodeStep({ onDone, onBack }: { onDone: () => void; onBack: () => void }) {
  const t = useWords('web');
  const u = useWords('ui');
  const [recovery, setRecovery] = useState(false);
  const [code, setCode] = useState('');
  const attempt = useAttempt();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt.run(async () => {
      const asked = recovery
        ? identity.twoFactor.verifyBackupCode({ code: code.trim() })
        : identity.twoFactor.verifyTotp({ code: code.replaceAll(' ', '') });
      await answered<unknown>(asked);
      onDone();
    });
  };
  const change = () => {
    setRecovery(!recovery);
    setCode('');
    attempt.clear();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <CodeField value={code} onChange={setCode} recovery={recovery} />
        {attempt.problem && <ProblemNotice problem={attempt.problem} />}
        <Button type="submit" loading={attempt.running}>
          {t('signIn.verb')}
        </Button>
        <Button variant="subtle" onClick={change}>
          {recovery ? t('signIn.useCode') : t('signIn.useRecovery')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onBack}>
          {u('back')}
        </Button>
      </Stack>
    </form>
  );
}
