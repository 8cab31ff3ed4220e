import type { output } from 'zod';
import { useApi } from '../../ui/api.ts';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import classes from './page.module.css';
import type { listRoutes } from './routes.lists.ts';

export type ShownVulnerability = output<(typeof listRoutes)['showVulnerability']['output']>;

/** A vulnerability over the list: the facts, and the way to its page. */
export function VulnerabilitySheet({ id }: { id: string }) {
  const t = useWords('registers/advisories');
  const read = useRead(useApi<typeof listRoutes>().showVulnerability, { id });
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  const found = read.data;
  if (!found) return null;
  return (
    <>
      <SheetHeader title={found.name} sentence={found.summary} />
      <p>
        <Link to={`/console/vulnerabilities/${found.name}`}>{t('openPage')}</Link>
      </p>
      <VulnerabilityFacts found={found} />
    </>
  );
}

/** What all of its advisories come to, and what is known of its exploitation. */
export function VulnerabilityFacts({ found }: { found: ShownVulnerability }) {
  const t = useWords('registers/advisories');
  const mayBacklog = useMay('readBacklog');
  const { exploitation, predicted } = found;
  return (
    <Facts
      facts={[
        { label: t('names'), value: <Names names={found.names} /> },
        { label: t('severity'), value: severityOf(found, t) },
        {
          label: t('vector'),
          value: found.vector && <code className="kept-code">{found.vector}</code>,
        },
        {
          label: t('exploited.label'),
          value: exploitation ? (
            <>
              {t(exploitation.ransomware ? 'exploited.ransomware' : 'exploited.since')}{' '}
              <RelativeTime at={exploitation.addedOn} />
              {exploitation.action && <p className="kept-soft">{exploitation.action}</p>}
            </>
          ) : (
            t('exploited.false')
          ),
        },
        {
          label: t('prediction'),
          value:
            predicted &&
            t('predicted', {
              percent: (predicted.score * 100).toFixed(1),
              others: (predicted.percentile * 100).toFixed(1),
            }),
        },
        {
          label: t('publishedAt'),
          value: found.publishedAt && <RelativeTime at={found.publishedAt} />,
        },
        { label: t('changedAt'), value: <RelativeTime at={found.changedAt} /> },
        {
          label: t('withdrawn.label'),
          value: found.withdrawnAt && <RelativeTime at={found.withdrawnAt} />,
        },
        {
          label: t('backlog'),
          value: mayBacklog && (
            <Link to={`/console/backlog?state=any&vulnerability=${encodeURIComponent(found.name)}`}>
              {t('toBacklog')}
            </Link>
          ),
        },
      ]}
    />
  );
}

function severityOf({ severity, score }: ShownVulnerability, t: Words): string {
  const word = t(`severities.${severity}`);
  return score === null ? word : `${word} ${score.toFixed(1)}`;
}

function Names({ names }: { names: readonly string[] }) {
  return (
    <ul className={classes.names}>
      {names.map((name) => (
        <li key={name}>{name}</li>
      ))}
    </ul>
  );
}
