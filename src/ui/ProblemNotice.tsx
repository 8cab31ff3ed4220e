import { Button } from '@mantine/core';
import { ApiProblem } from './api.ts';
import classes from './small.module.css';
import { useWords } from './words.ts';

type ProblemNoticeProps = {
  problem: unknown;
  /** Offers to try again. */
  retry?: () => void;
};

/**
 * What happened, why, what to do, and a reference that finds it in the log.
 *
 * @example {person.error && <ProblemNotice problem={person.error} retry={() => person.refetch()} />}
 */
export function ProblemNotice({ problem, retry }: ProblemNoticeProps) {
  const t = useWords('ui');
  const known = problem instanceof ApiProblem ? problem : undefined;
  const offline = known?.status === 0;
  const title = offline ? t('problem.offline') : known?.title || t('problem.unexpected');
  const detail = offline
    ? t('problem.offlineDetail')
    : known
      ? known.detail
      : String(problem instanceof Error ? problem.message : problem);
  return (
    <div role="alert" className={classes.problem}>
      <p className={classes.problemTitle}>{title}</p>
      {detail && detail !== title && <p>{detail}</p>}
      {known?.action && <p>{known.action}</p>}
      {known?.reference && (
        <p className={classes.reference}>
          {t('problem.reference')} <code className="kept-code">{known.reference}</code>
        </p>
      )}
      {retry && (
        <Button variant="default" size="xs" mt="xs" onClick={retry}>
          {t('retry')}
        </Button>
      )}
    </div>
  );
}
