import { Link } from '../../ui/Link.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { BacklogDetail } from './facts.shown.ts';
import classes from './page.item.module.css';
import { reporterText } from './page.marks.tsx';

type Sighting = BacklogDetail['sightings'][number];

/** Who sees the item where, in which version, by which path, and until when. */
export function Sightings({ item }: { item: Pick<BacklogDetail, 'sightings'> }) {
  const t = useWords('clauses/vulnerabilities');
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t('source')}</th>
            <th scope="col">{t('versions')}</th>
            <th scope="col">{t('path')}</th>
            <th scope="col">{t('seen')}</th>
          </tr>
        </thead>
        <tbody>
          {item.sightings.map((each) => (
            <tr
              key={`${each.source.id} ${each.reporter} ${each.version}`}
              data-gone={each.goneAt !== null}
            >
              <td>
                <Link to={`/console/sources/${each.source.key}`}>{each.source.name}</Link>
                <div className="kept-soft">{reporterText(each.reporter, t)}</div>
              </td>
              <td className={classes.vector}>
                {each.version}
                {each.fixedIn && (
                  <div className="kept-soft">{t('fixedIn', { version: each.fixedIn })}</div>
                )}
              </td>
              <td>{pathText(each, t)}</td>
              <td>
                <Seen sighting={each} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Seen({ sighting }: { sighting: Sighting }) {
  const t = useWords('clauses/vulnerabilities');
  if (sighting.goneAt)
    return (
      <>
        {t('gone')} <RelativeTime at={sighting.goneAt} />
      </>
    );
  return (
    <>
      <RelativeTime at={sighting.lastSeenAt} />
      <div className="kept-soft">
        {t('firstSeen')} <RelativeTime at={sighting.firstSeenAt} />
      </div>
    </>
  );
}

/** Why it is here: from what the software asks for to the component. */
function pathText({ path, isDevelopment, goneAt }: Sighting, t: Words): string {
  if (goneAt) return '';
  const way =
    path === null ? t('pathUnknown') : path.length <= 1 ? t('pathDirect') : path.join(' › ');
  return isDevelopment ? `${way} (${t('development')})` : way;
}
