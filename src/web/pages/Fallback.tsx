import { Button } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { Link } from '../../ui/Link.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useTitle } from '../../ui/useTitle.ts';
import { useWords } from '../../ui/words.ts';
import classes from './fallback.module.css';

/** No page has this address. */
export function NotFoundPage() {
  const t = useWords('web');
  useTitle(t('notFound.title'));
  return (
    <div className={classes.lost}>
      <h1>{t('notFound.title')}</h1>
      <p>{t('notFound.why')}</p>
      <Link to="/console">{t('notFound.home')}</Link>
    </div>
  );
}

/** A page threw: most often its chunk is gone because a newer version was installed. */
export function ErrorPage({ error, reset }: ErrorComponentProps) {
  const t = useWords('web');
  return (
    <div className={classes.lost}>
      <ProblemNotice problem={error} retry={reset} />
      <Button variant="default" size="xs" onClick={() => location.reload()}>
        {t('reload')}
      </Button>
    </div>
  );
}
