import { Button } from '@mantine/core';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useWords } from '../../ui/words.ts';
import { answered, identity } from './client.ts';
import { useAttempt } from './useAttempt.ts';

/** Signs in by a passkey of this device, a phone or a key. */
export function PasskeyButton({
  onDone,
  primary = false,
}: {
  onDone: () => void;
  primary?: boolean;
}) {
  const t = useWords('web');
  const attempt = useAttempt();
  const ask = () =>
    attempt.run(async () => {
      await answered(identity.signIn.passkey());
      onDone();
    });
  return (
    <>
      <Button
        variant={primary ? 'filled' : 'default'}
        fullWidth
        onClick={() => void ask()}
        loading={attempt.running}
      >
        {t('signIn.passkey')}
      </Button>
      {attempt.problem && <ProblemNotice problem={attempt.problem} />}
    </>
  );
}
