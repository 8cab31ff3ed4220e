import { Button } from '@mantine/core';
import { ApiProblem } from '../../ui/api.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useWords } from '../../ui/words.ts';
import { shellApi } from '../shell/shellApi.ts';
import classes from './identity.module.css';
import { useAttempt } from './useAttempt.ts';
import { useWays } from './useWays.ts';

interface ProviderStepProps {
  /** Where to go afterwards. */
  readonly next?: string | undefined;
  /** Secret of an invitation that is accepted by signing in. */
  readonly invitation?: string;
}

/**
 * The organisation's own way in, first; nothing where there is none. What was refused is explained
 * here, beside the button that tries again.
 */
export function ProviderStep({ next, invitation }: ProviderStepProps) {
  const t = useWords('web');
  const ways = useWays();
  const attempt = useAttempt();
  if (!ways.data) return null;
  const { provider, problem } = ways.data;
  const before = problem ? new ApiProblem({ status: 403, ...problem }) : undefined;
  const shown = attempt.problem ?? before;
  const go = () =>
    attempt.run(async () => {
      const { location } = await shellApi.beginAtProvider({
        ...(next ? { next } : {}),
        ...(invitation ? { invitation } : {}),
      });
      window.location.assign(location);
    });
  const { label = '' } = provider ?? {};
  return (
    <>
      {shown && !attempt.running && <ProblemNotice problem={shown} />}
      {provider && (
        <>
          <Button
            fullWidth
            mt={shown ? 'md' : 0}
            loading={attempt.running}
            onClick={() => void go()}
          >
            {t(invitation ? 'invite.with' : 'signIn.with', { label })}
          </Button>
          <p className={classes.or}>{t('signIn.orLocal')}</p>
        </>
      )}
    </>
  );
}
