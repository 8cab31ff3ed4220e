import { Button } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useTitle } from '../../ui/useTitle.ts';
import { useWords } from '../../ui/words.ts';

/** No page has this address. */
export function NotFoundPage() {
  const t = useWords('web');
  useTitle(t('notFound.title'));
  return (
    <EmptyState title={t('notFound.title')} action={<Link to="/console">{t('notFound.home')}</Link>}>
      {t('notFound.why')}
    </EmptyState>
  );
}

/** A page threw: most often its chunk is gone because a newer version was installed. */
export function ErrorPage({ error, reset }: ErrorComponentProps) {
  const t = useWords('web');
  return (
    <div style={{ maxWidth: '36rem', margin: '4rem auto', padding: '0 1rem' }}>
      <ProblemNotice problem={error} retry={reset} />
      <Button variant="default" size="xs" onClick={() => location.reload()}>
        {t('reload')}
      </Button>
    </div>
  );
}
