import { Badge, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { useApi } from '../../ui/api.ts';
import { type DiffLine, type DiffSegment, DiffView } from '../../ui/DiffView.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import classes from './policy-changes.module.css';
import type { routes } from './routes.ts';

type Api = ReturnType<typeof useApi<typeof routes>>;
export type Comparison = Awaited<ReturnType<Api['comparePolicyVersions']>>;
type ClauseChange = Comparison['clauses'][number];
type Run = NonNullable<ClauseChange['changes']['en']>[number];
type PromiseChanged = Comparison['promises']['added'][number];

/** What a version changes: its promises first, then the text, clause by clause. */
export function Changes({ comparison }: { comparison: Comparison }) {
  const t = useWords('clauses/publication');
  const own = useLanguage();
  const published = comparison.to.languages;
  const [language, setLanguage] = useState(published.includes(own) ? own : (published[0] ?? 'en'));
  const changed = comparison.clauses.filter((clause) => clause.kind !== 'same');
  return (
    <>
      <PromiseChanges comparison={comparison} language={language} />
      {published.length > 1 && (
        <SegmentedControl
          size="xs"
          mb="sm"
          aria-label={t('changes.language')}
          value={language}
          onChange={(value) => setLanguage(value === 'ja' ? 'ja' : 'en')}
          data={published.map((value) => ({ value, label: t(`language.${value}`) }))}
        />
      )}
      {changed.length === 0 && <p className="kept-soft">{t('changes.none')}</p>}
      {changed.map((clause) => (
        <ClauseChanges key={clause.clause} clause={clause} language={language} />
      ))}
    </>
  );
}

type Language = 'en' | 'ja';

function PromiseChanges({ comparison, language }: { comparison: Comparison; language: Language }) {
  const t = useWords('clauses/publication');
  const { added, removed, reworded } = comparison.promises;
  if (added.length + removed.length + reworded.length === 0) return null;
  const wordsOf = (promise: PromiseChanged) =>
    promise.words[language] ?? promise.words.en ?? promise.words.ja ?? '';
  return (
    <ul className={classes.promises}>
      {removed.map((promise) => (
        <li key={promise.id} data-kind="removed">
          <StatusMark status="broken">{t('changes.removed', { id: promise.id })}</StatusMark>{' '}
          {wordsOf(promise)}
          {promise.upholders.length > 0 && (
            <span className="kept-soft">
              {' '}
              {t('changes.stillUpheld', { by: promise.upholders.join(', ') })}
            </span>
          )}
        </li>
      ))}
      {added.map((promise) => (
        <li key={promise.id}>
          <strong>{t('changes.added', { id: promise.id })}</strong> {wordsOf(promise)}
          {promise.upholders.length === 0 && (
            <span className="kept-soft"> {t('changes.notUpheld')}</span>
          )}
        </li>
      ))}
      {reworded.map((promise) => (
        <li key={promise.id}>
          <strong>{t('changes.reworded', { id: promise.id })}</strong> {wordsOf(promise)}
        </li>
      ))}
    </ul>
  );
}

function ClauseChanges({ clause, language }: { clause: ClauseChange; language: Language }) {
  const t = useWords('clauses/publication');
  const title = clause.titles[language] ?? clause.titles.en ?? clause.titles.ja ?? clause.clause;
  const runs = clause.changes[language] ?? [];
  return (
    <section className={classes.clause}>
      <h3>
        {title}{' '}
        {clause.kind !== 'changed' && (
          <Badge variant="outline" color="gray" size="sm">
            {t(`changes.kind.${clause.kind}`)}
          </Badge>
        )}
      </h3>
      {runs.length > 0 && <DiffView lines={linesOf(runs)} />}
    </section>
  );
}

/** Runs of a text as lines: where something in a line changed, the line before and the line after. */
export function linesOf(runs: readonly Run[]): DiffLine[] {
  const lines: DiffLine[] = [];
  let before: DiffSegment[] = [];
  let after: DiffSegment[] = [];
  const isChanged = (segments: readonly DiffSegment[]) =>
    segments.some((segment) => segment.changed);
  const end = (which: 'both' | 'removed' | 'added') => {
    // A line that is the same up to where a paragraph was put in or taken out is a line that stayed.
    if (!isChanged(before) && !isChanged(after)) {
      if (after.length > 0) lines.push({ kind: 'same', segments: after });
      before = [];
      after = [];
      return;
    }
    if (which !== 'added' && before.length > 0) lines.push({ kind: 'removed', segments: before });
    if (which !== 'removed' && after.length > 0) lines.push({ kind: 'added', segments: after });
    if (which !== 'added') before = [];
    if (which !== 'removed') after = [];
  };
  for (const { kind, text } of runs) {
    text.split('\n').forEach((part, at) => {
      if (at > 0) end(kind === 'same' ? 'both' : kind);
      if (part === '') return;
      const segment = kind === 'same' ? { text: part } : { text: part, changed: true };
      if (kind !== 'added') before.push(segment);
      if (kind !== 'removed') after.push(segment);
    });
  }
  end('both');
  return lines;
}
