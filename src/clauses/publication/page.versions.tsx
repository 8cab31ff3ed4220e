import { useNavigate } from '@tanstack/react-router';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { routes } from './routes.ts';

const VersionSheet = lazily(async () => (await import('./page.versionsheet.tsx')).VersionSheet);

export type Version = Awaited<
  ReturnType<ReturnType<typeof useApi<typeof routes>>['listPolicyVersions']>
>['items'][number];

/** Every version of the policy; one opens with what it changed. */
export default function VersionsPage() {
  const t = useWords('clauses/publication');
  const navigate = useNavigate();
  const api = useApi<typeof routes>();
  const mayEdit = useMay('editPolicy');
  return (
    <Page wide>
      <PageHeader
        above={<Link to="/console/policy">{t('policy.title')}</Link>}
        title={t('versions.title')}
        sentence={t('versions.sentence')}
        primary={
          mayEdit
            ? { label: t('policy.edit'), run: () => void navigate({ to: '/console/policy/edit' }) }
            : undefined
        }
      />
      <RegisterTable
        name="policyVersions"
        label={t('versions.title')}
        list={api.listPolicyVersions}
        rowId={(version) => version.id}
        defaultSort="-createdAt"
        csv={false}
        columns={[
          {
            id: 'number',
            label: t('versions.number'),
            value: (version) => t('versions.name', { number: String(version.number) }),
            sort: true,
            width: '8rem',
          },
          {
            id: 'state',
            label: t('versions.state'),
            value: (version) => t(`state.${version.state}`),
            width: '10rem',
          },
          {
            id: 'effectiveOn',
            label: t('versions.effectiveOn'),
            value: (version) => version.effectiveOn && <RelativeTime at={version.effectiveOn} />,
            width: '10rem',
          },
          {
            id: 'approvedBy',
            label: t('versions.approvedBy'),
            value: (version) => version.approvedBy ?? t('versions.system'),
            width: '12rem',
            priority: 3,
          },
          {
            id: 'summary',
            label: t('versions.summary'),
            value: (version) => <Summary version={version} />,
            width: '2fr',
          },
        ]}
        sheet={(id, version) => <VersionSheet id={id} known={version} />}
        empty={<EmptyState title={t('policy.none')}>{t('policy.noneWhat')}</EmptyState>}
      />
    </Page>
  );
}

function Summary({ version }: { version: Version }) {
  const language = useLanguage();
  return <>{version.summary[language] ?? version.summary.en ?? version.summary.ja ?? ''}</>;
}
