import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ImportWizard } from '../../ui/import/ImportWizard.tsx';
import { type ChosenFile, type Mapping, readHead } from '../../ui/import/readHead.ts';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { useWords } from '../../ui/words.ts';
import { mappingFor } from '../imports/mapping.ts';
import { previewShown } from '../page.preview.ts';
import type { routes } from './routes.ts';

const fields = [
  'name',
  'email',
  'reading',
  'department',
  'manager',
  'startsOn',
  'endsOn',
  'roles',
  'language',
] as const;
const required: readonly string[] = ['name', 'email'];

/** People from a file, whole or not at all. */
export default function ImportPeoplePage() {
  const t = useWords('registers/people');
  const api = useApi<typeof routes>();
  const [counts, setCounts] = useState({ added: 0, changed: 0, unchanged: 0 });
  const label = (field: string) => (field === 'language' ? t('language.label') : t(field));
  const asked = (file: ChosenFile, mapping: Mapping) => ({
    text: file.text,
    mapping: mappingFor(fields, mapping, readHead(file.text).records[0] ?? []),
  });
  return (
    <Page>
      <PageHeader
        title={t('import.title')}
        sentence={t('import.sentence')}
        above={<Link to="/console/people">{t('title')}</Link>}
      />
      <ImportWizard
        fields={fields.map((id) => ({
          id,
          label: label(id),
          required: required.includes(id),
          alsoNamed: t(`import.headers.${id}`).split('|'),
        }))}
        preview={async (file, mapping) => {
          const answer = await api.previewPeople(asked(file, mapping));
          setCounts(answer);
          return previewShown(answer, label);
        }}
        run={(file, mapping) => api.importPeople(asked(file, mapping))}
        will={() =>
          t('import.will', {
            added: counts.added,
            changed: counts.changed,
            unchanged: counts.unchanged,
          })
        }
        verb={t('import.verb')}
        result={(done) => (
          <p role="status">
            {t('import.done', { ...done })} <Link to="/console/people">{t('title')}</Link>
          </p>
        )}
      />
    </Page>
  );
}
