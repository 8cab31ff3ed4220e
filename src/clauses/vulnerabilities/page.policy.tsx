import { lazy, Suspense, useState } from 'react';
import { formatDate } from '../../ui/format.ts';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { useMay, useReader } from '../../ui/reader.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { ShownPolicy } from './facts.shown.ts';
import { useBacklogApi } from './page.api.ts';
import { ClassMark } from './page.marks.tsx';
import classes from './page.policy.module.css';

const PolicyForm = lazy(() => import('./page.policyform.tsx'));

/** The patch policy: its text, the deadlines of each class, every version; for an officer its change. */
export default function PolicyPage() {
  const t = useWords('clauses/vulnerabilities');
  const place = { language: useLanguage(), zone: useReader().zone };
  const mayChange = useMay('changePatchPolicy');
  const [changing, setChanging] = useState(false);
  const read = useRead(useBacklogApi().listPatchPolicies, {});
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  const [policy, ...earlier] = read.data?.items ?? [];
  if (!policy) return <Page>{null}</Page>;
  const change = { label: t('policy.change'), run: () => setChanging(true) };
  return (
    <Page>
      <PageHeader
        title={t('policy.title')}
        sentence={t('policy.inForce', {
          version: String(policy.version),
          since: formatDate(policy.inForceAt, place),
        })}
        primary={mayChange && !changing ? change : undefined}
      />
      {changing ? (
        <Suspense>
          <PolicyForm key={policy.version} policy={policy} close={() => setChanging(false)} />
        </Suspense>
      ) : (
        <PolicyText policy={policy} />
      )}
      {earlier.length > 0 && (
        <Section title={t('policy.versions')}>
          {earlier.map((each) => (
            <details key={each.version} className={classes.version}>
              <summary>
                {t('policy.versionOf', {
                  version: String(each.version),
                  since: formatDate(each.inForceAt, place),
                  by: changerOf(each),
                })}
              </summary>
              <PolicyText policy={each} />
            </details>
          ))}
        </Section>
      )}
    </Page>
  );
}

/** Who put it in force; the one that ships was put in force by nobody. */
function changerOf({ changedBy }: ShownPolicy): string {
  return changedBy === 'kept' ? 'Kept' : changedBy;
}

function PolicyText({ policy }: { policy: ShownPolicy }) {
  const t = useWords('clauses/vulnerabilities');
  const text = useLanguage() === 'ja' ? policy.textJa : policy.textEn;
  return (
    <>
      <p className={classes.text}>{text}</p>
      <table className={classes.table}>
        <caption>{t('policy.deadlines')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('class')}</th>
            <th scope="col">{t('policy.fromScore')}</th>
            <th scope="col">{t('policy.days')}</th>
          </tr>
        </thead>
        <tbody>
          {policy.classes.map((each) => (
            <tr key={each.class}>
              <th scope="row">
                <ClassMark of={each.class} />
              </th>
              <td>{each.fromScore.toFixed(1)}</td>
              <td>{t('policy.within', { count: each.days })}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">{t('exploited.true')}</th>
            <td />
            <td>{t('policy.within', { count: policy.exploitedDays })}</td>
          </tr>
          <tr>
            <th scope="row">{t('kinds.accepted')}</th>
            <td />
            <td>{t('policy.atMost', { count: policy.acceptanceDays })}</td>
          </tr>
        </tbody>
      </table>
    </>
  );
}
