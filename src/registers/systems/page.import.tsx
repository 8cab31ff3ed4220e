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
  'key',
  'name',
  'classification',
  'owner',
  'confidentiality',
  'integrity',
  'availability',
  'singleSignOn',
  'secondFactor',
  'staleAfterHours',
] as const;
const required: readonly string[] = ['key', 'name'];

/** Systems from a file, whole or not at all. */
export default function ImportSystemsPage() {
  const t = useWords('registers/systems');
  const api = useApi<typeof routes>();
  const [counts, setCounts] = useState({ added: 0, changed: 0, unchanged: 0 });
  const asked = (file: ChosenFile, mapping: Mapping) => ({
    text: file.text,
    mapping: mappingFor(fields, mapping, readHead(file.text).records[0] ?? []),
  });
  return (
    <Page>
      <PageHeader
        title={t('import.title')}
        sentence={t('import.sentence')}
        above={<Link to="/console/systems">{t('title')}</Link>}
      />
      <ImportWizard
        fields={fields.map((id) => ({
          id,
          label: t(id),
          required: required.includes(id),
          alsoNamed: t(`import.headers.${id}`).split('|'),
        }))}
        preview={async (file, mapping) => {
          const answer = await api.previewSystems(asked(file, mapping));
          setCounts(answer);
          return previewShown(answer, t);
        }}
        run={(file, mapping) => api.importSystems(asked(file, mapping))}
        will={() => {
          const { added, changed, unchanged } = counts;
          return t('import.will', { added, changed, unchanged });
        }}
        verb={t('import.verb')}
        result={(done) => (
          <p role="status">
            {t('import.done', { ...done })} <Link to="/console/systems">{t('title')}</Link>
          </p>
        )}
      />
    </Page>
  );
}
