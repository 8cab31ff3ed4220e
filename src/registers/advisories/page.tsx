import { useNavigate } from '@tanstack/react-router';
import type { Severity } from '../../advisories/severity.ts';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column, Filter } from '../../ui/register/types.ts';
import { useWords, type Words } from '../../ui/words.ts';
import type { VulnerabilityItem } from './list.ts';
import { VulnerabilitySheet } from './page.sheet.tsx';
import type { listRoutes } from './routes.lists.ts';

const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'none', 'unknown'];

/** Every vulnerability that is known, by all of its names. */
export default function VulnerabilitiesPage() {
  const t = useWords('registers/advisories');
  const navigate = useNavigate();
  const toImports = () => void navigate({ to: '/console/advisory-imports' });
  return (
    <Page wide>
      <PageHeader
        title={t('title')}
        sentence={t('sentence')}
        others={[{ label: t('imports.title'), run: toImports }]}
      />
      <RegisterTable
        name="vulnerabilities"
        label={t('title')}
        list={useApi<typeof listRoutes>().listVulnerabilities}
        rowId={(each) => each.id}
        defaultSort="-changed"
        columns={columns(t)}
        filters={filters(t)}
        sheet={(id) => <VulnerabilitySheet id={id} />}
        empty={
          <EmptyState
            title={t('empty.title')}
            action={<Link to="/console/advisory-imports">{t('imports.title')}</Link>}
          >
            {t('empty.first')}
          </EmptyState>
        }
      />
    </Page>
  );
}

function filters(t: Words): readonly Filter[] {
  const truth = (of: string) =>
    ['true', 'false'].map((value) => ({ value, label: t(`${of}.${value}`) }));
  return [
    {
      id: 'severity',
      label: t('severity'),
      options: severities.map((value) => ({ value, label: t(`severities.${value}`) })),
    },
    { id: 'exploited', label: t('exploited.label'), options: truth('exploited') },
    { id: 'inUse', label: t('inUse.label'), options: truth('inUse') },
    { id: 'package', label: t('package') },
    { id: 'withdrawn', label: t('withdrawn.label'), options: truth('withdrawn') },
    {
      id: 'kind',
      label: t('kind'),
      options: ['advisory', 'rule'].map((value) => ({ value, label: t(`kinds.${value}`) })),
    },
  ];
}

function columns(t: Words): readonly Column<VulnerabilityItem>[] {
  return [
    { id: 'name', label: t('name'), value: (each) => each.name, sort: true, width: '11rem' },
    {
      id: 'severity',
      label: t('severity'),
      value: (each) => severityText(each, t),
      sort: 'score',
      width: '8rem',
      priority: 1,
    },
    {
      id: 'summary',
      label: t('summary'),
      value: (each) => each.summary,
      width: 'minmax(14rem, 3fr)',
    },
    {
      id: 'packages',
      label: t('packages'),
      value: (each) => packagesText(each.packages),
      width: 'minmax(8rem, 1fr)',
      priority: 3,
    },
    {
      id: 'exploited',
      label: t('exploited.label'),
      value: (each) => (each.exploited ? t('exploited.short') : predictionText(each, t)),
      width: '9rem',
      priority: 3,
    },
    {
      id: 'changed',
      label: t('changedAt'),
      value: (each) => <RelativeTime at={each.changedAt} />,
      sort: true,
      width: '9rem',
    },
    {
      id: 'published',
      label: t('publishedAt'),
      value: (each) => each.publishedAt && <RelativeTime at={each.publishedAt} />,
      sort: true,
      hidden: true,
    },
    {
      id: 'withdrawn',
      label: t('withdrawn.label'),
      value: (each) => each.withdrawnAt && <RelativeTime at={each.withdrawnAt} />,
      hidden: true,
    },
  ];
}

/** `High 7.5`; that it was withdrawn is said first. */
function severityText(each: VulnerabilityItem, t: Words): string {
  if (each.withdrawnAt) return t('withdrawn.true');
  const word = t(`severities.${each.severity}`);
  return each.score === null ? word : `${word} ${each.score.toFixed(1)}`;
}

function predictionText({ prediction }: VulnerabilityItem, t: Words): string {
  return prediction === null ? '' : t('epss', { percent: (prediction * 100).toFixed(1) });
}

/** The list has up to four of them; three are named. */
function packagesText(packages: readonly string[]): string {
  return packages.slice(0, 3).join(', ') + (packages.length > 3 ? ' …' : '');
}
