import { StatusMark } from '../../ui/StatusMark.tsx';
import { useWords } from '../../ui/words.ts';
import type { FullVersion } from './page.edit.tsx';
import classes from './policy-editor.module.css';

/** Promises that something upheld when the version was published, and that it upholds no more. */
export function Lost({ lost }: Pick<FullVersion, 'lost'>) {
  const t = useWords('clauses/publication');
  if (lost.length === 0) return null;
  return (
    <>
      <p>
        <StatusMark status="broken">{t('problems.lost', { count: lost.length })}</StatusMark>
      </p>
      <ul className={classes.problems}>
        {lost.map(({ id, upholders }) => (
          <li key={id}>
            <strong>{id}</strong> <span className="kept-soft">{upholders.join(', ')}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
