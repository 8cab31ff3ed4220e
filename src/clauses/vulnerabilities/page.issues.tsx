import { Select } from '@mantine/core';
import { useState } from 'react';
import type { routes as sourceRoutes } from '../../registers/sources/routes.ts';
import { useApi } from '../../ui/api.ts';
import { FieldForm } from '../../ui/FieldForm.tsx';
import { useList } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { BulkFormProps } from './page.assigning.tsx';
import { useInParts } from './page.parts.ts';
import type { issueRoutes } from './routes.issues.ts';

/** Has issues made of items, where the work on them is followed. */
export default function IssuesForm({ ids, count, close, done }: BulkFormProps) {
  const t = useWords('clauses/vulnerabilities');
  const [repository, setRepository] = useState<string | null>(null);
  const sources = useList(useApi<typeof sourceRoutes>().listSources, {
    kind: 'repository',
    limit: 500,
    sort: 'name',
  });
  const create = useInParts(useApi<typeof issueRoutes>().createIssues, {
    said: (asked) => t('done.issues', { count: asked }),
    done,
    countOf: ({ asked }) => asked,
  });
  return (
    <FieldForm
      onSubmit={() => void create.run(ids, (part) => ({ ids: part, repository: repository ?? '' }))}
      submit={t('acts.issues')}
      will={t('will.issues', { count })}
      running={create.running}
      problem={create.problem}
      disabled={repository === null}
      onCancel={close}
    >
      <Select
        label={t('repository')}
        description={t('repositoryHint')}
        required
        searchable
        data={(sources.data?.items ?? []).map(({ key, name, location }) => ({
          value: key,
          label: location ? `${name} · ${location}` : name,
        }))}
        value={repository}
        onChange={setRepository}
      />
    </FieldForm>
  );
}
