import { Alert, Button } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import type { routes } from './routes.ts';

/** Offers what comes with Kept and is not published yet; nothing where all is. */
export function ShippedNotice() {
  const t = useWords('clauses/people');
  const api = useApi<typeof routes>();
  const may = useMay('publishUndertaking');
  const missing = useRead(api.readShipped, {}, { skip: !may });
  const publish = useCommand(api.publishShipped, {
    done: ({ published }) => t('shipped.done', { count: published }),
  });
  if (!missing.data) return null;
  const { documents, courses, checklists } = missing.data;
  if (documents.length + courses.length === 0 && !checklists) return null;
  const what = { documents: documents.length, courses: courses.length };
  return (
    <Alert color="blue" title={t('shipped.title')} mb="lg">
      <p>{t(checklists ? 'shipped.withChecklists' : 'shipped.what', what)}</p>
      {publish.problem && <ProblemNotice problem={publish.problem} />}
      <Button mt="sm" loading={publish.running} onClick={() => void publish.run({})}>
        {t('shipped.verb')}
      </Button>
    </Alert>
  );
}
