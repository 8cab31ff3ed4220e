import { Alert, Button, Skeleton } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useReader } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import { Changes } from './page.changes.tsx';
import { PolicyText } from './page.document.tsx';
import classes from './policy-acknowledge.module.css';
import type { routes } from './routes.ts';

type MyPolicy = Awaited<ReturnType<ReturnType<typeof useApi<typeof routes>>['readMyPolicy']>>;

/** Reading and acknowledging: what changed since last time, the whole text, one button. */
export default function AcknowledgePage() {
  const t = useWords('clauses/publication');
  const policy = useRead(useApi<typeof routes>().readMyPolicy, {});
  if (policy.error) return <ProblemNotice problem={policy.error} retry={() => policy.refetch()} />;
  if (!policy.data) return <Skeleton height={480} m="xl" />;
  const { version, dueAt, acknowledgedAt } = policy.data;
  if (!version) return <EmptyState title={t('policy.none')}>{t('policy.noneWhat')}</EmptyState>;
  return (
    <Page>
      <PageHeader
        above={<Link to="/console/policy">{t('policy.title')}</Link>}
        title={t('acknowledge.title', { number: String(version.number) })}
        sentence={
          acknowledgedAt ? (
            <>
              {t('acknowledge.done')} <RelativeTime at={acknowledgedAt} />
            </>
          ) : dueAt ? (
            <>
              {t('acknowledge.due')} <RelativeTime at={dueAt} />
            </>
          ) : (
            t('acknowledge.notAsked')
          )
        }
      />
      <SinceLast policy={policy.data} />
      <PolicyText
        clauses={policy.data.clauses}
        language={policy.data.language}
        className={classes.text}
      />
      <Act policy={policy.data} />
    </Page>
  );
}

function SinceLast({ policy }: { policy: MyPolicy }) {
  const t = useWords('clauses/publication');
  const { last, version } = policy;
  const skip = !last || !version || last.id === version.id;
  const api = useApi<typeof routes>();
  const comparison = useRead(
    api.comparePolicyVersions,
    { from: last?.id, to: version?.id ?? '' },
    { skip },
  );
  if (skip || !comparison.data) return null;
  return (
    <Section title={t('acknowledge.since', { number: String(last.number) })}>
      <Changes comparison={comparison.data} />
    </Section>
  );
}

function Act({ policy }: { policy: MyPolicy }) {
  const t = useWords('clauses/publication');
  const { secondFactor } = useReader();
  const acknowledge = useCommand(useApi<typeof routes>().acknowledgePolicy, {
    done: t('acknowledge.thanks'),
  });
  const { version, language, acknowledgedAt } = policy;
  if (!version) return null;
  if (acknowledgedAt) {
    return (
      <Alert className={classes.act ?? ''} color="green" title={t('acknowledge.thanks')}>
        {t('acknowledge.recorded', { number: String(version.number) })}{' '}
        <code className="kept-code">{version.digest}</code>
      </Alert>
    );
  }
  return (
    <div className={classes.act}>
      {acknowledge.problem && <ProblemNotice problem={acknowledge.problem} />}
      {!secondFactor && (
        <Alert color="yellow" mb="sm">
          {t('acknowledge.factor')} <Link to="/console/account">{t('acknowledge.account')}</Link>
        </Alert>
      )}
      <p className="kept-will">{t('acknowledge.will', { number: String(version.number) })}</p>
      <Button
        mt="md"
        size="md"
        disabled={!secondFactor}
        loading={acknowledge.running}
        onClick={() => void acknowledge.run({ digest: version.digest, language })}
      >
        {t('acknowledge.verb', { number: String(version.number) })}
      </Button>
    </div>
  );
}
