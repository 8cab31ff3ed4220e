import { Link } from '../../ui/Link.tsx';
import { useWords } from '../../ui/words.ts';
import type { BacklogDetail } from './facts.shown.ts';
import classes from './page.item.module.css';

/** What each publisher says, side by side, and which of it counts here. */
export function Severities({ item }: { item: BacklogDetail }) {
  const t = useWords('clauses/vulnerabilities');
  const given = item.advisories.flatMap((advisory) =>
    advisory.severities.length > 0
      ? advisory.severities.map(({ type, score }) => ({ by: advisory.id, type, vector: score }))
      : [{ by: advisory.id, type: '', vector: '' }],
  );
  const inForce = item.ownCounts ? item.ownVector : item.vector;
  return (
    <>
      <p>
        <Link to={`/console/vulnerabilities/${encodeURIComponent(item.vulnerability.name)}`}>
          {item.names.join(' · ') || item.vulnerability.name}
        </Link>
      </p>
      <div className={classes.scroll}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t('publishedBy')}</th>
              <th scope="col">{t('vector')}</th>
            </tr>
          </thead>
          <tbody>
            {item.ownVector && (
              <tr>
                <td>{t('ownVector')}</td>
                <td className={classes.vector}>
                  <code className="kept-code">{item.ownVector}</code>{' '}
                  {t(item.ownCounts ? 'counts' : 'ownWaits')}
                </td>
              </tr>
            )}
            {given.map(({ by, type, vector }) => (
              <tr key={`${by} ${type} ${vector}`}>
                <td>{by}</td>
                <td className={classes.vector}>
                  {vector ? <code className="kept-code">{vector}</code> : t('noVector')}
                  {vector !== '' && vector === inForce && ` ${t('counts')}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
