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
import type { importRoutes } from './routes.import.ts';

const fields = [
  'key',
  'name',
  'reading',
  'product',
  'basis',
  'basisReference',
  'language',
  'told',
  'approvesCases',
  'termMonths',
  'contactName',
  'contactEmail',
] as const;
const required: readonly string[] = ['key', 'name', 'product', 'basis', 'basisReference'];

/** Customers from a file, whole or not at all. */
export default function ImportCustomersPage() {
  const t = useWords('registers/customers');
  const api = useApi<typeof importRoutes>();
  const [counts, setCounts] = useState({ added: 0, changed: 0, unchanged: 0, contacts: 0 });
  const label = (field: string) => t(`import.field.${field}`);
  const asked = (file: ChosenFile, mapping: Mapping) => ({
    text: file.text,
    mapping: mappingFor(fields, mapping, readHead(file.text).records[0] ?? []),
  });
  return (
    <Page>
      <PageHeader
        title={t('import.title')}
        sentence={t('import.sentence')}
        above={<Link to="/console/customers">{t('title')}</Link>}
      />
      <ImportWizard
        fields={fields.map((id) => ({
          id,
          label: label(id),
          required: required.includes(id),
          alsoNamed: t(`import.headers.${id}`).split('|'),
        }))}
        preview={async (file, mapping) => {
          const answer = await api.previewCustomers(asked(file, mapping));
          setCounts(answer);
          return previewShown(answer, label);
        }}
        run={(file, mapping) => api.importCustomers(asked(file, mapping))}
        will={() => {
          const { added, changed, unchanged, contacts } = counts;
          return t('import.will', { added, changed, unchanged, contacts });
        }}
        verb={t('import.verb')}
        result={(done) => (
          <p role="status">
            {t('import.done', { ...done })} <Link to="/console/customers">{t('title')}</Link>
          </p>
        )}
      />
    </Page>
  );
}
