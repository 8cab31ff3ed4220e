import { useApi } from '../../ui/api.ts';
import { ImportWizard } from '../../ui/import/ImportWizard.tsx';
import { type ChosenFile, type Mapping, readHead } from '../../ui/import/readHead.ts';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useWords } from '../../ui/words.ts';
import { mappingFor } from '../imports/mapping.ts';
import { previewShown } from '../page.preview.ts';
import type { routes } from './routes.ts';

const fields = ['account', 'entitlement', 'purpose', 'approver', 'endsOn'] as const;
const required: readonly string[] = ['account', 'entitlement', 'purpose'];

/** Approved grants from a file, whole or not at all. */
export default function ImportGrantsPage() {
  const t = useWords('registers/accounts');
  const api = useApi<typeof routes>();
  const system = useParam('key');
  const label = (field: string) => t(`field.${field}`);
  const asked = (file: ChosenFile, mapping: Mapping) => ({
    system,
    text: file.text,
    mapping: mappingFor(fields, mapping, readHead(file.text).records[0] ?? []),
  });
  return (
    <Page>
      <PageHeader
        title={t('grants.title')}
        sentence={t('grants.sentence')}
        above={<Link to={`/console/systems/${system}`}>{system}</Link>}
      />
      <ImportWizard
        fields={fields.map((id) => ({
          id,
          label: label(id),
          required: required.includes(id),
          alsoNamed: t(`headers.${id}`).split('|'),
        }))}
        preview={async (file, mapping) =>
          previewShown(await api.previewGrants(asked(file, mapping)), label)
        }
        run={(file, mapping) => api.importGrants(asked(file, mapping))}
        will={(preview) => t('grants.will', { count: preview.fine })}
        verb={t('grants.verb')}
        result={(done) => (
          <p role="status">
            {t('grants.done', { ...done })}{' '}
            <Link to={`/console/access?system=${system}`}>{t('read.see')}</Link>
          </p>
        )}
      />
    </Page>
  );
}
