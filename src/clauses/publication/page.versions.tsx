import { Select } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useAddressValue } from '../../ui/address.ts';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { formatDate } from '../../ui/format.ts';
import { Link } from '../../ui/Link.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useList, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay, useReader } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import { Changes } from './page.changes.tsx';
import type { routes } from './routes.ts';

type Version = Awaited<
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

function VersionSheet({ id, known }: { id: string; known: Version | undefined }) {
  const t = useWords('clauses/publication');
  const api = useApi<typeof routes>();
  const [from, setFrom] = useAddressValue('from');
  const versions = useList(api.listPolicyVersions, { limit: 100 });
  const others = (versions.data?.items ?? []).filter((each) => each.id !== id);
  const before = from ?? predecessor(versions.data?.items ?? [], id)?.id;
  const comparison = useRead(
    api.comparePolicyVersions,
    { to: id, ...(before ? { from: before } : {}) },
    { skip: !versions.data },
  );
  const version = comparison.data?.to ?? known;
  if (comparison.error)
    return <ProblemNotice problem={comparison.error} retry={() => comparison.refetch()} />;
  if (!version) return null;
  return (
    <>
      <SheetHeader
        title={t('versions.name', { number: String(version.number) })}
        sentence={t(`state.${version.state}`)}
      />
      <VersionFacts version={version} />
      <Section title={t('versions.changes')}>
        <Select
          label={t('versions.from')}
          mb="md"
          allowDeselect={false}
          value={before ?? null}
          data={others.map((each) => ({
            value: each.id,
            label: `${t('versions.name', { number: String(each.number) })} · ${t(`state.${each.state}`)}`,
          }))}
          onChange={(value) => setFrom(value ?? undefined)}
        />
        {comparison.data && <Changes comparison={comparison.data} />}
      </Section>
    </>
  );
}

/** The newest published version with a smaller number. */
function predecessor(versions: readonly Version[], id: string): Version | undefined {
  const own = versions.find((version) => version.id === id);
  if (!own) return undefined;
  return versions
    .filter((version) => version.number < own.number && version.publishedAt !== null)
    .toSorted((a, b) => b.number - a.number)[0];
}

function VersionFacts({ version }: { version: Version }) {
  const t = useWords('clauses/publication');
  const language = useLanguage();
  const { zone } = useReader();
  return (
    <Facts
      facts={[
        {
          label: t('versions.effectiveOn'),
          value: version.effectiveOn && formatDate(version.effectiveOn, { language, zone }, 'long'),
        },
        { label: t('versions.createdBy'), value: version.createdBy ?? t('versions.system') },
        { label: t('versions.approvedBy'), value: version.approvedBy },
        { label: t('versions.ask'), value: version.ask && t(`ask.${version.ask}`) },
        {
          label: t('versions.digest'),
          value: version.digest && <code className="kept-code">{version.digest}</code>,
        },
        { label: t('versions.rejection'), value: version.rejection },
      ].filter((fact) => fact.value)}
    />
  );
}
