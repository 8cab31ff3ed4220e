import { useApi } from '../../ui/api.ts';
import { useWords } from '../../ui/words.ts';
import { ImportPage } from '../page.import.tsx';
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
];
const required = ['key', 'name'];

/** Systems from a file, whole or not at all. */
export default function ImportSystemsPage() {
  const t = useWords('registers/systems');
  const api = useApi<typeof routes>();
  return (
    <ImportPage
      t={t}
      list="/console/systems"
      fields={fields}
      required={required}
      label={t}
      preview={api.previewSystems}
      run={api.importSystems}
    />
  );
}
