import { Section } from '../../ui/Page.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { FullVersion } from './page.edit.tsx';
import { Lost } from './page.lost.tsx';
import { titleOf } from './page.titles.ts';
import classes from './policy-editor.module.css';

type ProblemsProps = {
  full: FullVersion;
  go: (clause: string, language: 'en' | 'ja' | undefined) => void;
};

/** What stands between the draft and its proposal, and promises that lost their text; each leads to its place. */
export function Problems({ full, go }: ProblemsProps) {
  const t = useWords('clauses/publication');
  const own = useLanguage();
  const errors = full.problems.filter((problem) => problem.severity === 'error').length;
  return (
    <Section title={t('problems.title')}>
      {full.problems.length === 0 && <StatusMark status="kept">{t('problems.none')}</StatusMark>}
      {errors > 0 && <p>{t('problems.errors', { count: errors })}</p>}
      <ul className={classes.problems}>
        {full.problems.map((problem) => {
          const clause = full.clauses.find((each) => each.clause === problem.clause);
          const place = [
            clause && titleOf(clause, own),
            problem.language && t(`language.${problem.language}`),
          ].filter(Boolean);
          return (
            <li
              key={`${problem.code}/${problem.clause}/${problem.language}/${problem.line}/${problem.column}/${problem.params['id'] ?? ''}`}
            >
              <StatusMark status={problem.severity === 'error' ? 'broken' : 'due'}>
                {t(`problems.${problem.code}`, problem.params)}
              </StatusMark>{' '}
              {problem.clause && (
                <button
                  type="button"
                  className={classes.place}
                  onClick={() => go(problem.clause ?? '', problem.language ?? undefined)}
                >
                  {t('problems.place', { place: place.join(' · '), line: problem.line })}
                </button>
              )}
            </li>
          );
        })}
      </ul>
      <Lost lost={full.lost} />
      <Unmarked full={full} />
    </Section>
  );
}

/** Promises that something upholds, and that this text does not make: removed, or never marked. */
function Unmarked({ full }: { full: FullVersion }) {
  const t = useWords('clauses/publication');
  const unmarked = full.upheldButNotInText;
  if (unmarked.length === 0) return null;
  return (
    <details className={classes.unmarked}>
      <summary>{t('problems.unmarked', { count: unmarked.length })}</summary>
      <ul className={classes.problems}>
        {unmarked.map(({ id, upholders }) => (
          <li key={id}>
            <strong>{id}</strong> <span className="kept-soft">{upholders.join(', ')}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
