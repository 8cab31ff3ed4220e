import { useApi } from '../../ui/api.ts';
import { useWords } from '../../ui/words.ts';
import { ImportPage } from '../page.import.tsx';
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
];
const required = ['name', 'email'];

/** People from a file, whole or not at all. */
export default function ImportPeoplePage() {
  const t = useWords('registers/people');
  const api = useApi<typeof routes>();
  return (
    <ImportPage
      t={t}
      list="/console/people"
      fields={fields}
      required={required}
      label={(field) => (field === 'language' ? t('language.label') : t(field))}
      preview={api.previewPeople}
      run={api.importPeople}
    />
  );
}
