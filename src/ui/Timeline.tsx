import type { ReactNode } from 'react';
import { Link } from './Link.tsx';
import { RelativeTime } from './RelativeTime.tsx';
import classes from './timeline.module.css';
import { useWords } from './words.ts';

export type TimelineEntry = {
  readonly id: string;
  /** Instant. */
  readonly at: string;
  /** Who did it: a name, or the kind of an actor that has none. */
  readonly actor?: ReactNode;
  readonly text: ReactNode;
  /** Index in the ledger; shown as a link to the entry. */
  readonly index?: number | undefined;
  readonly detail?: ReactNode;
};

type TimelineProps = {
  entries: readonly TimelineEntry[];
  /** Shown when there is none. */
  empty?: string;
  ledgerPath?: (index: number) => string;
};

/** Who has no name is told by their kind. */
const kinds = ['person', 'token', 'contact', 'system'] as const;

/**
 * What happened to a thing, newest first, each entry with its place in the ledger.
 *
 * @example <Timeline entries={[{ id: e.id, at: e.at, actor: e.actorName, text: t(`event.${e.type}`), index: e.index }]} />
 */
export function Timeline({
  entries,
  empty,
  ledgerPath = (index) => `/console/ledger?open=${index}`,
}: TimelineProps) {
  const t = useWords('ui');
  const named = (actor: ReactNode) => {
    const kind = kinds.find((each) => each === actor);
    return kind ? t(`timeline.actor.${kind}`) : actor;
  };
  if (entries.length === 0) return <p className="kept-soft">{empty ?? t('timeline.empty')}</p>;
  return (
    <ol className={classes.timeline}>
      {entries.map((entry) => (
        <li key={entry.id} className={classes.entry}>
          <div className={classes.text}>{entry.text}</div>
          {entry.detail && <div className={classes.detail}>{entry.detail}</div>}
          <div className={classes.meta}>
            {entry.actor && <span>{named(entry.actor)}</span>}
            <RelativeTime at={entry.at} />
            {entry.index !== undefined && (
              <Link
                to={ledgerPath(entry.index)}
                aria-label={t('timeline.entry', { index: String(entry.index) })}
              >
                #{entry.index}
              </Link>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}
