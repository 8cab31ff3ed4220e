import { PersonLink } from '../../registers/page.PersonLink.tsx';
import type { Fact } from '../../ui/Facts.tsx';
import { formatDate } from '../../ui/format.ts';
import { Link } from '../../ui/Link.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useReader } from '../../ui/reader.tsx';
import { type Language, useLanguage, useWords, type Words } from '../../ui/words.ts';
import type { BacklogDetail } from './facts.shown.ts';
import { ClassMark, Due, stateText } from './page.marks.tsx';

/** Words of an item's facts, and the place whose calendar they speak of. */
export interface ItemWords {
  readonly t: Words;
  readonly place: { readonly language: Language; readonly zone: string };
}

export function useItemWords(): ItemWords {
  const t = useWords('clauses/vulnerabilities');
  return { t, place: { language: useLanguage(), zone: useReader().zone } };
}

/** What is known of an item, in the order in which one decides by it. */
export function factsOfItem(item: BacklogDetail, words: ItemWords): readonly Fact[] {
  const { t } = words;
  return [
    { label: t('number'), value: `V-${item.number}` },
    { label: t('state'), value: stateText(item, t) },
    { label: t('due'), value: <Due item={item} /> },
    { label: t('why'), value: deadlineText(item, words) },
    { label: t('class'), value: <ClassMark of={item.class} score={item.score} /> },
    { label: t('exploitation'), value: <Exploitation item={item} /> },
    {
      label: t('fix'),
      value: <Fix item={item} />,
    },
    { label: t('versions'), value: item.versions.join(t('comma')) },
    {
      label: t('asset'),
      value: <Link to={`/console/systems/${item.system.key}`}>{item.system.name}</Link>,
    },
    { label: t('requirements'), value: requirementsText(item, t) },
    { label: t('assignee'), value: <Assignee item={item} /> },
    {
      label: t('source'),
      value: item.sources.map(({ id, name }) => (
        <span key={id}>
          <Link to={`/console/sources/${id}`}>{name}</Link>{' '}
        </span>
      )),
    },
    { label: t('issue'), value: item.issue && <Issue issue={item.issue} /> },
    { label: t('openedAt'), value: <RelativeTime at={item.openedAt} /> },
    {
      label: t('reopened'),
      value: item.reopened > 0 ? t('reopenedTimes', { count: item.reopened }) : null,
    },
  ];
}

/** Why it is due when it is: the days of its class, and what shortened them. */
export function deadlineText(
  { deadline, countsFrom, dueAt }: Pick<BacklogDetail, 'deadline' | 'countsFrom' | 'dueAt'>,
  words: ItemWords,
): string {
  const { t, place } = words;
  const byClass = t('whyClass', {
    class: t(`classes.${deadline.class}`),
    count: deadline.classDays,
    from: formatDate(countsFrom, place),
    version: String(deadline.policyVersion),
  });
  if (!deadline.shortened || deadline.exploitedDays === null) return byClass;
  // Since we found it, or since it was known to be exploited, whichever is later: that much before it is due.
  const from = new Date(Date.parse(dueAt) - deadline.exploitedDays * 86_400_000).toISOString();
  const shorter = t('whyExploited', {
    count: deadline.exploitedDays,
    from: formatDate(from, place),
  });
  return `${byClass} ${shorter}`;
}

function requirementsText({ requirements }: BacklogDetail, t: Words): string {
  const { confidentiality, integrity, availability } = requirements;
  return t('requirementsOf', {
    c: t(`levels.${confidentiality}`),
    i: t(`levels.${integrity}`),
    a: t(`levels.${availability}`),
  });
}

function Exploitation({ item }: { item: BacklogDetail }) {
  const t = useWords('clauses/vulnerabilities');
  const { exploitation, predicted } = item;
  return (
    <>
      {exploitation ? (
        <>
          {t(exploitation.ransomware ? 'exploited.ransomware' : 'exploited.since')}{' '}
          <RelativeTime at={exploitation.addedOn} />
        </>
      ) : (
        t('exploited.false')
      )}
      {predicted && (
        <div className="kept-soft">
          {t('predicted', {
            percent: (predicted.score * 100).toFixed(1),
            others: (predicted.percentile * 100).toFixed(1),
          })}
        </div>
      )}
    </>
  );
}

function Fix({ item }: { item: BacklogDetail }) {
  const t = useWords('clauses/vulnerabilities');
  if (!item.fixVersion) return t('fixes.none');
  const also = item.clearedTogether;
  return (
    <>
      {t('fixTo', { component: item.component, version: item.fixVersion })}
      {also > 0 && <div className="kept-soft">{t('clearsAlso', { count: also })}</div>}
    </>
  );
}

function Assignee({ item }: { item: BacklogDetail }) {
  const t = useWords('clauses/vulnerabilities');
  if (!item.assignee) return t('assignees.none');
  return <PersonLink id={item.assignee.id} name={item.assignee.name} />;
}

function Issue({ issue }: { issue: NonNullable<BacklogDetail['issue']> }) {
  const t = useWords('clauses/vulnerabilities');
  const text = `${issue.repository}#${issue.number}`;
  return (
    <>
      {/^https:\/\//.test(issue.url) ? (
        <a href={issue.url} target="_blank" rel="noreferrer">
          {text}
        </a>
      ) : (
        text
      )}{' '}
      <span className="kept-soft">
        {t(`issueStates.${issue.state === 'closed' ? 'closed' : 'open'}`)}
      </span>
    </>
  );
}
