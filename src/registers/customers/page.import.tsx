import { useApi } from '../../ui/api.ts';
import { useWords } from '../../ui/words.ts';
import { ImportPage } from '../page.import.tsx';
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
];
const required = ['key', 'name', 'product', 'basis', 'basisReference'];

/** Customers from a file, whole or not at all. */
export default function ImportCustomersPage() {
  const t = useWords('registers/customers');
  const api = useApi<typeof importRoutes>();
  return (
    <ImportPage
      t={t}
      list="/console/customers"
      fields={fields}
      required={required}
      label={(field) => t(`import.field.${field}`)}
      preview={api.previewCustomers}
      run={api.importCustomers}
    />
  );
}
