import { Icon } from '../../ui/icons.tsx';
import { Link } from '../../ui/Link.tsx';
import { useWords } from '../../ui/words.ts';
import { navGroups, navWord, type Page } from '../page.ts';
import classes from './frame.module.css';

/** Entries of the rail by group; only the registers carry a heading, the others are single. */
export function Rail({ pages, onNavigate }: { pages: readonly Page[]; onNavigate?: () => void }) {
  const t = useWords('web');
  return (
    <>
      {navGroups.map((group) => {
        const entries = pages.filter((page) => page.nav?.group === group);
        if (entries.length === 0) return null;
        return (
          <section key={group} className={classes.group} aria-label={t(`group.${group}`)}>
            {entries.length > 1 && <h2 className={classes.groupName}>{t(`group.${group}`)}</h2>}
            <ul>
              {entries.map((page) => (
                <li key={page.path}>
                  <RailLink page={page} {...(onNavigate ? { onNavigate } : {})} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </>
  );
}

function RailLink({ page, onNavigate }: { page: Page; onNavigate?: () => void }) {
  const t = useWords('web');
  if (!page.nav) return null;
  return (
    <Link
      to={page.path}
      className={classes.railLink ?? ''}
      exact={page.path === '/console'}
      {...(onNavigate ? { onClick: onNavigate } : {})}
    >
      <Icon name={page.nav.icon} />
      <span>{t(navWord(page.nav.label))}</span>
    </Link>
  );
}
