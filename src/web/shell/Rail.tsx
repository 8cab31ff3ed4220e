import { useRouterState } from '@tanstack/react-router';
import { useId } from 'react';
import { Icon } from '../../ui/icons.tsx';
import { Link } from '../../ui/Link.tsx';
import { useWords } from '../../ui/words.ts';
import { type NavGroup, navGroups, navWord, type Page } from '../page.ts';
import classes from './frame.module.css';
import { useGroups } from './useGroups.ts';

type RailProps = { pages: readonly Page[]; onNavigate?: () => void };

/** Entries of the rail by group; a group of several has a heading that opens and closes it. */
export function Rail({ pages, onNavigate }: RailProps) {
  const { isOpen, turn } = useGroups(pages.length);
  return (
    <>
      {navGroups.map((group) => {
        const entries = pages.filter((page) => page.nav?.group === group);
        if (entries.length === 0) return null;
        return (
          <Group
            key={group}
            group={group}
            entries={entries}
            open={entries.length === 1 || isOpen(group)}
            turn={() => turn(group)}
            {...(onNavigate ? { onNavigate } : {})}
          />
        );
      })}
    </>
  );
}

type GroupProps = {
  group: NavGroup;
  entries: readonly Page[];
  open: boolean;
  turn: () => void;
  onNavigate?: () => void;
};

function Group({ group, entries, open, turn, onNavigate }: GroupProps) {
  const t = useWords('web');
  const id = useId();
  const here = useRouterState({ select: ({ location }) => location.pathname });
  // Where the reader is stays in sight in a group that is closed.
  const shown = open ? entries : entries.filter((page) => isWithin(here, page.path));
  return (
    <section className={classes.group} aria-label={t(`group.${group}`)}>
      {entries.length > 1 && (
        <h2 className={classes.groupName}>
          <button
            type="button"
            className={classes.groupButton}
            aria-expanded={open}
            aria-controls={id}
            onClick={turn}
          >
            {t(`group.${group}`)}
            <Icon name={open ? 'up' : 'down'} size={12} />
          </button>
        </h2>
      )}
      <ul id={id}>
        {shown.map((page) => (
          <li key={page.path}>
            <RailLink page={page} {...(onNavigate ? { onNavigate } : {})} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function isWithin(here: string, path: string): boolean {
  return here === path || here.startsWith(`${path}/`);
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
