import { Select } from '@mantine/core';
import { useAddressValue } from '../../ui/address.ts';
import { useApi } from '../../ui/api.ts';
import { Facts } from '../../ui/Facts.tsx';
import { formatDate } from '../../ui/format.ts';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useList, useRead } from '../../ui/queries.ts';
import { useReader } from '../../ui/reader.tsx';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import { Changes } from './page.changes.tsx';
import { Lost } from './page.lost.tsx';
import type { Version } from './page.versions.tsx';
import type { routes } from './routes.ts';

/** One version: its dates and names, and what it changed against another. */
export function VersionSheet({ id, known }: { id: string; known: Version | undefined }) {
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
  const full = useRead(api.readPolicyVersion, { id });
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
      {full.data && <Lost lost={full.data.lost} />}
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
