import { lazy, Suspense } from 'react';
import { SubjectTimeline } from '../../registers/page.timeline.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { FactsAndTimeline, Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useWords } from '../../ui/words.ts';
import type { BacklogDetail, ShownDecision } from './facts.shown.ts';
import { useItemActs } from './page.acts.tsx';
import { useBacklogApi } from './page.api.ts';
import { factsOfItem, useItemWords } from './page.facts.tsx';
import classes from './page.item.module.css';
import { Severities } from './page.severities.tsx';
import { Sightings } from './page.sightings.tsx';

const Proposed = lazy(() => import('./page.proposed.tsx'));
const VectorEditor = lazy(() => import('./page.vector.tsx'));

/** One item of the backlog: what it is and why it is due when it is, who sees it where, what happened. */
export default function ItemPage() {
  const t = useWords('clauses/vulnerabilities');
  const words = useItemWords();
  const id = useParam('id');
  const read = useRead(useBacklogApi().showBacklogItem, { id });
  const { primary, others, dialogs } = useItemActs(read.data);
  const mayRate = useMay('changeBacklog');
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  const item = read.data;
  if (!item) return <Page>{null}</Page>;
  const closed = item.closedAt !== null;
  return (
    <Page>
      <PageHeader
        above={<Link to="/console/backlog">{t('title')}</Link>}
        title={`${item.vulnerability.name} · ${item.component}`}
        sentence={<Sentence item={item} />}
        primary={primary}
        others={others}
      />
      <FactsAndTimeline
        facts={
          <>
            <Facts facts={factsOfItem(item, words)} />
            <Section title={t('severity')}>
              <Severities item={item} />
              {mayRate && !closed && (
                <Suspense>
                  <VectorEditor key={item.ownVector} item={item} />
                </Suspense>
              )}
            </Section>
            {item.proposed && (
              <Suspense>
                <Proposed item={item} proposed={item.proposed} />
              </Suspense>
            )}
          </>
        }
        timeline={
          <>
            {item.decisions.length > 0 && (
              <Section title={t('decisions')}>
                {item.decisions.map((decision) => (
                  <Decision key={decision.id} decision={decision} />
                ))}
              </Section>
            )}
            <Section title={t('sightings')}>
              <Sightings item={item} />
            </Section>
            <Section title={t('timeline')}>
              <SubjectTimeline subject={`backlog/${item.id}`} />
            </Section>
          </>
        }
      />
      {dialogs}
    </Page>
  );
}

/** The state as one sentence, and what leads out of it. */
function Sentence({ item }: { item: BacklogDetail }) {
  const t = useWords('clauses/vulnerabilities');
  const asked = item.decision?.state === 'asked';
  const until = item.decision?.state === 'approved' ? item.decision.until : null;
  return (
    <>
      {item.vulnerability.summary && `${item.vulnerability.summary} · `}
      {t(asked ? 'sentences.asked' : `sentences.${item.state}`)}
      {until && (
        <>
          {' '}
          {t('until')}: <RelativeTime at={until} />
        </>
      )}
    </>
  );
}

function Decision({ decision }: { decision: ShownDecision }) {
  const t = useWords('clauses/vulnerabilities');
  return (
    <div className={classes.decision}>
      <p>
        <strong>{t(`kinds.${decision.kind}`)}</strong> · {t(`decisionStates.${decision.state}`)}
      </p>
      <Facts
        facts={[
          {
            label: t('justification'),
            value: decision.justification && t(`justifications.${decision.justification}`),
          },
          { label: t('reason'), value: <span className={classes.text}>{decision.reason}</span> },
          { label: t('until'), value: <RelativeTime at={decision.until} /> },
          {
            label: t('askedBy'),
            value: (
              <>
                {decision.askedBy?.name ?? t('statedBy', { tool: decision.reporter ?? '' })} ·{' '}
                <RelativeTime at={decision.askedAt} />
              </>
            ),
          },
          {
            label: t('decidedBy'),
            value: decision.decidedBy && decision.decidedAt && (
              <>
                {decision.decidedBy.name} · <RelativeTime at={decision.decidedAt} />
              </>
            ),
          },
          {
            label: t('note'),
            value: decision.note && <span className={classes.text}>{decision.note}</span>,
          },
        ]}
      />
    </div>
  );
}
